"""Reaching a router: starting it, talking to it, ending it."""
