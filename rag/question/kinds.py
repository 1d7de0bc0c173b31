"""What kind of answer a question wants: one fact, several papers, a comparison, or something about the library itself.

`read_kind` looks at the words only. Most questions are about what papers say, also those with "how many" and "largest": a
question is about the library when it counts, lists, orders or dates *papers* ("how many papers…", "the newest paper",
"papers a month") or asks for a field of one ("when was X published").
"""

from __future__ import annotations

from rag.question.compare import compared
from rag.question.counts import read_count, read_list
from rag.question.extremes import read_extreme
from rag.question.fields import read_field
from rag.question.kind import Kind
from rag.question.several import SEVERAL, listing
from rag.question.timelines import read_timeline


def read_kind(text: str) -> Kind:
    """The kind that the words of a question tell; filters and names are read elsewhere."""
    for read in (read_timeline, read_extreme, read_count, read_field, read_list):
        if (kind := read(text)) is not None:
            return kind
    if (sides := compared(text)) is not None:
        return Kind(intent="compare", sides=sides)
    asked = listing(text)
    return Kind(intent="several" if SEVERAL.search(text) else "one", listing=asked)
