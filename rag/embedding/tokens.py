"""Tokens of texts to embed, what they cost, and how texts are packed into requests.

Limits and prices are those of https://developers.openai.com/api/docs/models and its API reference, read in November 2026: a
request holds at most 2,048 texts and 300,000 tokens, a text 8,191 tokens. Tokens are counted with tiktoken's cl100k_base,
which llama-index-core brings along, so nothing is downloaded; without it, and for other models, they are estimated on the
high side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.model.tokens import encoding_of

MOST_TEXTS, MOST_TOKENS = 2_048, 300_000
# A request of fewer texts is not worth splitting off for the sake of doing several at once.
FEWEST_TEXTS = 32
# What a model of which nothing is known reads: most read 512 tokens or more.
UNKNOWN_INPUT_TOKENS = 512
# English prose has 4 to 5 characters a token, formulas and names about 3; other scripts have more bytes.
_CHARACTERS_PER_TOKEN, _BYTES_PER_TOKEN = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingFacts:
    """Length of the vectors, tokens that are read of a text, US dollars for a million tokens."""

    dimension: int
    input_tokens: int
    usd: float


OPENAI_EMBEDDINGS = {
    "text-embedding-3-small": EmbeddingFacts(dimension=1536, input_tokens=8_191, usd=0.02),
    "text-embedding-3-large": EmbeddingFacts(dimension=3072, input_tokens=8_191, usd=0.13),
    "text-embedding-ada-002": EmbeddingFacts(dimension=1536, input_tokens=8_191, usd=0.10),
}


class Counter:
    """Counts the tokens of texts for one model; `exact` when it is OpenAI's and tiktoken is there."""

    def __init__(self, *, exact: bool) -> None:
        self._exact = exact

    def count(self, text: str) -> int:
        encoding = encoding_of("cl100k_base") if self._exact else None
        if encoding is not None:
            return len(encoding.encode_ordinary(text))
        n_bytes = len(text.encode("utf-8", "replace"))
        return max(-(-len(text) // _CHARACTERS_PER_TOKEN), -(-n_bytes // _BYTES_PER_TOKEN))

    def fits(self, text: str, tokens: int) -> bool:
        """Whether a text has at most so many tokens; short ones are not counted, a token is at least one byte."""
        return 4 * len(text) <= tokens or len(text.encode("utf-8", "replace")) <= tokens or self.count(text) <= tokens

    def cut(self, text: str, tokens: int) -> str:
        """The beginning of a text that has at most so many tokens."""
        if self.fits(text, tokens):
            return text
        encoding = encoding_of("cl100k_base") if self._exact else None
        if encoding is not None:
            return encoding.decode(encoding.encode_ordinary(text)[:tokens], errors="ignore")
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.count(text[:middle]) <= tokens else (low, middle - 1)
        return text[:low]


def pack(tokens: Sequence[int], *, n_at_once: int) -> list[range]:
    """Places of texts, a range for each request: within the limits, and enough of them for several to run at once.

    >>> pack([100_000, 150_000, 100_000], n_at_once=1)
    [range(0, 2), range(2, 3)]
    """
    most_texts = min(MOST_TEXTS, max(FEWEST_TEXTS, -(-len(tokens) // n_at_once)))
    parts: list[range] = []
    start = total = 0
    for i, n_tokens in enumerate(tokens):
        if i > start and (total + n_tokens > MOST_TOKENS or i - start >= most_texts):
            parts.append(range(start, i))
            start, total = i, 0
        total += n_tokens
    return [*parts, range(start, len(tokens))] if tokens else []
