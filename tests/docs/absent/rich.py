"""What Litestar brings and MCP logs with, where it is there: a reader of docs/mounting.md has none."""

raise ModuleNotFoundError("rich is hidden from the pages", name="rich")
