"""Which application is meant: found, imported, and looked at before it is called.

application = load("shop.asgi:application")
application = load("examples/shop.py:app")
"""

import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import Signature, isclass, signature
from pathlib import Path
from types import ModuleType
from typing import Any

from asgiref.sync import iscoroutinefunction

from .recorder import Application
from .sources import is_outside, line_at, raised_at
from .terminal import relative

NAMES = ("application", "app")  # what an application is called where its name is not given


class CannotRun(Exception):
    """There is no application to hold a conversation with: a sentence that says why, and what to do."""


def load(target: str, app_dir: str = ".", *, factory: bool = False) -> Application:
    """The application that a target names: 'module:app' or 'path/file.py:app', in Python's own dots.

    Without a name behind the colon it is called `application` or `app`. `app_dir` is the first directory to
    look for modules in, and stays so. With `factory`, what is named is called, and returns the application.
    A callable of one argument is taken for an application in the style before ASGI 3, and returned as it is.
    Raises CannotRun.
    """
    where, name = parted(target)
    module = imported(where, app_dir)
    path, app = attribute(module, where, name)
    shown = f"{where}:{path}"
    if factory:
        app = made(app, shown)
        shown = f"{shown}()"
    check_callable(app, shown, factory)
    return app  # type: ignore[no-any-return]


def parted(target: str) -> tuple[str, str]:
    """The module or file of a target, and the name in it, which may be missing."""
    where, _, name = target.removesuffix(":").rpartition(":")
    if not where or not all(part.isidentifier() for part in name.split(".") if name):
        where, name = target.removesuffix(":"), ""  # A colon may belong to a path.
    if not where.strip() or ((where[0] in ".:" or ":" in where) and not is_file(where)):
        raise CannotRun(
            f"{target!r} names no application: write 'module:app', or 'path/file.py:app' for a file."
        )
    return where, name


def is_file(where: str) -> bool:
    return where.endswith(".py") or os.sep in where or "/" in where


def imported(where: str, app_dir: str) -> ModuleType:
    """The module, imported with `app_dir` first on the path."""
    folder = Path(app_dir).resolve()
    if not folder.is_dir():
        raise CannotRun(f"there is no directory {app_dir!r}: --app-dir is where the modules are.")
    if sys.path[0] != str(folder):
        sys.path.insert(0, str(folder))
    file = file_of(where, folder) if is_file(where) else None
    try:
        return import_module(where) if file is None else module_of(file)
    except ModuleNotFoundError as error:
        if file is None and error.name and f"{where}.".startswith(f"{error.name}."):
            raise CannotRun(
                f"there is no module {where!r} in {folder} or elsewhere on the path{meant(where, folder)}: "
                "go to its directory, or name it by --app-dir."
            ) from error
        raise failed(f"importing {where!r}", error) from error
    except (Exception, SystemExit) as error:
        raise failed(f"importing {where!r}", error) from error


def file_of(where: str, folder: Path) -> Path:
    """The file that a path leads to, from here or from `app_dir`."""
    for base in (Path.cwd(), folder):
        file = (base / where).resolve()
        if file.is_file() and file.suffix == ".py":
            return file
    if Path(where).exists():
        raise CannotRun(f"{where!r} is no Python file: write 'path/file.py:app'.")
    raise CannotRun(
        f"there is no file {where!r}{meant(Path(where).stem, (Path.cwd() / where).parent, '.py')}."
    )


