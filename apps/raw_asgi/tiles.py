r"""Two hundred slow pictures: what HTTP/2 is for.

A browser opens at most six HTTP/1.1 connections to one host, and each carries one request at a time. With
200 tiles that take a tenth of a second each, that is some 34 rounds. HTTP/2 carries as many at once as the
server allows, often a hundred, over one connection. The application is the same in both cases: the server
calls it once for each tile, and the loop holds the calls side by side.

    scope http GET /raw/tiles/7.svg?delay=0
    receive http.request
    send http.response.start status=200
        content-type: image/svg+xml
        cache-control: no-store
    send http.response.body body=b'<svg ... fill="hsl(12 60% 50%)"/></svg>\n'
    return

Try it in a browser, once over each, and read the time below the tiles:

    python -m servers uvicorn            # http://localhost:8000/raw/tiles
    python -m servers hypercorn --tls    # https://localhost:8000/raw/tiles
"""

import asyncio
from urllib.parse import parse_qsl, quote

COUNT = 200

PAGE = """\
<!doctype html>
<meta charset="utf-8">
<title>Tiles</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem }
  div { display: grid; grid-template-columns: repeat(25, 1.5rem); gap: 2px; min-height: 15rem }
  img { width: 1.5rem; height: 1.5rem }
</style>
<div>%s</div>
<p id="time">Loading &hellip;</p>
<script>
  addEventListener("load", () => {
    const tiles = performance.getEntriesByType("resource").filter((e) => e.initiatorType === "img");
    const began = Math.min(...tiles.map((t) => t.startTime));
    const ended = Math.max(...tiles.map((t) => t.responseEnd));
    const protocol = tiles[0].nextHopProtocol;
    document.getElementById("time").textContent =
      `${tiles.length} tiles over ${protocol} in ${Math.round(ended - began)} ms`;
  });
</script>
"""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"tiles speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    root_path = scope.get("root_path", "")
    name = scope["path"].removeprefix(root_path).strip("/")
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    tiles = {f"{n}.svg": n for n in range(COUNT)}
    kind = b"text/plain; charset=utf-8"
    try:
        delay = float(query.get("delay", "0.1"))
        if not 0 <= delay <= 10:
            raise ValueError
    except ValueError:
        status, body = 400, b"delay is 0 to 10 seconds\n"
    else:
        if name == "":
            folder = quote(root_path)
            sources = (f'<img alt="" src="{folder}/{tile}?delay={delay:g}">' for tile in tiles)
            status, kind, body = 200, b"text/html; charset=utf-8", (PAGE % "".join(sources)).encode()
        elif name in tiles:
            # Whoever closes the page does not wait for the rest of it, and neither do you.
            gone = asyncio.ensure_future(receive())
            try:
                await asyncio.wait({gone}, timeout=delay)
                is_gone = gone.done()
            finally:
                gone.cancel()
            if is_gone:
                return
            hue = tiles[name] * 360 // COUNT
            square = f'<path d="M0 0h9v9H0z" fill="hsl({hue} 60% 50%)"/>'
            svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{square}</svg>\n'
            status, kind, body = 200, b"image/svg+xml", svg.encode()
        else:
            status, body = 404, b"Tiles are 0.svg to 199.svg\n"

    # Kept in no cache, so that each look at the page asks for all of them anew.
    headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
