"""The applications: `raw_asgi` by hand, `django_site` through Django, and the table of contents of both."""
