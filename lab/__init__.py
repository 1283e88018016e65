"""The lab: it holds the same conversations with every server, over the wire, and says who keeps which clause.

`python -m lab` runs the cases. A `Case` is data: what a client does, byte by byte; what the application does,
a script; and what must be seen, at both ends. `lab.probe` is the application that plays the scripts and
writes down what it sees, `lab.wire` are the clients, and `known` is what is known to be otherwise, and why.
"""

from .case import Case, Verdict
from .evidence import Evidence

__all__ = ["Case", "Evidence", "Verdict"]
