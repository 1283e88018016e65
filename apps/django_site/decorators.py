"""What several twins need around them."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django import forms
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]

TEXT = "text/plain; charset=utf-8"


def parameters(form_class: type[forms.Form]) -> Callable[[View], View]:
    """Call a view with the fields of a form, filled in from the query string.

    Those that are left out have their `initial` value. Values that the form does not allow are answered
    with 400, saying for each what was wrong and what is right.
    """
    initial = {name: field.initial for name, field in form_class.base_fields.items()}

    def decorator(view: View) -> View:
        @wraps(view)
        async def inner(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            form = form_class({**initial, **request.GET.dict()})
            if form.is_valid():
                return await view(request, **kwargs, **form.cleaned_data)
            return HttpResponseBadRequest(complaints(form), content_type=TEXT)

        return inner

    return decorator


def complaints(form: forms.Form) -> str:
    """What is wrong with each field of a form, and what is right, in a line of its own."""
    return "".join(
        f"{name}: {' '.join(map(str, messages))} ({form.fields[name].help_text})\n"
        for name, messages in form.errors.items()
    )


def asgi_only(view: View) -> View:
    """Answer 501 where there is no ASGI: under a WSGI server, or in a CGI program.

    Async views run there, too, each on an event loop that lives as long as the request. But there is
    no scope, nobody says that the client has left, and a stream is gathered whole before it is sent.
    """

    @wraps(view)
    async def inner(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request, ASGIRequest):
            return await view(request, **kwargs)
        return HttpResponse(
            "This page needs an ASGI server: uvicorn apps.django_site.asgi:application\n",
            status=501,
            content_type=TEXT,
        )

    return inner
