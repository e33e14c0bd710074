"""Reporting: reads results only, and says them to people and programs."""
