"""What a terminal is given."""

import io

import pytest

from asgiscope.terminal import coloured, cut, paint_for, plain, printable, relative, wrapped


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "paint"),
    [
        pytest.param(Terminal, {}, coloured, id="a terminal"),
        pytest.param(io.StringIO, {}, plain, id="a file"),
        pytest.param(Terminal, {"NO_COLOR": "1"}, plain, id="NO_COLOR on a terminal"),
        pytest.param(Terminal, {"NO_COLOR": ""}, coloured, id="an empty NO_COLOR"),
        pytest.param(io.StringIO, {"FORCE_COLOR": "1"}, coloured, id="FORCE_COLOR in a file"),
        pytest.param(Terminal, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, plain, id="both: NO_COLOR is heard"),
        pytest.param(Terminal, {"TERM": "dumb"}, plain, id="a terminal that knows no colours"),
    ],
)
def test_colours_are_for_terminals_and_as_the_environment_has_it(stream, environment, paint, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert paint_for(stream()) is paint


def test_text_is_coloured_and_nothing_is_not():
    assert coloured("must", "bold", "red") == "\x1b[1;31mmust\x1b[0m"
    assert coloured("must") == "must"
    assert coloured("", "red") == ""


def test_text_is_wrapped_between_words():
    text = "the application sent a body before the response had started"
    assert list(wrapped(text, 40, "> ")) == [
        "> the application sent a body before the",
        "  response had started",
    ]


def test_long_word_stays_whole():
    url = "https://" + "a" * 60 + "-b"
    assert list(wrapped(f"see {url}", 40)) == ["see", url]


def test_nothing_is_obeyed_that_is_not_a_character():
    assert printable("a\x1b[31m\r\nü\u202eb") == "a\\x1b[31m\\r\\nü\\u202eb"


def test_long_text_is_cut():
    assert cut("abcdefghij", 10) == "abcdefghij"
    assert cut("abcdefghijk", 10) == "abcdefg..."


def test_path_is_written_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert relative(str(tmp_path / "shop" / "asgi.py")) == "shop/asgi.py"
    assert relative("/usr/lib/x.py") == "/usr/lib/x.py"
