"""What embedding costs, before and after."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """`n_texts` sent with `n_tokens` in all, for `cost_usd` (None: the price is not known); `n_kept` needed no sending."""

    n_texts: int = 0
    n_kept: int = 0
    n_tokens: int = 0
    cost_usd: float | None = 0.0

    def __add__(self, other: Expense) -> Expense:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Expense(
            n_texts=self.n_texts + other.n_texts,
            n_kept=self.n_kept + other.n_kept,
            n_tokens=self.n_tokens + other.n_tokens,
            cost_usd=(self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )

    def sentence(self) -> str:
        """For people: "2,100 passages, 310,000 tokens, $0.0062 (900 passages embedded before)".

        >>> Expense(n_texts=2100, n_kept=900, n_tokens=310000, cost_usd=0.0062).sentence()
        '2,100 passages, 310,000 tokens, $0.0062 (900 passages embedded before)'
        """
        price = "price not known" if self.cost_usd is None else f"${self.cost_usd:.4f}"
        before = f" ({_passages(self.n_kept)} embedded before)" if self.n_kept else ""
        return f"{_passages(self.n_texts)}, {self.n_tokens:,} tokens, {price}{before}"


def _passages(n: int) -> str:
    return f"{n:,} passage{'' if n == 1 else 's'}"
