"""One request on every server, as a table of what differs."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from ..servers import Cell, Row, Section, Told
from .layout import Frame, layout

FORM = """\
<h1>Servers</h1>
<p class="lead">The same request to every server that is installed. Each is started beside this one, with this
same application; it is asked once, and stopped. What each of them made of it stands side by side.</p>
{matrix}{error}
<form id="ask" class="ask" method="post" action="{root}/servers">
<div class="bar">
<select name="method" aria-label="method">{methods}</select>
<input name="target" class="code target" value="{target}" aria-label="path" required maxlength="2000">
<select name="http" aria-label="version of HTTP">{versions}</select>
<button id="send">Ask them all</button>
<span id="status" class="faint" role="status"></span>
</div>
<div class="fields">
<label>Headers, one in a line
<textarea name="headers" class="code" rows="3" spellcheck="false">{headers}</textarea></label>
<label>Body
<textarea name="body" class="code" rows="3" spellcheck="false">{body}</textarea></label>
</div>
</form>
{table}"""

TABLE = """\
<h2 id="table">What they made of it</h2>
{errors}<p class="only"><input type="checkbox" id="only" checked>
<label for="only">only what differs</label></p>
<p class="faint">In each line, <b class="sign">≠</b> stands where a server says what most of them do not.</p>
<div class="across" tabindex="0" role="region" aria-labelledby="table">
<table class="servers">
<thead><tr><th></th>{servers}</tr></thead>
{sections}</table>
</div>
"""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
VERSIONS = {"1": "HTTP/1.1", "2": "HTTP/2, in clear text"}


def servers(
    frame: Frame,
    asked: Mapping[str, str],
    told: Sequence[Told] = (),
    sections: Sequence[Section] = (),
    *,
    error: str = "",
    matrix: str = "",
) -> str:
    """The form, with what was asked, and what has become of it. `matrix` is a sentence, as HTML."""
    body = FORM.format(
        root=escape(frame.root),
        methods="".join(options(dict(zip(METHODS, METHODS, strict=True)), asked.get("method", "GET"))),
        target=escape(asked.get("target", "/")),
        versions="".join(options(VERSIONS, asked.get("http", "1"))),
        # A line feed right behind the tag is not part of the text (HTML, 13.1.2.5), so it gets one of ours.
        headers=f"\n{escape(asked.get('headers', ''))}",
        body=f"\n{escape(asked.get('body', ''))}",
        matrix=matrix,
        error=f'<p class="error" role="alert">{escape(error)}</p>' if error else "",
        table=table(told, sections) if told else "",
    )
    return layout(
        frame, "Servers", body, styles=["servers"], scripts=["servers"], current=f"{frame.root}/servers"
    )


def options(choices: Mapping[str, str], chosen: str) -> Iterator[str]:
    """The options of a select."""
    for value, words in choices.items():
        selected = " selected" if value == chosen else ""
        yield f'<option value="{escape(value)}"{selected}>{escape(words)}</option>'


def table(told: Sequence[Told], sections: Sequence[Section]) -> str:
    """The table, and sentences about servers that have no part in it."""
    errors = "".join(
        f"<li><b>{escape(one.server)}</b>: {escape(one.error)}</li>\n" for one in told if one.error
    )
    servers = "".join(
        f'<th scope="col">{escape(one.server)} <span class="faint">{escape(one.version)}</span></th>'
        for one in told
    )
    return TABLE.format(
        errors=f'<ul class="errors">\n{errors}</ul>\n' if errors else "",
        servers=servers,
        sections="".join(section(found, len(told)) for found in sections),
    )


def section(found: Section, columns: int) -> str:
    """A part of the table."""
    differing = sum(row.differs for row in found.rows)
    count = f"{differing} of {len(found.rows)} differ" if differing else f"{len(found.rows)} and none differs"
    title = (
        f'<tr class="title"><th colspan="{columns + 1}" scope="rowgroup"><span>{escape(found.title)} '
        f'<span class="faint">{count}</span></span></th></tr>\n'
    )
    return f"<tbody>\n{title}{''.join(map(line, found.rows))}</tbody>\n"


def line(row: Row) -> str:
    """A row of the table."""
    cells = "".join(map(cell, row.cells))
    kind = "some" if row.differs else "same"
    return f'<tr class="{kind}"><th scope="row">{escape(row.what)}</th>{cells}</tr>\n'


def cell(one: Cell) -> str:
    """What one server says; what is unusual has a sign."""
    if not one.heard:
        return '<td class="faint">·</td>'
    sign = "" if one.usual else '<b class="sign" title="differs from most">≠</b> '
    text = '<i class="faint">is not there</i>' if one.text is None else escape(one.text)
    return f"<td{'' if one.usual else ' class=unusual'}>{sign}{text}</td>"
