"""Which path is which page. Each exhibit has one, by its name, and that is the name to `reverse()`.

Mounted below a path, as by the router of this site, the project needs no word of it here: Django takes
the mount from `root_path` and puts it in front of every URL it makes.
"""

from django.contrib import admin
from django.urls import include, path

from .views import ancestors, answers, around, bodies, index, instead, streams

urlpatterns = [
    path("", index.index, name="index"),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("hello", answers.hello, name="hello"),
    path("inspect_scope", answers.inspect_scope, name="inspect_scope"),
    path("headers", answers.headers, name="headers"),
    path("tls_info", answers.tls_info, name="tls_info"),
    path("echo", answers.echo, name="echo"),
    path("errors", answers.errors, name="errors"),
    path("errors/<str:when>", answers.error, name="error"),
    path("stream", streams.stream, name="stream"),
    path("timer", streams.timer, name="timer"),
    path("sse", streams.sse, name="sse"),
    path("long_poll", streams.long_poll, name="long_poll"),
    path("upload", bodies.upload, name="upload"),
    path("files", bodies.files, name="files"),
    path("files/<str:name>", bodies.file, name="file"),
    path("middleware", around.middleware, name="middleware"),
    path("tiles", around.tiles, name="tiles"),
    path("tiles/<int:n>.svg", around.tile, name="tile"),
    path("wsgi", ancestors.wsgi, name="wsgi"),
    path("cgi", ancestors.cgi, name="cgi"),
    path("cgi/program", ancestors.program, name="program"),
    path("trailers", instead.trailers, name="trailers"),
    path("early_hints", instead.early_hints, name="early_hints"),
    path("server_push", instead.server_push, name="server_push"),
    path("debug_info", instead.debug_info, name="debug_info"),
    path("websocket_echo", instead.websocket_echo, name="websocket_echo"),
    path("websocket_denial", instead.websocket_denial, name="websocket_denial"),
    path("chat", instead.chat, name="chat"),
    path("lifespan_state", instead.lifespan_state, name="lifespan_state"),
]
