"""How fast the servers are: a table for each version of HTTP, with a bar in each cell."""

from collections.abc import Iterator, Sequence
from html import escape

from ..speed import Pace, Rate, Speed
from .layout import Frame, layout

SPEED = """\
<p class="faint place"><a href="{root}/servers">Servers</a></p>
<h1>How fast the servers are</h1>
<p class="lead">The same few exhibits on every server, in turns. A server that is fast because it leaves
something out is no faster: <a href="{root}/servers/matrix">which server keeps which clause</a> says what they
do.</p>
{tables}<p class="faint">{conditions} Measured on {day}.</p>
{troubles}"""

TABLE = """\
<h2 id="{id}">Answers a second over {http}</h2>
<div class="across" tabindex="0" role="region" aria-labelledby="{id}">
<table class="speed">
<thead><tr>{columns}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</div>
"""

BAR = (
    '<svg class="rate" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
    '<rect width="{share:.1f}" height="1"/></svg>'
)


def speed(frame: Frame, found: Speed) -> str:
    """All of it."""
    body = SPEED.format(
        root=escape(frame.root),
        tables="".join(table(http, paces) for http, paces in found.paces.items()),
        conditions=escape(found.conditions),
        day=escape(found.made.partition("T")[0]),
        troubles="".join(f'<p class="faint">{escape(trouble)}</p>\n' for trouble in found.troubles),
    )
    return layout(
        frame, "How fast the servers are", body, styles=["servers"], current=f"{frame.root}/servers"
    )


def table(http: str, paces: Sequence[Pace]) -> str:
    """The servers over one version of HTTP, exhibit by exhibit."""
    exhibits = [*dict.fromkeys(exhibit for pace in paces for exhibit in pace.rates)]
    columns = ("server", *exhibits, "memory", "start")
    return TABLE.format(
        id=escape(http.lower().replace("/", "-").replace(".", "-")),
        http=escape(http),
        columns="".join(f'<th scope="col">{escape(column)}</th>' for column in columns),
        rows="".join(rows(paces, exhibits)),
    )


def rows(paces: Sequence[Pace], exhibits: Sequence[str]) -> Iterator[str]:
    """A row for each server; a bar is as long as its rate is beside the highest of its column."""
    highest = {
        exhibit: max((rate.median for pace in paces if (rate := pace.rates.get(exhibit))), default=0.0)
        for exhibit in exhibits
    }
    for pace in paces:
        cells = "".join(cell(pace.rates.get(exhibit), highest[exhibit]) for exhibit in exhibits)
        memory = "–" if pace.memory is None else f"{pace.memory / 1e6:.0f} MB"
        start = "–" if pace.start is None else f"{pace.start:.1f} s"
        yield f'<tr><th scope="row">{escape(pace.server)}</th>{cells}<td>{memory}</td><td>{start}</td></tr>\n'


def cell(rate: Rate | None, highest: float) -> str:
    """A rate, how far its rounds lie apart, and its bar."""
    if rate is None or not highest:
        return "<td>–</td>"
    digits = 0 if rate.median >= 100 else 1
    apart = f"±{100 * rate.half / rate.median:.0f} %"
    share = BAR.format(share=100 * rate.median / highest)
    return f'<td>{rate.median:.{digits}f} <span class="faint">{apart}</span>{share}</td>'
