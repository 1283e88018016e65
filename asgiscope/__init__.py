"""The instrument: records an ASGI conversation, judges it against the specification, shows it live.

This is the one package of the distribution, and so far its door only: what is behind it comes in the
next releases (see CHANGELOG.md). The gallery, the servers and the router live beside it.
"""

__version__ = "0.1.0.dev0"
