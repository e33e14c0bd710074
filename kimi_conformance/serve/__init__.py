"""The offline Kimi: a loopback server that speaks Kimi the way it was observed, refusals and limits included.

Texts and shapes from `kimi-facts.md` and `evidence/`. Where no source has one, the code says `modelled`.
"""

from kimi_conformance.serve.answerer import answerer
from kimi_conformance.serve.config import Account, Balance, Config
from kimi_conformance.serve.hook import as_exchange, as_script, faulty
from kimi_conformance.serve.state import State

__all__ = ["Account", "Balance", "Config", "State", "answerer", "as_exchange", "as_script", "faulty"]
