"""What the page says of its shelf: how many papers, from when to when, where from, and what one could ask."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rag.question.names import shelf_of
from ui.desk import Desk
from ui.page_answer import short_model
from ui.page_examples import examples
from ui.render import coverage_text
from ui.service import source_name

_MOST_LISTED = 500


def status(desk: Desk) -> dict[str, Any]:
    """JSON-ready; what is costly is made once for each state of the library."""
    library = desk.library
    coverage = library.coverage()
    keywords = library.keywords
    sources: Counter[str] = Counter()
    for name, n in keywords.sources().items():  # folders of this machine are nobody's business
        sources[source_name(name)] += n
    names = sorted(set(shelf_of(library).organisations.values()), key=str.casefold) if coverage.n_papers else []
    return {
        "n_papers": coverage.n_papers,
        "coverage": coverage_text(coverage),
        "first": coverage.first.isoformat() if coverage.first else None,
        "last": coverage.last.isoformat() if coverage.last else None,
        "sources": [
            {"name": name, "label": short_name(name), "n": n}
            for name, n in sorted(sources.items(), key=lambda item: (-item[1], item[0]))[:_MOST_LISTED]
        ],
        "organisations": names[:_MOST_LISTED],
        "examples": keywords.derived("page examples", lambda: examples(library)),
        "model": short_model(desk.model_name) if desk.model_name else None,
        "is_sample": desk.is_sample,
        "read_only": desk.read_only,
        "upload_limit_bytes": desk.upload_limit_bytes,
    }


def short_name(source: str) -> str:
    """A source without the folders it lies in."""
    return source.rstrip("/").rpartition("/")[2] or source
