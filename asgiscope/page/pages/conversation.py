"""One conversation."""

from html import escape

from ...conversation import Conversation
from ...timeline import render
from ..drawing import title_of
from .layout import Frame, layout

CONVERSATION = """\
<h1 class="code">{title}</h1>
<div class="bar"><span class="faint">{type}{version}</span> {links}
<a href="{compare}">compare with …</a></div>
<div data-conversation="{id}"><pre class="text">{text}</pre></div>
"""

TAKEN = {
    "curl": "curl",
    "har": "HAR",
    "json": "JSON",
    "text": "text",
    "test": "test",
}
"""What a conversation can be taken away as."""


def conversation(frame: Frame, found: Conversation) -> str:
    """One conversation: as text, which a script replaces by a drawing."""
    scope = found.scope
    title = title_of(scope)
    version = f", HTTP/{scope['http_version']}" if scope.get("http_version") else ""
    base = f"{frame.root}/conversations/{found.id}"
    links = " ".join(
        f'<a class="taken" href="{escape(base)}/{what}" data-copy="{what}">as {words}</a>'
        for what, words in TAKEN.items()
    )
    body = CONVERSATION.format(
        type=escape(str(scope.get("type"))),
        version=escape(version),
        title=escape(title),
        links=links,
        compare=escape(f"{frame.root}/compare/{found.id}"),
        id=found.id,
        text=escape(render(found)),
    )
    return layout(frame, title, body, styles=["timeline"], scripts=["conversation"], current=f"{frame.root}/")
