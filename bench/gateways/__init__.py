"""One application behind three gateways, CGI, WSGI and ASGI: what it answers, and what that takes.

`cgi_server` starts a program for each request; `load` asks; `group` looks at the processes of a server;
`trial` lets the gateways take turns; `page` makes a table and `plot` a drawing of what was measured.
"""
