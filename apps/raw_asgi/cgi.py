r"""CGI: a process for every request, the ancestor of all this (RFC 3875).

In 1993 a web server answered a request by starting a program. What the request said went into environment
variables, its body to standard input, and what the program printed was the response. No library, any
language, and a crash hurts nobody else: the whole price is the start of a process. WSGI kept the variables,
as a dict, and dropped the process; ASGI made them the scope, and lets the conversation go on.

    scope http POST /raw/cgi/some/path?a=1
        content-type: text/plain
    receive http.request body=b'Hello?'
    send http.response.start status=200
        content-type: text/plain; charset=utf-8
    send http.response.body body=b'Hello from process ...\nHello?\n'
    return

Try it, twice, and compare the process ids:

    curl -d 'Hello?' 'http://localhost:8000/raw/cgi/some/path?a=1'
"""

import asyncio
import os
import sys

LIMIT = 64 * 1024  # bytes of a request body, and as many of an environment
TIMEOUT = 10  # seconds that a program may take
# Processes are costly: at most eight at a time. Further requests wait, and the wait counts towards TIMEOUT.
turns = asyncio.Semaphore(8)

# This is the program. It knows nothing of the web but its environment and its standard streams.
PROGRAM = r"""
import os, sys
print("Status: 200 OK")
print("Content-Type: text/plain; charset=utf-8")
print()
print(f"Hello from process {os.getpid()}!")
for name in sorted(os.environ):
    print(name, "=", os.environ[name])
if os.environ["REQUEST_METHOD"] == "POST":
    print()
    print(sys.stdin.read(int(os.environ.get("CONTENT_LENGTH", 0))))
"""


def environment(scope, length):
    """The variables of RFC 3875, section 4.1, from a scope. WSGI has kept their names."""
    root_path = scope.get("root_path", "")
    host, port = scope.get("server") or ("localhost", None)
    variables = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "raw_asgi",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root_path,
        "PATH_INFO": scope["path"].removeprefix(root_path),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
    }
    if length:
        variables["CONTENT_LENGTH"] = str(length)
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        # A header `proxy` would become HTTP_PROXY, which programs take for a setting of their own: a client
        # could send their requests wherever it likes. Credentials are not passed on either (4.1.18).
        if key == "CONTENT_TYPE":
            variables[key] = value.decode("latin-1")
        elif key not in ("PROXY", "AUTHORIZATION", "CONTENT_LENGTH"):
            # A variable is there once, so a header that comes twice is joined, cookies in their own way.
            earlier, glue = variables.get(f"HTTP_{key}"), "; " if key == "COOKIE" else ", "
            text = value.decode("latin-1")
            variables[f"HTTP_{key}"] = text if earlier is None else earlier + glue + text
    # A variable ends at its first zero byte, and a path may hold one.
    return {name: value.replace("\0", "") for name, value in variables.items()}


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(f"cgi speaks http, not {scope['type']}")
    # No HEAD: it would start a process and throw away what that prints.
    if scope["method"] not in ("GET", "POST"):
        headers = [(b"allow", b"GET, POST"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body"})
        return

    # The program has to know the length before it starts, so the body is read to its end first.
    body, more_body = b"", True
    while more_body and len(body) <= LIMIT:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body += event.get("body", b"")
        more_body = event.get("more_body", False)

    error = [(b"content-type", b"text/plain; charset=utf-8")]
    if more_body and scope["http_version"] in ("1.0", "1.1"):
        # Nobody reads the rest of the body, and HTTP/1.1 has no other way to say so.
        error.append((b"connection", b"close"))
    variables = environment(scope, len(body))
    # The operating system, too, has a limit for what a program is started with, and raises at it.
    sizes = {413: len(body), 431: sum(len(os.fsencode(value)) for value in variables.values())}
    for status, size in sizes.items():
        if size > LIMIT:
            text = f"a body has at most {LIMIT} bytes, and so have all headers together\n".encode()
            await send({"type": "http.response.start", "status": status, "headers": error})
            await send({"type": "http.response.body", "body": text})
            return

    async def run():
        """Start the program, give it the body, and return all it prints, or None if it fails."""
        async with turns:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", PROGRAM),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=variables,
            )
            try:
                output, _ = await process.communicate(body)
            finally:
                # However this ends, by cancellation too, the process does not stay behind.
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        return output if process.returncode == 0 else None

    # If the client leaves, nobody reads what the program would print, and it is stopped.
    program, gone = asyncio.ensure_future(run()), asyncio.ensure_future(receive())
    try:
        await asyncio.wait({program, gone}, timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        is_gone = gone.done()
    finally:
        gone.cancel()
        program.cancel()
        await asyncio.wait({program})
    if is_gone:
        return

    if program.cancelled() or program.result() is None:
        status = 504 if program.cancelled() else 502
        text = b"the program took too long\n" if program.cancelled() else b"the program failed\n"
        await send({"type": "http.response.start", "status": status, "headers": error})
        await send({"type": "http.response.body", "body": text})
        return

    # What it printed is headers, an empty line and the body. `Status` is meant for the server: it becomes
    # the number in the start and goes no further (6.3.3).
    head, _, rest = program.result().partition(b"\n\n")
    status, headers = 200, []
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.lower() == b"status":
            status = int(value.split()[0])
        else:
            headers.append((name.lower(), value.strip()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": rest})
