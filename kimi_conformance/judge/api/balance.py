"""GET /v1/users/me/balance. How much there is, only the account knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kimi_conformance.judge.api.fitting import misfits
from kimi_conformance.judge.api.law import Contract, law
from kimi_conformance.judge.check import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.judge.api.sight import Sight

CENT: Final = 0.01
"""Rounding is not held against anybody."""


def _amounts(s: Sight) -> list[float] | None:
    data: Any = s.answer.get("data")
    found = [data.get(f"{kind}_balance") for kind in ("available", "voucher", "cash")] if isinstance(data, dict) else []
    numbers = [float(each) for each in found if isinstance(each, int | float) and not isinstance(each, bool)]
    return numbers if len(numbers) == 3 else None  # noqa: PLR2004 - the three


@law("api.balance.shape", "balance")
def shape(s: Sight, c: Contract) -> Iterator[Flaw]:
    """The balance has the shape of one."""
    yield from misfits(s, c, "balance")


@law("api.balance.sum", "balance", when=lambda s, _c: _amounts(s) is not None)
def balance_sum(s: Sight, _c: Contract) -> Iterator[Flaw]:
    """No more is available than there is; a debt takes nothing from the voucher here."""
    available, voucher, cash = _amounts(s) or (0.0, 0.0, 0.0)
    most = voucher + max(cash, 0.0)
    if available > most + CENT:
        message = "more is available than voucher and cash come to"
        yield Flaw(f"at most {most:.5f}", f"{available:.5f}", "response /data/available_balance", message)
