"""The list of conversations."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from .layout import Frame, layout

LIVE = """\
<h1>Live</h1>
<p class="faint">What this server is asked, and what it answers, as it happens; the newest first.</p>
<form id="filters" class="bar">
<input name="path" type="search" placeholder="method or path" aria-label="method or path">
<select name="type" aria-label="type"><option value="">any type</option>
<option>http</option><option>websocket</option><option>lifespan</option></select>
<select name="only" aria-label="only"><option value="">all of them</option>
<option value="broken">a clause is broken</option><option value="failed">failed</option>
<option value="open">open</option><option value="slow">slower than 100 ms</option>
<option value="stalled">stalled</option></select>
<input name="status" inputmode="numeric" size="6" placeholder="status" aria-label="status">
<button type="button" id="pause" aria-pressed="false">Pause</button>
<span id="status" class="faint" role="status"></span>
</form>
<table id="rows" class="rows">
<thead><tr><th>request</th><th>result</th><th class="number">took</th><th class="number wide">events</th>
<th class="wide">in time</th><th>noticed</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
<noscript><p class="faint">Without scripts, this list shows what there was when it was loaded.</p></noscript>
"""


def live(frame: Frame, rows: Sequence[Mapping[str, Any]]) -> str:
    """The list of conversations, newest first."""
    body = LIVE.format(rows="".join(lines(frame, rows)))
    return layout(frame, "Live", body, styles=["live"], scripts=["live"], current=f"{frame.root}/")


def lines(frame: Frame, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The rows of the table."""
    for row in rows:
        name = f"{row['method'] or row['type']} {row['path']}"
        took = "" if row["took"] is None else f"{row['took'] / 1e6:.3g} ms"
        broken = f'<span class="mark must">{row["musts"]} must</span>' if row["musts"] else ""
        yield (
            f'<tr data-id="{row["id"]}"><td><a class="code" '
            f'href="{escape(frame.root)}/conversations/{row["id"]}">{escape(name)}</a></td>'
            f'<td>{escape(str(row["status"] or row["how"]))}</td><td class="number">{took}</td>'
            f'<td class="number wide">{row["events"]}</td><td class="wide"></td><td>{broken}</td></tr>\n'
        )
