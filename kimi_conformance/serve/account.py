"""What an account can be asked about: money, the use of a coding plan, and how many tokens a prompt has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kimi_conformance.serve.asking import Asked
from kimi_conformance.serve.config import DEBT
from kimi_conformance.serve.inference import served, unknown
from kimi_conformance.serve.reading import body_of
from kimi_conformance.serve.refusals_messages import answered_calls, roles, said_nothing
from kimi_conformance.serve.tokens import prompt_tokens
from kimi_conformance.upstream.kimi_wire import JSON, headers, illegal_input
from kimi_conformance.upstream.script import json_answer

if TYPE_CHECKING:
    from kimi_conformance.serve.call import Call
    from kimi_conformance.upstream.script import Script


def balance(call: Call) -> Script:
    """Evidence 060; answered to an account without funds too. Debt counts as nothing available."""
    held = call.config.balance if call.account.funds else DEBT
    data = {
        "available_balance": round(held.voucher + max(held.cash, 0), 5),
        "voucher_balance": held.voucher,
        "cash_balance": held.cash,
    }
    return json_answer(200, {"code": 0, "data": data, "scode": "0x0", "status": True}, headers(JSON))


def usages(call: Call) -> Script:
    """The use of a coding plan: numbers are strings, zeros are left out. The members are those that clients read."""
    now = datetime.fromtimestamp(call.state.clock(), UTC)
    body = {
        "user": {"membership": {"level": "LEVEL_INTERMEDIATE"}},
        "usage": {"limit": "100", "used": "25", "remaining": "75", "resetTime": _after(now, days=5)},
        "limits": [
            {
                "window": {"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"},
                "detail": {"limit": "100", "remaining": "100", "resetTime": _after(now, hours=3)},
            }
        ],
    }
    return json_answer(200, body, headers(JSON))


def token_count(call: Call) -> Script:
    """The tokens of a prompt. Failures come in the third family (evidence 058); their texts are modelled."""
    body = body_of(call.request)
    if body is None:
        return illegal_input("the body is not a JSON object")
    named = body.get("model")
    model = served(call, named) if isinstance(named, str) else None
    if model is None:
        return illegal_input(unknown(str(named)).message)
    asked = Asked(body, model)
    if problem := said_nothing(body) or roles(asked) or answered_calls(asked):
        return illegal_input(problem.message.removeprefix("Invalid request: "))
    data: dict[str, Any] = {"total_tokens": prompt_tokens(asked)}
    return json_answer(200, {"data": data}, headers(JSON))


def _after(now: datetime, **delta: float) -> str:
    return f"{now + timedelta(**delta):%Y-%m-%dT%H:%M:%SZ}"
