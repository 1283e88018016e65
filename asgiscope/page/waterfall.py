"""What a site hands the page to draw waterfalls of."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Waterfalls:
    """Where many requests are made at once, by paths below that of the site.

    `ways` are paths by their titles. Each lists ways to do something as a JSON object, with what is to be
    said of each, and below it is `/waterfall.json?way=NAME`: an object with the `total` seconds, the
    `requests`, each with the instants `start`, `began`, `ended`, `first_byte` and `end`, whether it `held`
    its `thread`, and that and its `process`, and the `stalls` of the event loop, `due` at an instant and
    `late` by so many seconds.

    Below `tiles` are as many pictures as `count` says, 0.svg and so on. `hint` says how the same site is had
    over another version of HTTP.
    """

    ways: Mapping[str, str] = field(default_factory=dict)
    tiles: str = ""
    count: int = 200
    hint: str = ""
