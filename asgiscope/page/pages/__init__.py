"""The pages as HTML. Every value that came over the wire is escaped here, and nowhere else is HTML made of
one."""

from .clauses import clauses
from .compare import choose, compare
from .conversation import conversation
from .exhibit import exhibit
from .gallery import gallery
from .layout import Frame, layout, said
from .live import live
from .matrix import heading, matrix
from .servers import servers
from .speed import speed
from .waterfall import waterfall

__all__ = [
    "Frame", "choose", "clauses", "compare", "conversation", "exhibit", "gallery", "heading", "layout",
    "live", "matrix", "said", "servers", "speed", "waterfall",
]  # fmt: skip
