"""Applications that break a clause of lifespan."""

from .lawful import STARTED, STOPPED, expect


async def returns_from_lifespan(scope, receive, send):
    """lifespan.app.unsupported-raises: knows no lifespan, and returns instead of raising."""
    if scope["type"] != "lifespan":
        raise NotImplementedError(scope["type"])


async def startup_not_answered(scope, receive, send):
    """lifespan.startup.answered: starts, and tells nobody that it has."""
    expect(scope, "lifespan")
    await receive()


async def startup_answered_twice(scope, receive, send):
    """lifespan.startup.answered: says once more that it has started, while it runs."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def startup_answered_at_shutdown(scope, receive, send):
    """lifespan.startup.answered: answers whatever it is told with the same event."""
    expect(scope, "lifespan")
    for _ in range(2):
        await receive()
        await send(STARTED)


async def fails_after_it_has_started(scope, receive, send):
    """lifespan.startup.answered: fails to start, when it has said that it has started."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError("no database")
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def starts_unasked(scope, receive, send):
    """lifespan.startup.complete.after-work: says that it has started, and only then begins to, in vain."""
    expect(scope, "lifespan")
    await send(STARTED)
    await receive()
    raise LookupError("no database")


async def shutdown_not_answered(scope, receive, send):
    """lifespan.shutdown.answered: stops, and tells nobody that it has."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()


async def shutdown_answered_twice(scope, receive, send):
    """lifespan.shutdown.answered: says for each of its parts that it has stopped."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()
    await send(STOPPED)
    await send(STOPPED)


async def shutdown_answered_unasked(scope, receive, send):
    """lifespan.shutdown.answered: says that it has stopped, as soon as it has started."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await send(STOPPED)
    await receive()


async def returns_when_started(scope, receive, send):
    """general.app.lives-as-long-as-connection: returns when it has started, and hears of no shutdown."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)


async def ready(scope, receive, send):
    """lifespan.event.send-types: says that it is ready, by an event that lifespan does not have."""
    expect(scope, "lifespan")
    await receive()
    await send({"type": "lifespan.ready"})
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def starts_with_its_question(scope, receive, send):
    """lifespan.event.send-types: sends back the event that it was given."""
    expect(scope, "lifespan")
    await receive()
    await send({"type": "lifespan.startup"})
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def http_in_lifespan(scope, receive, send):
    """lifespan.event.send-types: answers 'lifespan.startup' with a status of HTTP."""
    expect(scope, "lifespan")
    await receive()
    await send({"type": "http.response.start", "status": 200})
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def fails_to_an_old_server(scope, receive, send):
    """lifespan.event.send-types: fails by an event that the version announced does not have."""
    expect(scope, "lifespan")
    await receive()
    if "spec_version" not in scope["asgi"]:
        raise LookupError("no database")
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def fails_to_a_server_without_version(scope, receive, send):
    """lifespan.scope.asgi.spec-version.default: fails by an event of a version that nobody announced."""
    expect(scope, "lifespan")
    await receive()
    if scope["asgi"].get("spec_version", "2.0") < "2.0":
        raise LookupError("no database")
    await send({"type": "lifespan.startup.failed"})


async def startup_message_in_bytes(scope, receive, send):
    """lifespan.startup.failed.message.type: says in bytes why it does not start."""
    expect(scope, "lifespan")
    await receive()
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError("no database")
    await send({"type": "lifespan.startup.failed", "message": b"no database"})


async def startup_message_none(scope, receive, send):
    """lifespan.startup.failed.message.type: gives None, where it has nothing to say."""
    expect(scope, "lifespan")
    await receive()
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError("no database")
    await send({"type": "lifespan.startup.failed", "message": None})


async def shutdown_message_is_the_error(scope, receive, send):
    """lifespan.shutdown.failed.message.type: gives the exception, and not what it says."""
    expect(scope, "lifespan")
    await receive()
    await send(STARTED)
    await receive()
    if scope["asgi"].get("spec_version", "1.0") < "2.0":
        raise LookupError("the file is locked")
    await send({"type": "lifespan.shutdown.failed", "message": LookupError("the file is locked")})


async def state_under_bytes(scope, receive, send):
    """lifespan.scope.state.keys: puts into the state what no str names."""
    expect(scope, "lifespan")
    await receive()
    if "state" in scope:
        scope["state"][b"pool"] = "the pool"
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def state_under_a_type(scope, receive, send):
    """lifespan.scope.state.keys: keeps each thing in the state under its class."""
    expect(scope, "lifespan")
    await receive()
    scope.get("state", {})[dict] = {"pool": "the pool"}
    await send(STARTED)
    await receive()
    await send(STOPPED)
