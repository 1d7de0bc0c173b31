"""From text to vectors: what an embedder is, which ones there are by name, and how papers are embedded.

| spec | what it is |
|---|---|
| `minilm` | all-MiniLM-L6-v2 on this machine; nothing is sent |
| `openai/MODEL` | OpenAI (`text-embedding-3-small`, `text-embedding-3-large`, …), with `OPENAI_API_KEY` and `OPENAI_BASE_URL` |
| `openai-like/MODEL@http://host/v1` | any server that speaks OpenAI's embeddings; key in `ASKPAPERS_EMBEDDING_KEY` if needed |
| a LlamaIndex `BaseEmbedding` object | any of LlamaIndex's providers, set up by the caller (`as_embedder`) |

Loading an embedder imports and sends nothing; what is wrong with it is an EmbeddingError of the first use. No passage is
embedded twice by the same model (`rag.embedding.cache`).

A passage is embedded with its paper's title in front. A paper's own vector is the mean of its passages' vectors, scaled
to length 1: on SciFact train this did as well as embedding the whole abstract once more (nDCG@10 of the hybrid 0.747
against 0.743), and it reads abstracts of any length to their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rag.errors import EmbeddingError
from rag.schema import Paper, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.embedding.cost import Expense
    from rag.settings import Settings
    from rag.vectors import Entry

DEFAULT_EMBEDDING = "minilm"
# A title that runs on for ever must leave room for the passage.
_TITLE_CHARS = 200


class Embedder(Protocol):
    """Turns texts into vectors.

    `spec` is the name that `load_embedder` knows it by; `fingerprint` changes whenever the same text would give another
    vector; `dimension` is the length of the vectors.

    An embedder may have more: `embed_question(text)` where questions are embedded in another way, `embed_passages(texts)`
    where passages are to be remembered, `ahead(texts)` and `spent` (Expense) where it costs money.
    """

    @property
    def spec(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension), in the order of the texts; raises EmbeddingError."""
        ...

    def fits(self, text: str) -> bool:
        """Whether the whole of a text is read."""
        ...


def load_embedder(spec: str | Any, *, cache: Path, settings: Settings | None = None) -> Embedder:
    """The embedder of a spec, of a LlamaIndex `BaseEmbedding`, or the embedder itself; nothing heavy is loaded before it is
    used. Keys and addresses come from `settings` (those of the environment unless given).

    Raises EmbeddingError when it is none of these.
    """
    if not isinstance(spec, str):
        return as_embedder(spec, cache=cache)
    spec = spec.strip()
    if spec == DEFAULT_EMBEDDING:
        from rag.embedding.minilm import KeptMiniLM

        return KeptMiniLM(cache)
    provider, _, rest = spec.partition("/")
    if provider in ("openai", "openai-like") and rest:
        from rag.embedding.openai import endpoint
        from rag.settings import Settings

        return endpoint(spec, cache=cache, settings=settings or Settings.from_env())
    if provider == "llamaindex" and rest:
        kind = rest.partition("/")[0]
        raise EmbeddingError(
            f"{spec!r} is a LlamaIndex object, which only a program can make: there, make the {kind} again and call "
            "Library.open(folder, embedder=rag.embeddings.as_embedder(it))"
        )
    raise EmbeddingError(
        f"unknown embedding {spec!r}; use minilm, openai/text-embedding-3-small, openai-like/MODEL@http://host/v1, or from "
        "Python a LlamaIndex embedding"
    )


def as_embedder(thing: Any, *, cache: Path | None = None) -> Embedder:
    """An embedder from a LlamaIndex `BaseEmbedding`; an embedder is given back as it is.

    `cache` is the folder in which vectors are kept (that of the settings unless given).
    """
    if callable(getattr(thing, "embed_texts", None)):
        embedder: Embedder = thing
        return embedder
    if not callable(getattr(thing, "get_text_embedding_batch", None)):
        raise EmbeddingError(f"a {type(thing).__name__} turns no texts into vectors; pass a LlamaIndex BaseEmbedding")
    from rag.embedding.llamaindex import LlamaIndexEmbedder
    from rag.settings import Settings

    return LlamaIndexEmbedder(thing, cache=cache or Settings.from_env().cache)


def embed_question(embedder: Embedder, text: str) -> NDArray[np.float32]:
    """The vector of a question, shape (d,). Some models embed questions in another way than passages."""
    embed = getattr(embedder, "embed_question", None)
    vector: NDArray[np.float32] = embed(text) if embed is not None else embedder.embed_texts([text])[0]
    return vector


def expense_ahead(embedder: Embedder, papers: Iterable[tuple[Paper, Sequence[Passage]]]) -> Expense | None:
    """What embedding these papers will cost; None where it costs nothing but time."""
    ahead = getattr(embedder, "ahead", None)
    if ahead is None:
        return None
    expense: Expense = ahead([passage_text(paper, passage) for paper, passages in papers for passage in passages])
    return expense


def expense_so_far(embedder: Embedder) -> Expense | None:
    """What this embedder has cost since it was loaded; None where it costs nothing but time."""
    spent: Expense | None = getattr(embedder, "spent", None)
    return spent


def passage_text(paper: Paper, passage: Passage) -> str:
    """What is embedded for a passage: the title (its first 200 characters), then its words."""
    return f"{paper.title[:_TITLE_CHARS]}. {paper.abstract[passage.start : passage.end]}"


def embed_papers(embedder: Embedder, papers: Sequence[tuple[Paper, Sequence[Passage]]]) -> list[Entry]:
    """Papers with their passages, ready to be stored. Every paper needs at least one passage (EmbeddingError)."""
    import numpy as np

    from rag.vectors import Entry

    texts = [passage_text(paper, passage) for paper, passages in papers for passage in passages]
    # Where questions are not worth keeping, passages are asked for by another name.
    vectors = getattr(embedder, "embed_passages", embedder.embed_texts)(texts)
    if vectors.shape != (len(texts), embedder.dimension) or not np.isfinite(vectors).all():
        raise EmbeddingError(
            f"embedding {embedder.spec!r} gave an array of shape {vectors.shape} or with infinite numbers "
            f"for {len(texts)} texts; expected ({len(texts)}, {embedder.dimension})"
        )
    entries, start = [], 0
    for paper, passages in papers:
        if not passages:
            raise EmbeddingError(f"paper {paper.paper_id!r} has no passages to embed")
        rows = vectors[start : start + len(passages)]
        start += len(passages)
        mean = rows.mean(axis=0)
        entries.append(
            Entry(
                paper=paper,
                passages=tuple(passages),
                vector=mean / max(float(np.linalg.norm(mean)), 1e-12),
                passage_vectors=rows,
            )
        )
    return entries
