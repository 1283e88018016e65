"""The gallery as files that are read without a server: from a disk, or from wherever they are put.

A page is the one that a server would send, with its links leading to files, and its scripts in a form in
which a browser runs them from a disk, too: there it loads no module, and fetches nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from importlib.resources import files
from posixpath import relpath

from ..conversation import Conversation
from . import pages
from .compare import compared
from .drawing import drawn
from .exhibits import Exhibit
from .pages.compare import embedded
from .source import files_of, highlighted
from .taken import taken

ROOT = "/__asgiscope__"
ORIGIN = "http://localhost:8000"
STATIC = files("asgiscope.page") / "static"
STYLES = ("page.css", "reading.css", "timeline.css", "compare.css", "icon.svg")
TAKEN = {"json": "json", "har": "har.json", "text": "txt", "curl": "curl.txt", "test": "test.txt"}
# The scripts of a page, and what takes the place of those that speak with a server.
SCRIPTS = {"gallery": "offline_gallery", "conversation": "offline_conversation"}

SCRIPT = re.compile(r'<script type="module" src="[^"]*/static/(\w+)\.js"></script>')
OWN = '<script type="module"'
RUN = '<h2 id="run">'
UNTAKEN = re.compile(r'<a class="taken" data-copy="\w+">[^<]*</a>\s*')
LINK = re.compile(r' (href|src|action)="([^"#]*)(#[^"]*)?"')
ROOT_OF = re.compile(r'data-root="[^"]*" data-site="[^"]*"')
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (class|(?:async )?function|const) (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Recorded:
    """An exhibit, and the conversations that were held with it and with its twin."""

    exhibit: Exhibit
    one: Conversation | None
    twin: Conversation | None


def exported(
    name: str, about: str, recorded: list[Recorded], *, source: bool = True
) -> Iterator[tuple[str, str]]:
    """The name and the text of each file. With `source=False` no source is shown of what was recorded."""
    exhibits = [each.exhibit for each in recorded]
    places = (("/", "Exhibits"), (f"{ROOT}/clauses", "Clauses"))
    frame = pages.Frame(ROOT, "", name, places, exhibits=True)
    known = names_of(recorded)
    sources: dict[str, str] = {}  # the files that were spoken of, and the script that has each

    def page(file: str, html: str) -> tuple[str, str]:
        return file, linked(html, file, known)

    yield page("index.html", pages.gallery(frame, about, exhibits))
    yield page("clauses.html", pages.clauses(frame))
    for each in recorded:
        slug = each.exhibit.slug
        html = pages.exhibit(frame, exhibits, slug, ORIGIN, runs=False)
        if html is not None:
            yield page(known[f"{ROOT}/exhibits/{slug}"], html.replace(RUN, f"{links_to(each)}{RUN}", 1))
        for found in filter(None, (each.one, each.twin)):
            spoken_of = [file for file in sorted(files_of(found)) if source and highlighted(file)]
            for file in spoken_of:
                if file not in sources:
                    sources[file] = f"sources/{len(sources) + 1}.js"
                    yield sources[file], source_script(file)
            scripts = "".join(f'<script defer src="../{sources[file]}"></script>\n' for file in spoken_of)
            data = f'<script type="application/json" id="recorded">{embedded(drawn(found))}</script>\n'
            html = pages.conversation(frame, found).replace("</main>", f"{data}</main>", 1)
            # Scripts run in the order in which they stand, and the page's own asks for what the others bring.
            html = html.replace(OWN, f"{scripts}{OWN}", 1)
            yield page(known[f"{ROOT}/conversations/{found.id}"], html)
            for what, text in ways_of(found).items():
                yield known[f"{ROOT}/conversations/{found.id}/{what}"], text
        if each.one and each.twin:
            both = compared(each.one, each.twin, [each.exhibit.twin_file] if each.exhibit.twin_file else ())
            path = f"{ROOT}/compare/{each.one.id}"
            yield page(known[path], pages.compare(frame, (each.one, each.twin), both))
            yield known[f"{path}/{each.twin.id}/json"], json.dumps(both)
    for style in STYLES:
        yield f"static/{style}", (STATIC / style).read_text(encoding="utf-8")
    for script in ("exhibit", "compare", *SCRIPTS.values()):
        yield f"static/{script}.js", classic(script)


def names_of(recorded: list[Recorded]) -> dict[str, str]:
    """The files that take the place of paths."""
    known = {"/": "index.html", f"{ROOT}/clauses": "clauses.html"}
    known |= {f"{ROOT}/static/{style}": f"static/{style}" for style in STYLES}
    for each in recorded:
        slug = each.exhibit.slug
        known[f"{ROOT}/exhibits/{slug}"] = f"exhibits/{slug}.html"
        for path, name, found in (
            (each.exhibit.path, slug, each.one),
            (each.exhibit.twin, f"{slug}-twin", each.twin),
        ):
            if found is None:
                continue
            file = f"conversations/{name}"
            known[f"{ROOT}/conversations/{found.id}"] = f"{file}.html"
            if path:
                known[path] = f"{file}.html"
            for what in ways_of(found):
                known[f"{ROOT}/conversations/{found.id}/{what}"] = f"{file}.{TAKEN[what]}"
        if each.one and each.twin:
            for found in (each.one, each.twin):
                known[f"{ROOT}/compare/{found.id}"] = f"compare/{slug}.html"
            known[f"{ROOT}/compare/{each.one.id}/{each.twin.id}/json"] = f"compare/{slug}.json"
    return known


def ways_of(found: Conversation) -> dict[str, str]:
    """What a conversation can be taken away as: not every one can be sent by curl, or told as a test."""
    texts = {}
    for what in TAKEN:
        with suppress(ValueError):
            texts[what] = taken(found, what, with_source=False)[0]
    return texts


def linked(html: str, file: str, known: Mapping[str, str]) -> str:
    """A page whose links lead to files, as they are seen from its own; what leads nowhere is no link."""
    folder = file.rpartition("/")[0] or "."

    def link(found: re.Match[str]) -> str:
        attribute, path, part = found[1], unescape(found[2]), found[3] or ""
        if not path.startswith("/"):
            return found[0]
        name = known.get(path)
        return f' {attribute}="{relpath(name, folder)}{part}"' if name else ""

    def script(found: re.Match[str]) -> str:
        name = SCRIPTS.get(found[1], found[1])
        return f'<script defer src="{relpath(f"static/{name}.js", folder)}"></script>'

    html = UNTAKEN.sub("", LINK.sub(link, SCRIPT.sub(script, html)))
    return ROOT_OF.sub(f'data-root="{relpath(".", folder)}" data-site=""', html)


def links_to(each: Recorded) -> str:
    """Where the conversations of an exhibit are, as HTML."""
    found = [("By hand", f"conversations/{each.one.id}" if each.one else "")]
    found += [("through Django", f"conversations/{each.twin.id}" if each.twin else "")]
    found += [("both side by side", f"compare/{each.one.id}" if each.one and each.twin else "")]
    links = ", ".join(f'<a href="{ROOT}/{path}">{words}</a>' for words, path in found if path)
    return f'<h2 id="recorded">A conversation with it</h2>\n<p>{links}.</p>\n'


def source_script(file: str) -> str:
    """A file as a script that gives its lines, as HTML, to every page that loads it."""
    return f"(globalThis.sources ??= new Map()).set({json.dumps(file)}, {json.dumps(highlighted(file))});\n"


def classic(name: str) -> str:
    """A script with all that it imports, as one that is no module: a browser loads no module from a disk."""
    order: list[str] = []

    def visit(module: str) -> None:
        for _, imported in IMPORT.findall(source_of(module)):
            visit(imported)
        if module not in order:
            order.append(module)

    visit(name)
    parts = [f"const {module}_js = await (async () => {{\n{wrapped(module)}\n}})();" for module in order]
    return "(async () => {\n" + "\n".join(parts) + "\n})();\n"


def source_of(module: str) -> str:
    return (STATIC / f"{module}.js").read_text(encoding="utf-8")


def wrapped(module: str) -> str:
    """The text of a module as that of a function: what it exports is what it returns."""
    text = IMPORT.sub(r"const {\1} = \2_js;", source_of(module))
    names = ", ".join(name for _, name in EXPORT.findall(text))
    return f"{EXPORT.sub(lambda found: f'{found[1]} {found[2]}', text)}\nreturn {{ {names} }};"
