"""What language models have cost so far, and no further: the sum of a session and its limit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rag.schema import Usage
from rag.steps import Failure

if TYPE_CHECKING:
    from rag.models import Model


class Spending:
    """The tokens and the money of all calls of an engine; safe to use from several threads."""

    def __init__(self, max_cost_usd: float | None = None) -> None:
        self.max_cost_usd = max_cost_usd
        self._total = Usage(cost_usd=0.0)
        self._lock = threading.Lock()

    @property
    def total(self) -> Usage:
        """The sum so far; `cost_usd` is None once a call's price was not known."""
        return self._total

    def add(self, usage: Usage) -> None:
        with self._lock:
            self._total = plus(self._total, usage)

    def refusal(self, model: Model) -> Failure | None:
        """Why no further call may be made; None when one may. A call under way is not interrupted, so the last one may go
        beyond the limit.
        """
        if self.max_cost_usd is None:
            return None
        limit = f"the limit of ${self.max_cost_usd:g}"
        if model.cost(Usage(prompt_tokens=1_000, completion_tokens=1_000)) is None or self._total.cost_usd is None:
            message = f"the price of {model.name} is not known, so {limit} cannot be kept; ask it without a limit"
            return Failure(message=message, reason="limit")
        if self._total.cost_usd >= self.max_cost_usd:
            message = f"{limit} is reached (${self._total.cost_usd:.4f} spent); --max-cost raises it"
            return Failure(message=message, reason="limit")
        return None


def plus(first: Usage, second: Usage) -> Usage:
    """Both together; the cost is unknown when one of the two is (what used no tokens costs nothing)."""
    costs = [usage.cost_usd if usage.prompt_tokens or usage.completion_tokens else 0.0 for usage in (first, second)]
    known = [cost for cost in costs if cost is not None]
    return Usage(
        prompt_tokens=first.prompt_tokens + second.prompt_tokens,
        completion_tokens=first.completion_tokens + second.completion_tokens,
        cost_usd=sum(known) if len(known) == 2 else None,
    )
