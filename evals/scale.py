"""Made-up papers, as many as wanted, for measuring what size costs.

Sentences are drawn word by word from the bundled sample's: the next word is one that followed the last two somewhere, so
lengths, stop words and rare words are as in real abstracts, and the meaning is nobody's. The same seed gives the same papers.
`RandomEmbedder` stands in for an embedding model where that is not what is measured.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rag.schema import Paper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST_DAY, _N_DAYS = date(2016, 1, 1), 3_900
_ORGANISATIONS = 400
_MOST_WORDS = 40  # of a sentence


def made_papers(n: int, *, seed: int = 0) -> Iterator[Paper]:
    """n papers with titles, abstracts of four to ten sentences, dates (nine in ten), organisations (a third), authors and
    comments.
    """
    rng = random.Random(seed)
    titles, followers, starts = _words()
    for i in range(n):
        words = rng.sample(titles, rng.randint(4, 9))
        title = f"{_name(rng)}-{i}: {' '.join(words)}"
        abstract = " ".join(_sentence(rng, followers, starts) for _ in range(rng.randint(4, 10)))
        organisation = f"lab-{int(rng.paretovariate(0.6)) % _ORGANISATIONS}" if rng.random() < 1 / 3 else None
        yield Paper(
            paper_id=f"{16 + i // 120_000 % 10}{i // 10_000 % 12 + 1:02}.{i % 100_000:05}"
            if n <= 100_000
            else f"made-{i}",
            title=title,
            abstract=abstract,
            published=_FIRST_DAY + timedelta(days=rng.randrange(_N_DAYS)) if rng.random() < 0.9 else None,
            n_authors=rng.randint(1, 30),
            n_comments=int(rng.paretovariate(1.2)) - 1,
            organisation=organisation,
            organisation_slug=organisation,
            seen_on=("made papers",),
        )


class RandomEmbedder:
    """Unit vectors that depend on nothing but the text's hash; an `Embedder` that costs next to nothing."""

    spec = "random"
    fingerprint = "random-384"
    dimension = 384

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        rows = np.empty((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            row[:] = np.random.default_rng(int.from_bytes(digest, "big")).standard_normal(self.dimension, np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def fits(self, text: str) -> bool:
        return len(text) < 1_400


def _words() -> tuple[list[str], dict[tuple[str, str], list[str]], list[tuple[str, str]]]:
    """Words of the sample's titles, what follows each pair of words in its abstracts, and the pairs that begin sentences."""
    from ingest.sources.files import read_source
    from rag.sentences import sentence_spans

    papers = [paper for portion in read_source("sample") for paper in portion.papers]
    titles = sorted({word.strip(":,?") for paper in papers for word in paper.title.split()})
    followers: dict[tuple[str, str], list[str]] = {}
    starts = []
    for paper in papers:
        for start, end in sentence_spans(paper.abstract):
            words = paper.abstract[start:end].split()
            if len(words) > 3:
                starts.append((words[0], words[1]))
                for first, second, third in zip(words, words[1:], words[2:], strict=False):
                    followers.setdefault((first, second), []).append(third)
    return titles, followers, starts


def _sentence(rng: random.Random, followers: dict[tuple[str, str], list[str]], starts: list[tuple[str, str]]) -> str:
    words = list(rng.choice(starts))
    while len(words) < _MOST_WORDS and not words[-1].endswith((".", "?", "!")):
        nexts = followers.get((words[-2], words[-1]))
        if not nexts:
            break
        # Now and then another road, so that few sentences are the sample's own.
        words.append(rng.choice(nexts) if rng.random() < 0.8 else rng.choice(rng.choice(starts)))
    return " ".join(words).rstrip(".?!,;:") + "."


def _name(rng: random.Random) -> str:
    """A made-up name of a method: syllables, with a capital."""
    return "".join(
        rng.choice(("ba", "ko", "ri", "ten", "mul", "sor", "vex", "lan", "qui", "pha")) for _ in range(3)
    ).title()
