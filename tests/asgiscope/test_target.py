"""What a target names, and the sentence that is said where it names nothing."""

import re
import sys

import pytest

from asgiscope.target import CannotRun, load

SHOP = '''\
async def app(scope, receive, send): ...

def create(): return app
def broken_factory(): return {}["no such key"]
def from_config(path): return app
async def slow_factory(): return app
def legacy(scope): ...
def wsgi(environ, start_response): ...
async def two(scope, receive): ...
def four(scope, receive, send, more): ...
price = 3
orders = []

class Shop:
    async def __call__(self, scope, receive, send): ...
    inner = staticmethod(app)

class Legacy:
    def __init__(self, scope): ...

class Wrapped:
    """Says that it is something else, as decorators do."""
    __wrapped__ = wsgi
    async def __call__(self, scope, receive, send): ...

shop = Shop()
wrapped = Wrapped()
'''

FILES = {
    "shop.py": SHOP,
    "http.py": SHOP,
    "both.py": "async def app(scope, receive, send): ...\nasync def application(scope, receive, send): ...\n",
    "neither.py": "async def my_app(scope, receive, send): ...\n",
    "empty.py": "",
    "needs.py": "import os\nimport no_such_module\n",
    "fails.py": "def check():\n    raise ValueError('the\\nanswer')\n\ncheck()\n",
    "leaves.py": "import sys\nsys.exit()\n",
    "wrong.py": "app = (\n",
    "notes.txt": "",
    "pack/__init__.py": "",
    "pack/asgi.py": "from .views import app as application\n",
    "pack/views.py": SHOP,
    "elsewhere/other.py": "from helper import app\n",
    "elsewhere/helper.py": SHOP,
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A directory with modules, which are forgotten afterwards."""
    for name, source in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("shop:app", "app"),
        ("shop", "app"),
        ("shop:", "app"),
        ("both", "application"),
        ("shop:shop.inner", "app"),
        ("shop:legacy", "legacy"),
        ("shop:Legacy", "Legacy"),
        ("shop.py:app", "app"),
        ("./shop.py", "app"),
        ("http.py:app", "app"),
        ("pack.asgi", "app"),
        ("pack.asgi:application", "app"),
        ("pack/asgi.py:application", "app"),
        ("pack/views.py:shop.inner", "app"),
        ("elsewhere/other.py:app", "app"),
    ],
)
def test_target_names_an_application(target, name):
    assert load(target).__name__ == name


@pytest.mark.parametrize("name", ["shop", "wrapped"])
def test_application_may_be_an_object(name):
    assert type(load(f"shop:{name}")).__name__ == name.title()


def test_file_may_be_named_by_its_whole_path(here):
    assert load(f"{here}/shop.py:app").__name__ == "app"


def test_file_has_the_name_that_others_import_it_by():
    assert load("pack/views.py:app").__module__ == "pack.views"
    assert load("shop.py:app").__module__ == "shop"


def test_modules_are_looked_for_in_app_dir_first():
    assert load("other:app", "elsewhere").__module__ == "helper"
    assert sys.path[0].endswith("elsewhere")


def test_file_is_looked_for_in_app_dir_too():
    assert load("other.py:app", "elsewhere").__module__ == "helper"


def test_factory_is_called_for_the_application():
    assert load("shop:create", factory=True).__name__ == "app"
    assert type(load("shop:Shop", factory=True)).__name__ == "Shop"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("", "'' names no application: write 'module:app', or 'path/file.py:app' for a file."),
        (":app", "':app' names no application: write 'module:app', or 'path/file.py:app' for a file."),
        (".shop:app", "'.shop:app' names no application: write 'module:app', or"),
        ("shop:an app", "'shop:an app' names no application"),
        ("shopp:app", "there is no module 'shopp' in * or elsewhere on the path (is it 'shop'?): go to"),
        ("shop.asgi:app", "there is no module 'shop.asgi' in * or elsewhere on the path: go to"),
        ("shp.py:app", "there is no file 'shp.py' (is it 'shop.py'?)."),
        ("no/such.py:app", "there is no file 'no/such.py'."),
        ("./notes.txt", "'./notes.txt' is no Python file: write 'path/file.py:app'."),
        ("pack/", "'pack/' is no Python file: write 'path/file.py:app'."),
        ("neither", "no `app` in 'neither', which has my_app: name what is meant, as in 'neither:my_app'."),
        ("empty", "there is no `application` and no `app` in 'empty': name what is meant, as in"),
        ("shop:ap", "there is no 'ap' in 'shop': is it 'app'?"),
        ("shop:shop.iner", "there is no 'iner' in 'shop:shop'."),
        ("shop:nothing", "there is no 'nothing' in 'shop': is it 'app'?"),
        ("needs:app", "importing 'needs' failed at needs.py:2 with ModuleNotFoundError: No module"),
        ("fails:app", "importing 'fails' failed at fails.py:2 with ValueError: the answer"),
        ("fails.py:app", "importing 'fails.py' failed at fails.py:2 with ValueError: the answer"),
        ("leaves:app", "importing 'leaves' failed at leaves.py:2 with SystemExit"),
        ("wrong:app", "importing 'wrong' failed at wrong.py:1 with SyntaxError: '(' was never closed"),
        ("shop:price", "'shop:price' is an int, which cannot be called: an ASGI application is called with"),
        ("shop:orders", "'shop:orders' is a list, which cannot be called"),
        ("shop:create", "takes no arguments: if it is to be called for the application, say so with"),
        ("shop:Shop", "'shop:Shop' is a class that takes no arguments: if it is to be called"),
        ("shop:wsgi", "takes two arguments, environ and start_response, as a WSGI application does: make"),
        ("shop:two", "'shop:two' takes two arguments, scope and receive: an ASGI application is called with"),
        ("shop:four", "'shop:four' is called as four(scope, receive, send, more): an ASGI application is"),
    ],
)  # fmt: skip
def test_target_that_cannot_be_run_is_told_in_a_sentence(target, sentence):
    with pytest.raises(CannotRun, match=re.escape(sentence).replace(r"\*", ".*")):
        load(target)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("shop:app", "'shop:app' needs arguments, so that it is no factory: leave --factory out."),
        ("shop:from_config", "'shop:from_config' needs arguments, so that it is no factory"),
        ("shop:price", "'shop:price' cannot be called, so that it is no factory: leave --factory out."),
        (
            "shop:slow_factory",
            "'shop:slow_factory' is a coroutine function: a factory returns the application",
        ),
        (
            "shop:broken_factory",
            "calling 'shop:broken_factory()' failed at shop.py:4 with KeyError: 'no such key'",
        ),
        ("shop:Wrapped.__wrapped__", "needs arguments"),
    ],
)
def test_factory_that_makes_no_application_is_told_in_a_sentence(target, sentence):
    with pytest.raises(CannotRun, match=re.escape(sentence)):
        load(target, factory=True)


def test_app_dir_has_to_be_there():
    with pytest.raises(CannotRun, match="there is no directory 'nowhere': --app-dir is"):
        load("shop:app", "nowhere")
