"""Examples, files and exit codes, as the help of `nightly` tells them."""

from __future__ import annotations

from typing import Final

EXAMPLES: Final = """Examples:

\b
  op run -- kimi-conformance nightly --new-history          the first night: begins history.jsonl
  op run -- kimi-conformance nightly --webhook DRIFT_HOOK   every other: silent unless something is wrong
  kimi-conformance nightly --cap 30 --max-usd 0.25 --rpm 20
  kimi-conformance nightly --router ./router.yaml           your router, too, with real upstreams
  kimi-conformance nightly --router ./router.yaml --router-only
  kimi-conformance nightly --base-url http://127.0.0.1:8080 against `kimi-conformance serve`

\b
Steps, each a command of its own: plan, verify (or record, with --shelf), drift, shelf, report, badge, docs, check of
each router; then the history and the webhook. The calls of verify are those that drift compares: none is made twice.
A step that fails does not keep the others from being done. Into --out go summary.md, night.json, plan.json,
results.json, report.html, drift.md, drift.json, seen/ (every answer on tape), API.md, badge.svg, badge.json,
router-NAME.json and a log of each step. Keys and base URLs: see `kimi-conformance verify --help`. deploy/ has a
systemd timer and a line for cron.

\b
Exit codes: that of the worst step, in this order
  2    a mistake in the options, the environment or a file; too dear for --max-usd
  1    a MUST does not hold, drift is breaking, or a line of the reference page has no evidence
  3    nothing can be said: no answer, no funds, a router that could not be started
  0    all is well
  130  interrupted (Ctrl-C): what was done by then is kept; 143 by SIGTERM
"""
