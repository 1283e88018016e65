"""The project as a CGI program: a process that answers one request and ends.

The request is in the environment and on standard input, the answer goes to standard output
(RFC 3875). The standard library brings the CGI side, Django the WSGI application behind it:

    REQUEST_METHOD=GET PATH_INFO=/hello SERVER_NAME=localhost SERVER_PORT=80 \
        python apps/django_site/cgi_program.py
"""

import os
import sys
from pathlib import Path
from wsgiref.handlers import CGIHandler

from django.core.wsgi import get_wsgi_application

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.django_site.settings")
    CGIHandler().run(get_wsgi_application())
