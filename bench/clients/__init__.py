"""What each client that speaks to an application in process can do, found by running it, and how fast it is.

`client` says what a client is asked for; each `of_` module shows how one of them is used for it.
"""
