"""What is no message in any of the chats, and the code that the connection is closed with."""

import json

import pytest

NONSENSE = [
    pytest.param({"bytes": b'{"text": "x"}'}, 1003, id="bytes"),
    pytest.param({"bytes": b"x", "text": None}, 1003, id="bytes, and text is None"),
    pytest.param({"text": ""}, 1007, id="nothing"),
    pytest.param({"text": "Hello!"}, 1007, id="no JSON"),
    pytest.param({"text": "7"}, 1007, id="a number"),
    pytest.param({"text": "null"}, 1007, id="null"),
    pytest.param({"text": '["text"]'}, 1007, id="a list"),
    pytest.param({"text": '"text"'}, 1007, id="a string"),
    pytest.param({"text": "{}"}, 1007, id="no text"),
    pytest.param({"text": '{"text": 7}'}, 1007, id="a text that is a number"),
    pytest.param({"text": '{"text": null}'}, 1007, id="a text that is null"),
    pytest.param({"text": json.dumps({"text": "x" * 2001})}, 1007, id="a character too much"),
    pytest.param({"text": "[" * 100_000}, 1007, id="deeper than Python goes"),
    pytest.param({"text": '{"text": ' + "9" * 5000 + "}"}, 1007, id="more digits than Python reads"),
]
