"""The hands for Kimi itself: calls, their cassettes, live runs with a budget, and what they came to."""
