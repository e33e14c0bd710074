"""Examples and exit codes, as the help of `drift` tells them."""

from __future__ import annotations

from typing import Final

EXAMPLES: Final = """Examples:

\b
  MOONSHOT_API_KEY=… kimi-conformance drift                 Kimi now, against the bundled cassettes; at most 60 calls
  op run -- kimi-conformance drift --only 'hosts/*' --only 'stream/*'
  kimi-conformance drift --base-url http://127.0.0.1:8080   `kimi-conformance serve`, or a proxy
  kimi-conformance drift --seen tonight                     asks nothing: what `verify --mode live --keep tonight` kept
  kimi-conformance drift --seen new --against old           two folders of cassettes
  kimi-conformance drift --json drift.json --markdown drift.md --webhook DRIFT_WEBHOOK

\b
A difference is breaking (a client that did well may fail), additive (there is more than before) or wording.
Texts, ids, counters and times of answers are never drift, nor is what a model chooses to say or to call.
Keys and base URLs: see `kimi-conformance verify --help`.

\b
Exit codes:
  0    no breaking drift; what is additive or worded anew is told
  1    breaking drift
  2    a mistake in the options, the environment or a folder
  3    nothing could be compared
  130  interrupted (Ctrl-C): what was seen by then is compared; 143 by SIGTERM
"""