def meant(name: str, folder: Path, suffix: str = "") -> str:
    """What may be meant by the name of a module that is not there."""
    there = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/*.py")}
    first = name.partition(".")[0]
    near = get_close_matches(first, there)
    return f" (is it {near[0] + suffix!r}?)" if near and first not in there else ""


def module_of(file: Path) -> ModuleType:
    """The module of a file, under the name that it has in its package."""
    parts, folder = [] if file.stem == "__init__" else [file.stem], file.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    if str(folder) not in sys.path:
        sys.path.insert(1, str(folder))
    name = ".".join(parts)
    try:
        spec = find_spec(name)
    except ValueError:  # as for `__main__`
        spec = None
    if spec and spec.origin and Path(spec.origin).resolve() == file:
        return import_module(name)
    # Another module has the name: `http.py` is a file that one may well have.
    spec = spec_from_file_location(f"asgiscope target {file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be loaded as a module")
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def failed(doing: str, error: BaseException) -> CannotRun:
    """What is said of an error in the user's code: where it is, and what it says."""
    place = line_at(raised_at(error.__traceback__))
    file, line = (place.file, place.line) if place else ("", 0)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        file, line = error.filename, error.lineno
    at = f" at {relative(file)}:{line}" if is_outside(file) else ""
    text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return CannotRun(f"{doing} failed{at} with {what}")


def attribute(module: ModuleType, where: str, name: str) -> tuple[str, Any]:
    """What a module has under a name, in dots, or under the usual ones."""
    for usual in () if name else NAMES:
        if hasattr(module, usual):
            return usual, getattr(module, usual)
    if not name:
        others = [each for each in callables(module) if getattr(module, each).__module__ == module.__name__]
        which = f", which has {' and '.join(others)}" if 0 < len(others) < 4 else ""
        raise CannotRun(
            f"there is no `application` and no `app` in {where!r}{which}: name what is meant, as in "
            f"'{where}:{others[0] if others else 'NAME'}'."
        )
    found: Any = module
    for number, part in enumerate(name.split(".")):
        if not hasattr(found, part):
            path = ":".join(filter(None, [where, ".".join(name.split(".")[:number])]))
            near = get_close_matches(part, names := callables(found)) or [
                one for one in NAMES if one in names
            ]
            which = f": is it {near[0]!r}?" if near else "."
            raise CannotRun(f"there is no {part!r} in {path!r}{which}")
        found = getattr(found, part)
    return name, found


def callables(found: Any) -> list[str]:
    """The names of what can be called in a module or an object, in the order of its source."""
    names = vars(found) if hasattr(found, "__dict__") else dir(found)
    return [name for name in names if name[0] != "_" and callable(getattr(found, name, None))]


def made(factory: Any, shown: str) -> Any:
    """The application that a factory returns."""
    parameters = parameters_of(factory) if callable(factory) else None
    if not callable(factory) or (parameters and not takes(parameters, 0)):
        what = "needs arguments" if callable(factory) else "cannot be called"
        raise CannotRun(f"{shown!r} {what}, so that it is no factory: leave --factory out.")
    if iscoroutinefunction(factory):
        raise CannotRun(f"{shown!r} is a coroutine function: a factory returns the application at once.")
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise failed(f"calling '{shown}()'", error) from error


def check_callable(app: Any, shown: str, factory: bool) -> None:
    """Raise CannotRun for what cannot be called as an application is."""
    wants = "an ASGI application is called with scope, receive and send."
    if not callable(app):
        raise CannotRun(f"{shown!r} is {article(type(app).__name__)}, which cannot be called: {wants}")
    parameters = parameters_of(app)
    if parameters is None or takes(parameters, 3):
        return
    if takes(parameters, 2):
        names = " and ".join(list(parameters.parameters)[:2])
        if iscoroutinefunction(app) or iscoroutinefunction(app.__call__):
            raise CannotRun(f"{shown!r} takes two arguments, {names}: {wants}")
        raise CannotRun(
            f"{shown!r} takes two arguments, {names}, as a WSGI application does: make an ASGI "
            "application of it with asgiref.wsgi.WsgiToAsgi, or with what its framework has for that."
        )
    if takes(parameters, 0) and not factory:
        what = "is a class that takes no arguments" if isclass(app) else "takes no arguments"
        raise CannotRun(
            f"{shown!r} {what}: if it is to be called for the application, say so with --factory."
        )
    if takes(parameters, 1):
        return
    raise CannotRun(f"{shown!r} is called as {shown.rpartition(':')[2]}{parameters}: {wants}")


def parameters_of(function: Callable[..., Any]) -> Signature | None:
    """What it takes, if that can be known; what a decorator says that it wraps is not what is called."""
    try:
        return signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def takes(parameters: Signature, count: int) -> bool:
    """Whether something can be called with so many arguments."""
    try:
        parameters.bind(*[None] * count)
    except TypeError:
        return False
    return True


def article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiouAEIOU" else f"a {noun}"
