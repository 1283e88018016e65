"""What a router costs and what it gets right, beside four others: `python -m bench`."""
