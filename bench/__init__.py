"""What a router costs and gets right, what a recorder costs, what a client in process can do, each beside
others, what middleware and threads cost in Django, what three gateways make of it, and what the page costs:
`python -m bench`.
"""
