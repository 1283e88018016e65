"""What every page has around its content."""

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

LAYOUT = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {name}</title>
<link rel="icon" type="image/svg+xml" href="{root}/static/icon.svg">
{styles}{scripts}</head>
<body data-root="{root}" data-site="{site}">
<a class="skip" href="#main">Skip to the content</a>
<header>
<a class="home" href="{home}">{name}</a>
<nav aria-label="pages">{places}</nav>
</header>
<main id="main">
{body}
</main>
</body>
</html>
"""

CODE = re.compile(r"`([^`\n]+)`")


class Frame(NamedTuple):
    """Where a page is shown.

    `root` is the path of the page, `site` that at which the site is mounted, and `places` are the names of
    what else there is to go to, by their paths, with `root` or `site` in front.
    """

    root: str
    site: str
    name: str
    places: tuple[tuple[str, str], ...]
    exhibits: bool = False  # whether there is a gallery, at the front of the site

    @property
    def home(self) -> str:
        """The path of the first page."""
        return f"{self.site}/" if self.exhibits else f"{self.root}/"


def layout(
    frame: Frame,
    title: str,
    body: str,
    *,
    styles: Iterable[str] = (),
    scripts: Iterable[str] = (),
    current: str = "",
) -> str:
    """A page around its content, which is HTML.

    `styles` and `scripts` are the names of the files that it needs, besides the style of every page, and
    `current` is the path of the place that it belongs to.
    """
    places = " ".join(
        f'<a href="{escape(path)}"{" aria-current=page" if path == current else ""}>{escape(words)}</a>'
        for path, words in frame.places
    )
    return LAYOUT.format(
        root=escape(frame.root),
        site=escape(frame.site),
        home=escape(frame.home),
        name=escape(frame.name),
        title=escape(title),
        places=places,
        body=body,
        styles="".join(
            f'<link rel="stylesheet" href="{escape(frame.root)}/static/{style}.css">\n'
            for style in ("page", *styles)
        ),
        scripts="".join(
            f'<script type="module" src="{escape(frame.root)}/static/{script}.js"></script>\n'
            for script in scripts
        ),
    )


def prose(text: str) -> str:
    """A paragraph as HTML; what stands in backquotes is code."""
    return CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def said(frame: Frame, title: str, text: str) -> str:
    """A page that has no more than a sentence."""
    return layout(frame, title, f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>")
