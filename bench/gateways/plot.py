"""A drawing of bars: a row for each contestant, a panel for each thing that was measured of it.

Three panels stand side by side, and further ones below. Every panel has a scale of its own, from zero to the
longest bar in it. A bar is as long as the median, and a thin line goes from the lowest to the highest. What
is a wait is drawn as an outline.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from apps.drawing import STYLE

WIDTH = 960
LEFT, PANEL = 236, 240  # where the first panel begins, and how far the next is from it
LONGEST = 160  # the longest bar; beside it is room for a number
TOP, ROW = 124, 46
BESIDE = 3  # panels beside one another
GAP = 78  # between one row of panels and the next


class Bar(NamedTuple):
    """A median, the lowest and the highest, and how the median is said."""

    middle: float
    low: float
    high: float
    label: str


class Panel(NamedTuple):
    """What was measured: its name, what that is, and the bar of each contestant."""

    title: str
    about: str
    bars: Mapping[str, Bar]
    is_wait: bool = False


def text(x: float, y: float, style: str, words: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{escape(words)}</text>\n'


def plot(title: str, about: Mapping[str, str], panels: Sequence[Panel]) -> str:
    """The SVG. `about` says of each contestant, from top to bottom, what it is."""
    bands = -(-len(panels) // BESIDE)
    band = ROW * len(about) + GAP
    height = TOP + band * bands - GAP + 16
    told = ". ".join(
        f"{panel.title}: " + ", ".join(f"{name} {bar.label}" for name, bar in panel.bars.items())
        for panel in panels
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="title about">\n<title id="title">{escape(title)}</title>\n'
        f'<desc id="about">{escape(told)}.</desc>\n<style>\n{STYLE}</style>\n'
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>\n',
        text(24, 36, "title", title),
    ]
    for number in range(bands):
        for row, (name, what) in enumerate(about.items()):
            y = TOP + band * number + ROW * row
            parts.append(text(24, y + 12, "", name))
            parts.append(text(24, y + 28, "faint", what))
    for number, panel in enumerate(panels):
        left = LEFT + PANEL * (number % BESIDE)
        top = TOP + band * (number // BESIDE)
        scale = LONGEST / (max(bar.high for bar in panel.bars.values()) or 1)
        parts.append(text(left, top - 46, "", panel.title))
        parts.append(text(left, top - 28, "faint", panel.about))
        parts.append(f'<path class="grid" d="M{left} {top - 10}V{top + ROW * len(about)}"/>\n')
        for row, name in enumerate(about):
            bar, y = panel.bars[name], top + ROW * row
            style = "bar" if panel.is_wait else "bar held"
            low, high, end = (
                left + scale * value for value in (bar.low, bar.high, max(bar.middle, bar.high))
            )
            parts.append(
                f'<rect class="{style}" x="{left}" y="{y}" width="{scale * bar.middle:.1f}" height="20"/>'
                f'<path class="sent" d="M{low:.1f} {y + 10}H{high:.1f}"/>\n'
            )
            parts.append(text(round(end) + 10, y + 15, "", bar.label))
    return "".join([*parts, "</svg>\n"])
