"""The page: conversations as they happen, drawn in a browser, for any ASGI application.

    application = watch(application)        # and then http://localhost:8000/__asgiscope__/

It is an application that stands around another one: what is asked for below `/__asgiscope__/` it answers
itself, and everything else is recorded on its way. It listens to nobody but this machine's own pages: see
`guard`.
"""

from .exhibits import Exhibit
from .watched import Watch, watch
from .waterfall import Waterfalls

__all__ = ["Exhibit", "Watch", "Waterfalls", "watch"]
