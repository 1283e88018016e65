"""What a router costs and gets right, what a recorder costs, and what a client in process can do, each beside
others: `python -m bench`.
"""
