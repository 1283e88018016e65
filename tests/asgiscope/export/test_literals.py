"""Values as Python source: it means the value, and is no wider than it has to be."""

import pytest
from hypothesis import given

from asgiscope.conversation import Cut, Opaque
from asgiscope.export.literals import WIDTH, literal
from tests.asgiscope.test_conversation import VALUES, typed


@given(VALUES)
def test_source_of_a_value_means_the_value(value):
    source = literal({"body": [value]}, "found = ")
    module = {"Cut": Cut, "Opaque": Opaque}
    exec(source, module)  # noqa: S102  (it is this package that wrote it)
    assert typed(module["found"]) == typed({"body": [value]})


@pytest.mark.parametrize(
    "value",
    [
        b"a" * 500,
        "a\n" * 200,
        "'\"\\" * 100,
        bytes(range(256)) * 2,
        "\N{PILE OF POO}\x00" * 100,
        [(b"a" * 40, b"b" * 40)] * 3,
        {"a" * 40: {"b" * 40: [Cut("c" * 200, 300), Opaque("d", "e" * 200)]}},
    ],
    ids=repr,
)
def test_source_is_no_wider_than_a_page(value):
    source = literal([{"key": value}], "found = ")
    assert max(map(len, source.splitlines())) <= WIDTH
