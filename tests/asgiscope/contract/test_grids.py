"""The grids that say what may follow what: whole, true to the table of clauses, and nowhere out of reach."""

from itertools import product
from typing import NamedTuple

import pytest

from asgiscope.contract import CLAUSES, http, judge_of, lifespan, websocket
from asgiscope.contract import notation as scopes
from asgiscope.contract.judge import Breach


class Machine(NamedTuple):
    """Grids whose columns are the same states, the states it starts in, and the events that move it."""

    states: dict
    grids: tuple
    begins: set
    events: dict


MACHINES = {
    "http response": Machine(http.STATES, (http.SEND,), {http.IDLE}, http.SEND_FIELDS),
    # That the response is complete is not for events of the request to say.
    "http request": Machine(
        http.REQUEST_STATES, (http.RECEIVE,), {http.READING, http.ANSWERED}, http.RECEIVE_FIELDS
    ),
    "websocket": Machine(
        websocket.STATES,
        (websocket.SEND, websocket.RECEIVE),
        {websocket.CONNECTING},
        websocket.SEND_FIELDS | websocket.RECEIVE_FIELDS,
    ),
    "lifespan": Machine(
        lifespan.STATES,
        (lifespan.SEND, lifespan.RECEIVE),
        {lifespan.WAITING},
        lifespan.SEND_FIELDS | lifespan.RECEIVE_FIELDS,
    ),
}
EVERY = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def rows_of(machine):
    return {name: row for grid in machine.grids for name, row in grid.items()}


@EVERY
def test_row_has_a_cell_for_every_state(machine):
    assert {name: len(row) for name, row in rows_of(machine).items()} == dict.fromkeys(
        rows_of(machine), len(machine.states)
    )


@EVERY
def test_cell_is_a_state_or_a_clause_that_forbids_the_event(machine):
    cells = {cell for row in rows_of(machine).values() for cell in row}
    breaches = {cell for cell in cells if isinstance(cell, Breach)}
    assert cells - breaches <= set(machine.states)
    assert {cell.clause for cell in breaches} <= set(CLAUSES)
    assert {cell.then for cell in breaches} <= {"", *machine.states}


@EVERY
def test_event_has_its_rows_and_no_row_is_without_an_event(machine):
    assert {name.partition(" ")[0] for name in rows_of(machine)} == set(machine.events)


@EVERY
def test_state_is_said_in_words(machine):
    assert {state: words for state, words in machine.states.items() if not words.strip()} == {}


@EVERY
def test_state_can_be_reached(machine):
    reached, ahead = set(), machine.begins
    while ahead:
        reached |= ahead
        cells = {
            cell
            for row in rows_of(machine).values()
            for state, cell in zip(machine.states, row, strict=True)
            if state in ahead
        }
        ahead = {cell.then if isinstance(cell, Breach) else cell for cell in cells} - {""} - reached
    assert reached == set(machine.states)


EVENTS = [
    {"type": kind, "more_body": more_body, "more_trailers": more_trailers}
    for kind in http.SEND_FIELDS | websocket.SEND_FIELDS | lifespan.SEND_FIELDS
    for more_body, more_trailers in product((True, False), repeat=2)
]


@pytest.mark.parametrize(
    "scope", [scopes.http(), scopes.websocket(), scopes.lifespan()], ids=lambda scope: scope["type"]
)
def test_row_is_one_that_an_event_is_sent_to(scope):
    judge = judge_of(scope)
    rows = set()
    for owes_trailers in (False, True):
        judge.trailers = owes_trailers
        rows |= {judge.send_row(event) for event in EVENTS if event["type"] in judge.SEND_FIELDS}
    assert rows == set(judge.SEND)
