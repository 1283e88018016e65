"""Many requests at once: what a script draws, and where it leads without one."""

from html import escape

from ..waterfall import Waterfalls
from .compare import embedded
from .layout import Frame, layout, prose

WATERFALL = """\
<h1>Waterfall</h1>
<p class="lead">Many requests at once. Each has a lane, all lanes have one clock, and beneath them is the
event loop: where it rises, nobody is served.</p>
{ways}{tiles}
<script type="application/json" id="waterfalls">{data}</script>
"""

WAYS = """\
<h2 id="ways">Twenty requests, and whom they hold up</h2>
<p>Choose a way for each. They are asked one after the other, and drawn to one scale; what holds the event
loop holds up all of this site, this page too, for as long as it lasts.</p>
<div class="waterfalls" data-ways>
<noscript><ul>{links}</ul></noscript>
</div>
"""

TILES = """\
<h2 id="tiles">{count} pictures, and the version of HTTP</h2>
<p>This browser asks for all of them at once. Over HTTP/1.1 it opens a handful of connections, and each
carries one request at a time; over HTTP/2 one connection carries many. Dots are the time until a request was
sent, and a bar is the time until its answer was there.</p>
<div class="waterfalls one" data-tiles>
<noscript><p><a href="{path}">The pictures</a></p></noscript>
</div>
<p class="faint">{hint}</p>
"""


def waterfall(frame: Frame, found: Waterfalls) -> str:
    """The page: forms and drawings are made by its script."""
    links = "".join(
        f'<li><a href="{escape(frame.site + path)}/waterfall">{escape(title)}</a></li>'
        for title, path in found.ways.items()
    )
    data = {
        "ways": [[title, frame.site + path] for title, path in found.ways.items()],
        "tiles": frame.site + found.tiles if found.tiles else "",
        "count": found.count,
    }
    body = WATERFALL.format(
        ways=WAYS.format(links=links) if found.ways else "",
        tiles=TILES.format(count=found.count, path=escape(frame.site + found.tiles), hint=prose(found.hint))
        if found.tiles
        else "",
        data=embedded(data),
    )
    return layout(
        frame, "Waterfall", body, styles=["servers"], scripts=["waterfall"], current=f"{frame.root}/waterfall"
    )
