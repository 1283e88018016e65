"""One set of exhibits on every server: what each answers over HTTP/1.1 and HTTP/2, and what that takes.

`served` is the application; `load` asks, by wrk and h2load and by a WebSocket client of its own; `trial` lets
the servers take turns; `page` makes tables and drawings of what was measured.
"""
