"""An abstract as passages: three sentences each, every second one shared with the next passage.

Overlap keeps what two neighbouring sentences say together findable. A passage that the embedder could not read to its
end gets fewer sentences; a single sentence that is too long is cut at a space. Offsets are exact:
`abstract[start:end]`.
"""

from __future__ import annotations

from collections.abc import Callable

from rag.embeddings import passage_text
from rag.schema import Paper, Passage
from rag.sentences import sentence_spans

SENTENCES = 3
STRIDE = 2
# In characters; what an embedder cannot read at this length it will not read better in crumbs.
_SHORTEST_PIECE = 40


def split(paper: Paper, fits: Callable[[str], bool]) -> tuple[Passage, ...]:
    """The passages of a paper, in order; together they cover every sentence. `fits` says whether a text with its title
    in front is read whole by the embedder.
    """

    def readable(start: int, end: int) -> bool:
        return fits(passage_text(paper, Passage(paper_id=paper.paper_id, index=0, start=start, end=end)))

    sentences: list[tuple[int, int]] = []
    for start, end in sentence_spans(paper.abstract):
        sentences.extend(_pieces(paper.abstract, start, end, readable))
    passages: list[Passage] = []
    first = 0
    while first < len(sentences):
        last = min(first + SENTENCES, len(sentences)) - 1
        while last > first and not readable(sentences[first][0], sentences[last][1]):
            last -= 1
        passages.append(
            Passage(paper_id=paper.paper_id, index=len(passages), start=sentences[first][0], end=sentences[last][1])
        )
        if last == len(sentences) - 1:
            break
        first = max(first + 1, min(first + STRIDE, last + 1))
    return tuple(passages)


def _pieces(text: str, start: int, end: int, readable: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """A sentence, halved at a space as often as it takes to be readable."""
    if end - start <= _SHORTEST_PIECE or readable(start, end):
        return [(start, end)]
    middle = (start + end) // 2
    space = text.rfind(" ", start + 1, middle)
    cut = space if space > start else middle
    left_end = cut
    while left_end > start and text[left_end - 1].isspace():
        left_end -= 1
    right = cut
    while right < end and text[right].isspace():
        right += 1
    left = _pieces(text, start, max(left_end, start + 1), readable)
    return left + (_pieces(text, right, end, readable) if right < end else [])
