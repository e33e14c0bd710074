"""Examples, keys and exit codes, as the help of `verify` and `record` tells them."""

from __future__ import annotations

from typing import Final

VERIFY_EXAMPLES: Final = """Examples:

\b
  kimi-conformance verify                                   all that is on tape, without a network
  kimi-conformance verify --only 'api.limits.*'
  kimi-conformance plan                                     what a live run would cost; asks only for balance and models
  MOONSHOT_API_KEY=… kimi-conformance verify --mode live    Kimi itself, at most 60 calls
  op run -- kimi-conformance verify --mode live --smoke     three calls, the key from 1Password
  kimi-conformance verify --mode live --base-url http://127.0.0.1:8080    `kimi-conformance serve`, or a proxy

\b
Keys, from the environment only (without an optional one its cases are not observed):
  MOONSHOT_API_KEY           of platform.kimi.ai; needed
  MOONSHOT_API_KEY_CN        of platform.kimi.com
  MOONSHOT_API_KEY_DRAINED   of an account on platform.kimi.ai without funds
  KIMI_CODE_API_KEY          of a Kimi Code plan
Base URLs: KIMI_BASE_URL, KIMI_BASE_URL_CN, KIMI_CODE_BASE_URL

\b
Exit codes:
  0    conformant
  1    not conformant: a MUST does not hold, or nothing was seen to hold
  2    a mistake in the options or the environment, or nothing was tried
  3    nothing can be said: a cassette is missing or broken
  130  interrupted (Ctrl-C): what was seen by then is reported; 143 by SIGTERM
"""

RECORD_EXAMPLES: Final = """Examples:

\b
  MOONSHOT_API_KEY=… kimi-conformance record                into ./cassettes, what passes only
  kimi-conformance record --only 'api.stream.*' --shelf evidence
  kimi-conformance record --from-har traffic.har            your own traffic with Kimi, into ./cassettes/own
  kimi-conformance record --base-url http://127.0.0.1:8080  what is recorded elsewhere than at Kimi is called modelled

\b
Keys and base URLs: see `kimi-conformance verify --help`.

\b
Exit codes: those of verify, by what was seen; with --from-har
  0    something passed and is on tape
  2    the file cannot be read, or nothing in it passes
"""
