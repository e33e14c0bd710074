"""Scripted stand-ins for every service behind a router: loopback servers that record all they receive."""
