"""What is known of OpenAI's current models without asking: price, context length, whether they think before they write.

Prices are US dollars for a million tokens at the standard rate, looked up on the day in `READ_ON`: in copies of OpenAI's
own pages (https://developers.openai.com/api/docs/models) where the table says so, else in other services' price lists,
which agreed with each other. Prices change; https://developers.openai.com/api/docs/pricing has today's. Caching (reads
cost less, writes more), batches and regions are not modelled, so a cost is an estimate; above 272,000 prompt tokens the
rates change, and no cost is given. A model that is not in the table has no known price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

READ_ON = date(2026, 11, 20)
LONG_PROMPT_TOKENS = 272_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """Prices in USD for a million tokens; `context_tokens` counts prompt and answer together."""

    input_usd: float
    output_usd: float
    context_tokens: int


OPENAI_MODELS = {
    # from OpenAI's own pages
    "gpt-6.2-sol": ModelFacts(input_usd=2.00, output_usd=10.00, context_tokens=1_050_000),
    "gpt-6-sol": ModelFacts(input_usd=2.00, output_usd=10.00, context_tokens=1_050_000),
    "gpt-6-luna": ModelFacts(input_usd=0.10, output_usd=0.50, context_tokens=1_050_000),
    "gpt-5.6-luna": ModelFacts(input_usd=0.20, output_usd=1.20, context_tokens=1_050_000),
    # from other services' lists
    "gpt-6.1-sol": ModelFacts(input_usd=2.00, output_usd=10.00, context_tokens=1_050_000),
    "gpt-6.1-terra": ModelFacts(input_usd=1.00, output_usd=5.00, context_tokens=1_050_000),
    "gpt-5.4-mini": ModelFacts(input_usd=0.75, output_usd=4.50, context_tokens=400_000),
    "gpt-5.4-nano": ModelFacts(input_usd=0.20, output_usd=1.25, context_tokens=400_000),
}

# OpenAI's models of the last years that are not in the table hold at least this much.
OTHER_OPENAI_CONTEXT_TOKENS = 128_000

_SNAPSHOT = re.compile(r"-\d{4}-\d\d-\d\d$")
_THINKS = re.compile(r"^(o\d|gpt-([5-9]|\d\d))(?!.*-chat)")


def openai_facts(model: str) -> ModelFacts | None:
    """The row of a model; a dated snapshot (`gpt-6-luna-2026-09-22`) counts as its model."""
    return OPENAI_MODELS.get(_SNAPSHOT.sub("", model))


def cost_usd(facts: ModelFacts, *, prompt_tokens: int, completion_tokens: int) -> float | None:
    """What a call costs; 10,000 tokens in and 500 out of gpt-6-luna: 0.001 + 0.00025 = 0.00125 dollars."""
    if prompt_tokens > LONG_PROMPT_TOKENS:
        return None
    return (prompt_tokens * facts.input_usd + completion_tokens * facts.output_usd) / 1_000_000


def thinks(model: str) -> bool:
    """Whether an OpenAI model spends tokens on thinking, and refuses a temperature (o3, gpt-5 and later)."""
    return bool(_THINKS.match(model))
