"""Papers from LlamaIndex documents, whichever reader of LlamaHub made them.

    ingest.add(library, ingest.from_documents(ArxivReader().load_data(search_query="…")))

Documents are recognised by what they have (`text` or `get_content()`, and `metadata`); llama_index is not imported. The
text is the abstract unless the metadata has one; the other fields are looked for in the metadata under the names that
readers use, in any case. A document without a title becomes a paper without one, which `ingest.add` rejects by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest.sources.fields import Rejected, make_paper
from rag.identity import arxiv_id
from rag.schema import Paper

_NAMES = {
    "paper_id": ("paper_id",),
    "title": ("title", "title_of_this_paper", "paper_title", "document_title", "article_title", "name"),
    "abstract": ("abstract", "paper_abstract", "summary"),
    "published": (
        "published", "publication_date", "published_date", "date_published", "date_of_publication", "submitted", "date",
        "pubdate", "year",
    ),
    "authors": ("authors", "author", "creators", "creator"),
    "doi": ("doi",),
    "url": ("url", "source_url", "link", "entry_id", "web_url", "source", "pdf_url"),
    "code_url": ("code_url", "github_url", "github", "code"),
    "organisation": ("organisation", "organization", "affiliation", "institution"),
    "organisation_slug": ("organisation_slug",),
    "n_authors": ("n_authors",),
    "n_comments": ("n_comments", "num_comments", "comments"),
    "n_upvotes": ("n_upvotes", "upvotes"),
    "aliases": ("aliases",),
}  # fmt: skip
_ARXIV = ("arxiv_id", "arxivid", "arxiv", "eprint", "entry_id", "doi", "url", "source_url", "link", "source", "pdf_url")
_SOURCE = ("file_name", "file_path", "source", "url")
_ADDRESSES = ("url", "code_url")


def from_documents(documents: Iterable[Any]) -> Iterator[Paper]:
    """A paper for each document, one by one."""
    for document in documents:
        yield _paper(document)


def _paper(document: Any) -> Paper:
    metadata = _metadata(document)
    raw = {field: _first(metadata, names, address=field in _ADDRESSES) for field, names in _NAMES.items()}
    raw["abstract"] = raw["abstract"] or _content(document)
    raw["arxiv_id"] = next((found for name in _ARXIV if (found := arxiv_id(_str(metadata.get(name))))), None)
    path = _str(_first(metadata, _SOURCE)) or "documents"
    try:
        return make_paper(raw, path=path, warnings=[])
    except Rejected:
        name = _str(getattr(document, "id_", None) or getattr(document, "doc_id", None)) or "document"
        return Paper(
            paper_id=name, title=_str(raw["title"]) or "", abstract=_str(raw["abstract"]) or "", seen_on=(path,)
        )


def _metadata(document: Any) -> dict[str, Any]:
    """The metadata with folded names: "Title of this paper" and "title-of-this-paper" are "title_of_this_paper"."""
    found = getattr(document, "metadata", None)
    if not isinstance(found, Mapping):
        return {}
    return {re.sub(r"[\s\-]+", "_", str(name).strip().casefold()): value for name, value in found.items()}


def _first(metadata: Mapping[str, Any], names: Iterable[str], *, address: bool = False) -> Any:
    """The first value that says something; as an `address`, that is one."""
    for name in names:
        value = metadata.get(name)
        if value not in (None, "", [], ()) and (not address or str(value).startswith(("https://", "http://"))):
            return value
    return None


def _content(document: Any) -> str:
    text = getattr(document, "text", None)
    if not isinstance(text, str) and callable(get := getattr(document, "get_content", None)):
        text = get()
    return text if isinstance(text, str) else ""


def _str(value: object) -> str | None:
    return value if isinstance(value, str) else None
