"""An answer in parts: what the record of a paper says first, then what its abstract says of the rest. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.quoting import Quote
from rag.refusals import compose, listed
from rag.schema import Citation, Claim

_MARKER = re.compile(r"\[(\d+)\]")


def with_rest(
    text: str, citations: Sequence[Citation], found: Sequence[tuple[str, Sequence[Quote]]]
) -> tuple[str, tuple[Claim, ...], tuple[Citation, ...]]:
    """`text` with what was found for each of the other parts of its question; parts without quotes are named at the end."""
    paragraphs, claims, cited = [text], [], list(citations)
    said: set[str] = set()
    for _, quotes in found:
        fresh = [quote for quote in quotes if quote.text not in said]
        said.update(quote.text for quote in fresh)
        if not fresh:
            continue
        body, new_claims, new = compose([fresh], headed=False)
        n = len(cited)
        body = body.split("\n\n", 1)[-1]  # the title stands above already
        paragraphs.append(_MARKER.sub(lambda m, n=n: f"[{int(m[1]) + n}]", body))  # type: ignore[misc]
        claims += [replace(claim, citations=tuple(marker + n for marker in claim.citations)) for claim in new_claims]
        cited += [replace(citation, marker=citation.marker + n) for citation in new]
    missing = [f"“{question}”" for question, quotes in found if not quotes]
    if missing:
        paragraphs.append(f"The abstract does not answer {listed(missing)}")
    return "\n\n".join(paragraphs), tuple(claims), tuple(cited)
