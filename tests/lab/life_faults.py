"""The servers that live wrongly: the right one, with one thing wrong."""

import asyncio
import copy

from tests.lab.right_life import SHUTDOWN, STARTUP, Server

TRACEBACK = "Traceback (most recent call last):\n  ...\n"


# The scope of the lifespan


class NumbersItsVersion(Server):
    def lifespan_scope(self):
        return {**super().lifespan_scope(), "asgi": {"version": 3.0, "spec_version": "2.0"}}


class NumbersItsSpecification(Server):
    def lifespan_scope(self):
        return {**super().lifespan_scope(), "asgi": {"version": "3.0", "spec_version": 2.0}}


class HasAListForAState(Server):
    def lifespan_scope(self):
        return {**super().lifespan_scope(), "state": []}


class BeginsWithAState(Server):
    def lifespan_scope(self):
        self.state["server"] = "mine"
        return super().lifespan_scope()


# The state of what is served


class SharesItsState(Server):
    """The lifespan, the requests and the WebSocket have one dict."""

    def state_of(self, kind):
        return {"state": self.state}


class CopiesItsStateOnce(Server):
    """The requests and the WebSocket have one dict, which is not the lifespan's."""

    copied = None

    def state_of(self, kind):
        self.copied = self.copied or self.state.copy()
        return {"state": self.copied}


class CopiesItsStateDeeply(Server):
    def state_of(self, kind):
        return {"state": copy.deepcopy(self.state)}


class AddsToTheState(Server):
    def state_of(self, kind):
        return {"state": {**self.state, "server": "mine"}}


class TakesFromTheState(Server):
    def state_of(self, kind):
        return {"state": {key: value for key, value in self.state.items() if key != "greeting"}}


class KeepsTheStateFromWebSockets(Server):
    def state_of(self, kind):
        return super().state_of(kind) if kind == "http" else {}


class GivesAWebSocketAList(Server):
    def state_of(self, kind):
        return {"state": self.state.copy() if kind == "http" else []}


class HasAStateForRequestsOnly(Server):
    def lifespan_scope(self):
        scope = super().lifespan_scope()
        del scope["state"]
        return scope


# The events of the lifespan


class Reloads(Server):
    async def serves(self):
        await super().serves()
        self.events.put_nowait({"type": "lifespan.reload"})


class StartsTwice(Server):
    async def serves(self):
        await super().serves()
        self.events.put_nowait({"type": STARTUP})


class NeverStarts(Server):
    """Its first event is that of the end."""

    async def starts(self):
        return await self.tells(SHUTDOWN)


class StopsWhatHasNotStarted(Server):
    """It tells the lifespan of its end before that has answered the start."""

    async def starts(self):
        answer = asyncio.create_task(super().starts())
        await asyncio.sleep(0)
        self.events.put_nowait({"type": SHUTDOWN})
        return await answer


class NeverStops(Server):
    """It leaves, and tells the lifespan nothing."""

    async def stops(self):
        await self.finishes(await self.begins())


# The call with the lifespan


class HasTwoLifespans(Server):
    """Another one goes on beside that of the server."""

    async def lives(self):
        other = Server.__new__(type(self))
        other.__dict__.update(self.__dict__, state={}, events=asyncio.Queue(), heard=asyncio.Queue())
        other.call = asyncio.create_task(other.lifespan())
        await other.tells(STARTUP)
        await super().lives()
        await other.tells(SHUTDOWN)
        await other.ends()


class HasALoopForTheLifespan(Server):
    def seen(self, evidence):
        evidence.where[0] += "2"


class EndsTheLifespanBeforeItServes(Server):
    async def serves(self):
        await self.ends()
        await super().serves()

    async def stops(self):
        pass


class AsksAgainForALifespan(Server):
    """Where the application has raised, it calls it again, to tell it of the end."""

    async def stops(self):
        await super().stops()
        if not self.started and self.call.done():
            self.call = asyncio.create_task(self.lifespan())
            await self.tells(SHUTDOWN)


# Its start


class ServesBeforeItHasStarted(Server):
    async def starts(self):
        await asyncio.sleep(0)  # the lifespan begins
        await self.http()
        return await super().starts()


class NeedsALifespan(Server):
    """Where the application has none, it does not serve."""

    async def serves(self):
        if self.started:
            await super().serves()
        else:
            self.lived.by_itself = True


class ServesAfterAFailure(Server):
    async def fails(self, answer):
        self.prints(answer)
        await self.serves()


class FailsSilently(Server):
    async def fails(self, answer):
        self.lived.by_itself = True


class LingersAfterAFailure(Server):
    """It says why, serves nothing, and does not end."""

    async def fails(self, answer):
        self.prints(answer)


class StopsWhatHasFailed(Server):
    async def fails(self, answer):
        await super().fails(answer)
        await self.tells(SHUTDOWN)


class NeedsAMessage(Server):
    """It fails where an application that fails does not say why."""

    async def tells(self, kind):
        answer = await super().tells(kind)
        if answer and answer["type"].endswith(".failed") and "message" not in answer:
            self.output += f"{TRACEBACK}KeyError: 'message'\n"
        return answer


class RaisesForAMessage(Server):
    """Its `send` raises where an application that fails does not say why."""

    async def app(self, scope, receive, send):
        async def sent(event):
            if str(event["type"]).endswith(".failed"):
                event["message"]
            await send(event)

        await super().app(scope, receive, sent)


# Its end


class StopsBeforeWhatIsRunning(Server):
    async def stops(self):
        running = await self.begins()
        await self.tells_of_the_end()
        await self.finishes(running)


class CutsWhatIsRunning(Server):
    async def finishes(self, running):
        running.cancel()
        await asyncio.wait({running})


class ServesWhenItHasStopped(Server):
    async def stops(self):
        await super().stops()
        await self.http()


class DoesNotWaitForTheEnd(Server):
    """It tells the lifespan of its end, and leaves."""

    async def stops(self):
        await self.finishes(await self.begins())
        self.events.put_nowait({"type": SHUTDOWN})
        await asyncio.sleep(0)


class LeavesBeforeTheAnswer(Server):
    """It tells the lifespan of its end, and is away when that answers."""

    async def app(self, scope, receive, send):
        async def sent(event):
            if str(event["type"]).startswith(SHUTDOWN):
                await asyncio.Event().wait()
            await send(event)

        await super().app(scope, receive, sent)

    async def stops(self):
        await self.finishes(await self.begins())
        self.events.put_nowait({"type": SHUTDOWN})
        await asyncio.sleep(0.1)


class HasToBeKilled(Server):
    async def stops(self):
        await super().stops()
        self.lived.in_time = False


class StopsSilently(Server):
    async def stops(self):
        printed = self.output
        await super().stops()
        self.output = printed


# What it serves


class ServesNothing(Server):
    async def serves(self):
        pass


class DoesNotWriteBodies(Server):
    async def http(self, leaves=False):
        answer = await super().http(leaves)
        answer.body = b""
        return answer


class WaitsBetweenTheCalls(Server):
    def seen(self, evidence):
        evidence.first_calls = [first and first - 1.0 for first in evidence.first_calls]


class PrintsWhatItHasRaised(Server):
    def catches(self):
        self.output += TRACEBACK


class EndsWithWhatItHasRaised(Server):
    def catches(self):
        self.lived.by_itself = True


class AnswersNobodyAfterThat(Server):
    """What it has raised takes away the task that answers."""

    broken = False

    def catches(self):
        self.broken = True

    async def http(self, leaves=False):
        was_broken = self.broken
        answer = await super().http(leaves)
        if was_broken:
            answer.status, answer.ended = 0, "open"
        return answer
