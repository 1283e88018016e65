"""Applications as the documentation of each framework has them, for `asgiscope check`.

All are lawful as far as they are their author's: what is reported of one, its framework does.
"""
