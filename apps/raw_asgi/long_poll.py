r"""Long polling: the answer waits until there is something to say.

The oldest trick for news from the server needs nothing but a request that is not answered yet. Three
things can end the wait, and you wait for all of them at once: news, the client's leaving, and the clock.

Nobody has anything to say, and `wait` runs out:

    scope http GET /raw/long_poll?wait=0.01
    receive http.request
    send http.response.start status=204
        cache-control: no-store
    send http.response.body
    return

The client leaves. Nobody is there to be answered, so nothing is sent:

    scope http GET /raw/long_poll
    receive http.request
    receive http.disconnect
    return

Somebody posts, and everyone who waits gets it:

    scope http POST /raw/long_poll
    receive http.request body=b'Hello!'
    send http.response.start status=200
        cache-control: no-store
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'delivered to 0 waiting\n'
    return

Try it, in two terminals:

    curl -i http://localhost:8000/raw/long_poll
    curl -d 'Hello!' http://localhost:8000/raw/long_poll
"""

import asyncio
from urllib.parse import parse_qsl

LIMIT = 64 * 1024  # bytes of one piece of news

# Everyone who waits, in this process: another worker has a set of its own.
waiting = set()


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"long_poll speaks http, not {scope['type']}")
    # No HEAD: to wait for news and then leave it out would help nobody.
    if scope["method"] not in ("GET", "POST"):
        headers = [(b"allow", b"GET, POST"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # Read the body to its end: POST needs it, and for GET only then does the next event mean that the
    # client has left. What is over the limit is read too, and dropped.
    body, size, more_body = b"", 0, True
    while more_body:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        piece, more_body = event.get("body", b""), event.get("more_body", False)
        size += len(piece)
        if size <= LIMIT:
            body += piece

    # The next answer will be a different one, so no cache may keep this one.
    no_store = (b"cache-control", b"no-store")
    headers = [no_store, (b"content-type", b"text/plain; charset=utf-8")]
    if scope["method"] == "POST":
        # To hand over news is to give a waiting future its result. Nothing is awaited in between, so
        # nobody can come or go while the news is handed round.
        try:
            if size > LIMIT:
                status, answer = 413, f"news is at most {LIMIT} bytes\n"
            else:
                body.decode()
                heard = [news for news in waiting if not news.done()]
                for news in heard:
                    news.set_result(body)
                status, answer = 200, f"delivered to {len(heard)} waiting\n"
        except UnicodeDecodeError:
            status, answer = 400, "news is text, in UTF-8\n"
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.encode()})
        return

    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        wait = float(query.get("wait", "30"))
        if not 0.01 <= wait <= 60:
            raise ValueError
    except ValueError:
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": b"wait is 0.01 to 60 seconds\n"})
        return

    news = asyncio.get_running_loop().create_future()
    gone = asyncio.ensure_future(receive())
    waiting.add(news)
    try:
        await asyncio.wait({news, gone}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        is_gone = gone.done()
    finally:
        # This runs too when the server cancels the task: a request that no longer waits must not stay in
        # the set.
        waiting.discard(news)
        gone.cancel()

    if news.done():
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": news.result()})
    elif not is_gone:
        # 204 has no body by definition, and the event that ends the response is still owed.
        await send({"type": "http.response.start", "status": 204, "headers": [no_store]})
        await send({"type": "http.response.body"})
