"""Servers that live otherwise than the right one, and not wrongly."""

from lab.checks import life
from tests.lab.right_life import Server


class IsOnAClockThatIsPutBack(Server):
    """Its lifespan seems to be later than what it serves."""

    def seen(self, evidence):
        evidence.conversations[0].started += life.CLOCK * 0.8


class IsOnAClockThatIsPutForward(Server):
    """Its lifespan seems to be over earlier than what it serves."""

    def seen(self, evidence):
        evidence.conversations[0].started -= life.CLOCK * 0.8


class HasNoLifespan(Server):
    async def lifespan(self):
        pass

    def state_of(self, kind):
        return {}


class HasNoState(Server):
    def lifespan_scope(self):
        scope = super().lifespan_scope()
        del scope["state"]
        return scope

    def state_of(self, kind):
        return {}


class SaysNothingOfALoss(Server):
    def lost(self, event):
        pass
