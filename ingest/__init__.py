"""Anything with abstracts in it, into a library."""

from ingest.pipeline import IngestReport, Progress, add, add_papers, ingest
from ingest.sources.documents import from_documents
from ingest.sources.reading import ReadOptions

__all__ = ["IngestReport", "Progress", "ReadOptions", "add", "add_papers", "from_documents", "ingest"]
