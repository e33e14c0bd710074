"""Drift: what differs between an answer and the recorded one, and was no model's choice. Pure functions."""
