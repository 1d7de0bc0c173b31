"""The library of papers, and the engine that answers from it."""

from rag.engine import Engine
from rag.errors import (
    AskpapersError,
    EmbeddingError,
    FilterError,
    LibraryBusy,
    LibraryDamaged,
    LibraryError,
    LibraryMismatch,
    LibraryNotFound,
    ModelError,
    QuestionFileError,
    SettingsError,
    SourceError,
    WeightsError,
)
from rag.library import Library, Status
from rag.schema import Answer, Citation, Claim, Coverage, Filters, FoundPaper, Hit, Paper, Passage, Turn, Usage

__all__ = [
    "Answer",
    "AskpapersError",
    "Citation",
    "Claim",
    "Coverage",
    "EmbeddingError",
    "Engine",
    "FilterError",
    "Filters",
    "FoundPaper",
    "Hit",
    "Library",
    "LibraryBusy",
    "LibraryDamaged",
    "LibraryError",
    "LibraryMismatch",
    "LibraryNotFound",
    "ModelError",
    "Paper",
    "Passage",
    "QuestionFileError",
    "SettingsError",
    "SourceError",
    "Status",
    "Turn",
    "Usage",
    "WeightsError",
]
