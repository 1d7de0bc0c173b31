"""Titles as identity, under the name that readers use; the rules are in `rag.identity`."""

from rag.identity import title_id, title_key

__all__ = ["title_id", "title_key"]
