"""What is mounted where: raw ASGI applications and Django side by side, behind one router.

Any server takes it as it is:

    uvicorn asgi:application
    hypercorn asgi:application
"""

from importlib import import_module

from apps.catalogue import CATALOGUE, page
from apps.django_site.asgi import application as django
from router import Receive, Router, Scope, Send, not_found


async def front_page(scope: Scope, receive: Receive, send: Send) -> None:
    """List the catalogue at "/"; elsewhere, nothing is mounted."""
    root_path = scope.get("root_path", "")
    if scope["type"] != "http" or scope["path"] not in (root_path, f"{root_path}/"):
        await not_found(scope, receive, send)
        return
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else page(root_path).encode()
    await send({"type": "http.response.body", "body": body})


application = Router(
    {
        **{e.raw: import_module(f"apps.raw_asgi.{e.slug}").app for e in CATALOGUE},
        "/django": django,
    },
    default=front_page,
)
