"""A LlamaIndex `BaseEmbedding` that the caller made, as an embedder of the library.

It is called as it is, with its own batches, retries and key. Its name in the library's manifest is
`llamaindex/<class>/<model name>`; whoever opens the library later makes the same object again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embedding.cache import VectorCache, embed_missing
from rag.embedding.replies import BadVectors, unit_rows
from rag.embedding.tokens import UNKNOWN_INPUT_TOKENS, Counter
from rag.errors import EmbeddingError
from rag.model.errors import Target, model_error, speakable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Settings of LlamaIndex's embeddings that change the vectors of a text, as far as a class has them.
_TELLING = (
    "dimensions", "max_length", "normalize", "pooling", "query_instruction", "text_instruction", "input_type",
    "embedding_type", "mode", "text_engine", "query_engine",
)  # fmt: skip
_QUESTION = "question\x00"
_PROBE = "How long is a vector?"


class LlamaIndexEmbedder:
    """An `Embedder` over a LlamaIndex embedding. Not for several threads at a time unless that one is."""

    def __init__(self, inner: Any, *, cache: Path) -> None:
        self._inner = inner
        kind = type(inner).__name__
        model = getattr(inner, "model_name", None)
        self.spec = f"llamaindex/{kind}/{model if isinstance(model, str) and model else 'unknown'}"
        telling = [
            f"{name}={value!r}" for name in _TELLING if (value := _plain(getattr(inner, name, None))) is not None
        ]
        digest = hashlib.sha256("\n".join(telling).encode("utf-8", "replace")).hexdigest()[:8]
        self.fingerprint = f"{self.spec}-{digest}"
        self.kept = VectorCache(cache, self.fingerprint)
        key = getattr(inner, "api_key", None)
        self._target = Target(name=self.spec, secrets=(key,) if isinstance(key, str) and key else ())
        longest = getattr(inner, "max_length", None)
        self._input_tokens = longest if isinstance(longest, int) and longest > 0 else UNKNOWN_INPUT_TOKENS
        self._counter = Counter(exact=False)
        self._dimension: int | None = None

    def __repr__(self) -> str:
        return f"LlamaIndexEmbedder({self.spec!r})"

    @property
    def dimension(self) -> int:
        """Asked for once with a few words, and kept."""
        if self._dimension is None:
            self._dimension = self.kept.dimension()
        if self._dimension is None:
            row = self._called(lambda: [self._inner.get_text_embedding(_PROBE)], 1)
            self.kept.put([_PROBE], row)
            self._dimension = int(row.shape[1])
        return self._dimension

    def fits(self, text: str) -> bool:
        return self._counter.fits(text, self._input_tokens)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return embed_missing(self.kept, texts, self.dimension, self._embed)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        def embed(texts: Sequence[str]) -> Iterator[tuple[Sequence[int], NDArray[np.float32]]]:
            yield range(1), self._called(lambda: [self._inner.get_query_embedding(text)], 1)

        vector: NDArray[np.float32] = embed_missing(self.kept, [_QUESTION + text], self.dimension, embed)[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], NDArray[np.float32]]]:
        yield range(len(texts)), self._called(lambda: self._inner.get_text_embedding_batch(list(texts)), len(texts))

    def _called(self, call: Callable[[], Any], n_texts: int) -> NDArray[np.float32]:
        """What the object gives, checked and of length 1."""
        try:
            given = call()
        except Exception as error:
            problem = model_error(error, self._target, timeout_s=float(getattr(self._inner, "timeout", None) or 60.0))
            raise EmbeddingError(str(problem)) from speakable(error, self._target)
        try:
            return unit_rows(given, n_texts, self._dimension)
        except BadVectors as error:
            raise EmbeddingError(f"{self.spec}: {error}") from error


def _plain(value: object) -> object:
    """A setting that can be told in words; objects and secrets are none."""
    value = getattr(value, "value", value)
    return value if isinstance(value, (str, int, float, bool)) else None
