"""Every error that askpapers raises on purpose.

    AskpapersError
    ├── LibraryError            the folder that holds the papers
    │   ├── LibraryNotFound     there is none at this place
    │   ├── LibraryMismatch     it was built in another way than asked for
    │   ├── LibraryBusy         another process is writing to it
    │   ├── LibraryDamaged      its parts contradict each other
    │   └── VectorsError        the vector index failed at reading or writing; trying again may help
    ├── EmbeddingError          text could not be turned into vectors
    │   └── WeightsError        the model's weights are missing or not the known ones
    ├── FilterError             a filter that makes no sense (since after until, not a date)
    ├── SourceError             a file, page or record that cannot be read
    ├── ModelError              a language model that did not answer; `reason` says why
    ├── SettingsError           an environment variable whose value makes no sense
    └── QuestionFileError       a question set or run that cannot be read

Each message is one sentence or two for the person who reads it: what happened, with which value, and what to do.
Exceptions of other packages are wrapped where the package is imported, `from` the original.
"""

from __future__ import annotations

from typing import Literal

ModelProblem = Literal[
    "bad_spec",  # the name of a model cannot be read
    "missing_package",
    "no_key",
    "unauthorised",  # the key was refused
    "no_such_model",
    "refused",  # the request itself was: too long, a field not known, forbidden content
    "rate_limited",
    "server_error",
    "timeout",
    "unreachable",
    "tls",
    "bad_reply",  # not what the protocol promises
    "empty_reply",
    "cut_off",  # the reply ended in the middle
]


class AskpapersError(Exception):
    """Base of all errors below; its text is fit to be shown to a user as it is."""


class LibraryError(AskpapersError):
    """Something about the folder that holds the papers."""


class LibraryNotFound(LibraryError):
    """No library at the given place."""


class LibraryMismatch(LibraryError):
    """The library was built with another embedding, passage size or schema than asked for."""


class LibraryBusy(LibraryError):
    """Another process holds the library's write lock."""


class LibraryDamaged(LibraryError):
    """The library's parts contradict each other in a way that opening it cannot repair."""


class VectorsError(LibraryError):
    """The vector index failed at reading or writing; reopening it and trying again may help."""


class EmbeddingError(AskpapersError):
    """Text could not be turned into vectors."""


class WeightsError(EmbeddingError):
    """The embedding model's weights are missing, unreadable or not the known ones."""


class FilterError(AskpapersError):
    """A filter that cannot be applied."""


class SourceError(AskpapersError):
    """A source that cannot be read, from a given line on or at all.

    `path` names the file ('-' is standard input), `line` counts from 1 (None: the whole file), `n_read` says how many
    papers before that line were read and kept.
    """

    def __init__(self, message: str, *, path: str, line: int | None = None, n_read: int = 0) -> None:
        self.path = path
        self.line = line
        self.n_read = n_read
        where = f"{path}:{line}" if line is not None else path
        kept = "no papers before it" if n_read == 0 else f"{n_read} paper{'s' * (n_read != 1)} before it were read"
        if n_read == 1:
            kept = "1 paper before it was read"
        super().__init__(f"{where}: {message} ({kept})")


class ModelError(AskpapersError):
    """A language model that did not answer, or not to the end.

    `reason` says why. `retryable`: the same call may work a little later, `retry_after_s` seconds when the provider said
    how much later. The message holds no key and no password of an address.
    """

    def __init__(
        self, message: str, *, reason: ModelProblem, retryable: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class SettingsError(AskpapersError):
    """An environment variable whose value makes no sense."""


class QuestionFileError(AskpapersError):
    """A question set or a run that cannot be read; the message lists every problem with its line."""
