"""Anything with abstracts in it, into a library."""

from ingest.pipeline import IngestReport, Progress, add_papers, ingest

__all__ = ["IngestReport", "Progress", "add_papers", "ingest"]
