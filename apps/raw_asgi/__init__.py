"""The exhibits: each module is one idea and holds one `async def app(scope, receive, send)`.

Read them in the order of `apps/catalogue.py`. None needs another file: copy one, run it alone.
"""
