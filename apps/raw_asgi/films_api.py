r"""A service of somebody else's: slow, limited, and sometimes failing.

The exhibits after this one ask it, and it makes them every trouble that an outside service makes. Each film
takes `delay` seconds. Of the requests, `trouble` percent fail: which of them, and how, follows from `seed`,
the film and the number of the attempt, so that whoever asks the same gets the same. And it answers no more
than `capacity` requests at once.

    scope http GET /raw/films_api/2?delay=0
    receive http.request
    send http.response.start status=200
        content-type: application/json
    send http.response.body body=b'{"title": "Metropolis", "year": 1927}'
    return

It says what is wrong with a request that cannot be answered now, and when to come again:

    scope http GET /raw/films_api/2?delay=0&trouble=50&seed=17
    receive http.request
    send http.response.start status=429
        content-type: application/json
        retry-after: 1
    send http.response.body body=b'{"error": "too many requests"}'
    return

Asked once more, it answers:

    scope http GET /raw/films_api/2?delay=0&trouble=50&seed=17&attempt=2
    receive http.request
    send http.response.start status=200
        content-type: application/json
    send http.response.body body=b'{"title": "Metropolis", "year": 1927}'
    return

Try it, as a part of this site and as a service of its own:

    curl -i 'http://localhost:8000/raw/films_api/2?trouble=50&seed=17'
    python -m servers uvicorn --app apps.raw_asgi.films_api:app --port 8001
    curl -i 'http://localhost:8001/2?trouble=50&seed=17'
"""

import asyncio
import hashlib
import json
from urllib.parse import parse_qsl

TITLES = {
    "1": ("The General", 1926),
    "2": ("Metropolis", 1927),
    "3": ("Sunrise", 1927),
    "4": ("M", 1931),
    "5": ("City Lights", 1931),
    "6": ("Modern Times", 1936),
    "7": ("Casablanca", 1942),
    "8": ("Rashomon", 1950),
    "9": ("Tokyo Story", 1953),
    "10": ("Seven Samurai", 1954),
    "11": ("Pather Panchali", 1955),
    "12": ("Vertigo", 1958),
}
TROUBLES = ("refused", "unavailable", "slow", "garbage")
SLOW = 30  # seconds: longer than anybody waits

# What is being answered, in this process.
answering = set()


def trouble_with(film, attempt, seed, trouble):
    """The trouble with an attempt, or None: the same whenever it is asked for, and wherever."""
    dice = hashlib.sha256(f"{seed} {film} {attempt}".encode()).digest()
    return TROUBLES[dice[1] % len(TROUBLES)] if dice[0] * 100 < trouble * 256 else None


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"films_api speaks http, not {scope['type']}")
    if scope["method"] not in ("GET", "HEAD"):
        headers = [(b"allow", b"GET, HEAD"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return
    while (event := await receive()).get("more_body"):
        pass
    if event["type"] == "http.disconnect":
        return

    film = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    more, is_cut = [], False
    try:
        delay, trouble = float(query.get("delay", "0.2")), int(query.get("trouble", "0"))
        seed, attempt = int(query.get("seed", "1")), int(query.get("attempt", "1"))
        capacity = int(query.get("capacity", "8"))
        if not (0 <= delay <= 10 and 0 <= trouble <= 100 and 1 <= capacity <= 100):
            raise ValueError
    except ValueError:
        allowed = (
            "delay is 0 to 10 seconds, trouble 0 to 100 percent, capacity 1 to 100, seed and attempt numbers"
        )
        status, answer = 400, {"error": allowed}
    else:
        kind = trouble_with(film, attempt, seed, trouble)
        if film == "":
            status, answer = 200, {"films": list(TITLES)}
        elif film not in TITLES:
            status, answer = 404, {"error": "films are 1 to 12"}
        elif kind == "refused" or len(answering) >= capacity:
            # Refused at once: an answer that tells you to come later should not itself take long.
            status, answer = 429, {"error": "too many requests"}
            more = [(b"retry-after", b"1")]
        else:
            gone = asyncio.ensure_future(receive())
            answering.add(gone)
            try:
                await asyncio.wait({gone}, timeout=SLOW if kind == "slow" else delay)
                is_gone = gone.done()
            finally:
                answering.discard(gone)
                gone.cancel()
            if is_gone:
                return
            if kind == "unavailable":
                status, answer = 503, {"error": "down for a moment"}
            else:
                title, year = TITLES[film]
                is_cut = kind == "garbage"
                status, answer = 200, {"title": title, "year": year}

    body = json.dumps(answer).encode()
    if is_cut:
        # Half of an answer, and nothing of HTTP says so: the status is 200, and the body has its end.
        body = body[: len(body) // 2]
    headers = [(b"content-type", b"application/json"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
