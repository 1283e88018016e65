"""A waterfall as a drawing: a lane for each request, one clock for all, and the event loop beneath them.

A bar is a wait: filled where it holds its thread, an outline where it holds none. Dots are the time until its
turn came, and then until the answer was sent. The curve below rises for as long as the event loop is stopped.
"""

from html import escape
from typing import Any

LEFT, RIGHT = 48, 684  # between them is the time
TOP, LANE = 132, 18
LOOP = 44  # how high the curve may be

STYLE = """\
  svg { --paper: #fdfdfb; --ink: #2a2d30; --faint: #62676c }
  svg { --line: #dfe1e3; --wait: #33658a; --loop: #a8501b }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #17191b; --ink: #e6e6e3; --faint: #a0a5aa }
    svg { --line: #34383b; --wait: #86bbd8; --loop: #eb9d5c }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .title { font-size: 19px; font-weight: 600 }
  .faint { font-size: 12px; fill: var(--faint) }
  .code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .paper { fill: var(--paper) }
  .grid { stroke: var(--line) }
  .turn { stroke: var(--faint); stroke-dasharray: 1 3 }
  .bar { stroke: var(--wait); stroke-width: 1.5; fill: none }
  .held { fill: var(--wait) }
  .sent { stroke: var(--ink); stroke-width: 1.5 }
  .loop { fill: var(--loop); stroke: var(--loop) }
"""


def drawing(fallen: dict[str, Any]) -> str:
    """The SVG of a waterfall, as `apps/waterfall.py` tells it."""
    lanes, stalls, total = fallen["requests"], fallen["stalls"], fallen["total"]
    bottom = TOP + LANE * len(lanes)
    floor = bottom + 28 + LOOP
    height = floor + 42

    def x(at: float) -> str:
        return f"{LEFT + (RIGHT - LEFT) * at / total:.1f}"

    def text(x: object, y: object, style: str, words: str) -> str:
        return f'<text x="{x}" y="{y}" class="{style}">{escape(words)}</text>\n'

    late = f"up to {fallen['latest']:.2f} s late" if stalls else "on time"
    title = f"{len(lanes)} requests at once: {fallen['way']}"
    outcome = f"The last one was answered after {total:.2f} s, and the event loop was {late}."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height}" role="img" '
        f'aria-labelledby="title about">\n<title id="title">{escape(title)}</title>\n'
        f'<desc id="about">{escape(fallen["about"])}. {outcome}</desc>\n<style>\n{STYLE}</style>\n'
        f'<rect class="paper" width="960" height="{height}"/>\n',
        text(LEFT, 34, "title", title),
        text(LEFT, 56, "", fallen["about"]),
        text(LEFT, 76, "", outcome),
        f'<path class="turn" d="M{LEFT} 105h36"/><rect class="bar" x="214" y="100" width="36" height="10"/>'
        '<rect class="bar held" x="438" y="100" width="36" height="10"/>'
        '<path class="sent" d="M602 99v12"/>\n',
        text(LEFT + 44, 109, "faint", "waits for its turn"),
        text(258, 109, "faint", "waits, and holds no thread"),
        text(482, 109, "faint", "holds its thread"),
        text(610, 109, "faint", "is answered"),
        text(RIGHT + 16, 109, "faint", "the thread and its process"),
    ]
    at, gap = 0.0, step(total)
    while at <= total:
        parts.append(f'<path class="grid" d="M{x(at)} {TOP - 6}V{floor}"/>')
        parts.append(text(x(at), floor + 20, "faint middle", f"{at:.3g} s"))
        at += gap
    for n, lane in enumerate(lanes):
        y = TOP + LANE * n
        style = "bar held" if lane["held"] else "bar"
        width = (RIGHT - LEFT) * (lane["ended"] - lane["began"]) / total
        parts.append(
            f'<path class="turn" d="M{x(lane["start"])} {y + 9}H{x(lane["began"])}"/>'
            f'<rect class="{style}" x="{x(lane["began"])}" y="{y + 4}" width="{width:.1f}" height="10"/>'
            f'<path class="turn" d="M{x(lane["ended"])} {y + 9}H{x(lane["end"])}"/>'
            f'<path class="sent" d="M{x(lane["end"])} {y + 3}v12"/>\n'
        )
        parts.append(text(LEFT - 12, y + 13, "faint end", f"{n + 1}"))
        parts.append(text(RIGHT + 16, y + 13, "faint code", f"{lane['thread']} in {lane['process']}"))
    # What is nothing beside the whole is to look like nothing, too.
    high = LOOP / max(total / 20, fallen["latest"])
    curve = "".join(
        f"H{x(stall['due'])}L{x(stall['due'] + stall['late'])} {floor - high * stall['late']:.1f}V{floor}"
        for stall in stalls
    )
    parts += [
        f'<path class="loop" d="M{LEFT} {floor}{curve}H{RIGHT}"/>\n',
        text(RIGHT + 16, floor - 14, "", "event loop"),
        text(RIGHT + 16, floor + 2, "faint", late),
        "</svg>\n",
    ]
    return "".join(parts)


def step(total: float) -> float:
    """The seconds between two lines of the clock: three to eight lines, at a round 1, 2 or 5."""
    unit = 100.0
    while unit * 3 > total:
        unit /= 10
    return next(unit * n for n in (1, 2, 5) if total <= unit * n * 8)
