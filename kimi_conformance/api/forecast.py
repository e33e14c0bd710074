"""What a live run would do and cost: calls, minutes, price; and what the account is, as far as it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
from rich.table import Table

from kimi_conformance.api.outward import Outward
from kimi_conformance.api.request import request_of
from kimi_conformance.cassette.capture import capture
from kimi_conformance.contract.planned import Planned
from kimi_conformance.judge.api.chat import budget as bound_of
from kimi_conformance.judge.api.sight import Sight

if TYPE_CHECKING:
    from rich.console import Console

    from kimi_conformance.api.budget import Budget
    from kimi_conformance.api.call import Call
    from kimi_conformance.api.plan import Plan
    from kimi_conformance.api.surroundings import Surroundings

PROMPT: Final = 200
"""Tokens that a prompt of ours costs at the most, the model's own hidden prompt included (facts, section 6)."""
ANSWER: Final = 600
"""Tokens of an answer without a bound."""
ANSWER_S: Final = 2.0
"""What an answer takes, more or less."""
TIMEOUT: Final = httpx.Timeout(15.0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would come to. `cases` are those that are tried, `over` counts those that the cap leaves out.

    `account` is what balance and models say, `funds` the balance as a number; `missing` the keys that are not there.

    `usd` is the most that it can cost, by the catalogue's prices; `unpriced` counts calls of models without one.
    """

    where: str
    calls: tuple[Call, ...]
    cases: int
    over: int
    minutes: float
    usd: float
    unpriced: int
    missing: tuple[str, ...]
    account: tuple[tuple[str, str], ...] = ()
    funds: float | None = None

    def planned(self) -> Planned:
        """The forecast as data."""
        return Planned(
            where=self.where,
            calls=tuple(call.name for call in self.calls),
            cases=self.cases,
            over=self.over,
            minutes=round(self.minutes, 1),
            usd=round(self.usd, 4),
            unpriced=self.unpriced,
            missing=self.missing,
            account=dict(self.account),
            funds=self.funds,
        )


def forecast(budget: Budget, plan: Plan, around: Surroundings, *, pace_s: float, ask: bool) -> Forecast:
    """The forecast for a budget. `ask`: ask for the balance and the models, which costs nothing."""
    prices = [_most_usd(call, plan) for call in budget.calls]
    tried = (call for case in budget.asked for call in case.all_calls)
    absent = {call.key for call in tried if not call.past and not around.has(call.key)}
    balance, models = _account(plan, around) if ask else (None, None)
    return Forecast(
        where=around.bases["platform-ai"],
        calls=budget.calls,
        cases=len(budget.asked),
        over=len(budget.over),
        minutes=len(budget.calls) * max(pace_s, ANSWER_S) / 60,
        usd=sum(price for price in prices if price is not None),
        unpriced=prices.count(None),
        missing=tuple(sorted(around.variable(key) for key in absent)),
        account=_told(balance, models) if balance and models else (),
        funds=_funds(balance) if balance else None,
    )


def _most_usd(call: Call, plan: Plan) -> float | None:
    """The most that a call can cost: nothing where it is refused or only tells; None for a model without a price."""
    if call.model is None or call.whose != "own":
        return 0.0
    model = plan.contract.catalogue.find(call.model)
    if model is None or model.price is None:
        return None
    tokens = bound_of(dict(call.body or {})) or ANSWER
    return (PROMPT * model.price.miss + tokens * model.price.out) / 1_000_000


def _account(plan: Plan, around: Surroundings) -> tuple[Sight, Sight]:
    """What the account's balance and models were answered with."""
    with httpx.Client(transport=Outward(around), trust_env=False, timeout=TIMEOUT) as client:
        return _asked(client, plan.calls["balance/ai"]), _asked(client, plan.calls["hosts/models-ai"])


def _told(balance: Sight, models: Sight) -> tuple[tuple[str, str], ...]:
    return (("balance", _balance(balance)), ("models", _models(models)), ("tier", "the API does not tell"))


def _funds(balance: Sight) -> float | None:
    data: Any = balance.answer.get("data")
    found = data.get("available_balance") if balance.ok and isinstance(data, dict) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _asked(client: httpx.Client, call: Call) -> Sight:
    exchange, _ = capture(client, request_of(call))
    return Sight(exchange, datetime.now(UTC).date(), call.host, call.whose)


def _balance(sight: Sight) -> str:
    data: Any = sight.answer.get("data")
    if sight.ok and isinstance(data, dict):
        names = ("available_balance", "voucher_balance", "cash_balance")
        return ", ".join(f"{name.removesuffix('_balance')} {data.get(name)}" for name in names)
    return _refused(sight)


def _models(sight: Sight) -> str:
    data: Any = sight.answer.get("data")
    if sight.ok and isinstance(data, list):
        return ", ".join(sorted(str(entry.get("id")) for entry in data if isinstance(entry, dict)))
    return _refused(sight)


def _refused(sight: Sight) -> str:
    said = sight.error.get("message") or sight.exchange.error or "no answer that can be read"
    return f"not told: {sight.status or 'no answer'}, {said}"


def print_forecast(told: Forecast, console: Console) -> None:
    """Print the forecast for people."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("asks", told.where)
    for name, value in told.account:
        table.add_row(name, value)
    sending = f"{len(told.calls)}, for {told.cases} cases"
    table.add_row("calls", f"{sending}; {told.over} more cases would be over the cap" if told.over else sending)
    table.add_row("takes", f"about {max(1, round(told.minutes))} min")
    priced = f"at most {told.usd:.2f} USD"
    table.add_row(
        "price", f"{priced}, and {told.unpriced} calls of models without a known price" if told.unpriced else priced
    )
    for name in told.missing:
        table.add_row("not there", f"{name}: what needs it is not observed")
    console.print(table)
