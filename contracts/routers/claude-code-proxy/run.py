"""Serves claude-code-proxy on loopback: run.py PORT."""

import sys

import uvicorn
from server.fastapi import app

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
