"""Which library a command works on: the one named, the user's, or, where there is none yet, the bundled sample."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.settings import Settings

if TYPE_CHECKING:
    from rag.library import Library


def settings(library: Path | None) -> Settings:
    """The environment's settings, with the folder given on the command line in front of them."""
    found = Settings.from_env()
    return replace(found, library=library.expanduser(), library_is_default=False) if library is not None else found


def open_shelf(library: Path | None) -> Library:
    """The named or default library; LibraryNotFound says how to make one."""
    from rag.library import Library

    return Library.open(settings(library).library)


def open_or_sample(library: Path | None) -> Library:
    """As `open_shelf`; where there is no library yet, the sample, with a line on stderr that says so."""
    from rag import manifest
    from rag.library import Library

    found = settings(library)
    if not manifest.is_free(found.library):
        shelf = Library.open(found.library)
        if shelf.coverage().n_papers:
            return shelf
    option = "" if found.library_is_default or library is None else f" --library {found.library}"
    shelf = open_sample(found)
    print(
        f"No papers at {found.library} yet: answering from {shelf.status().n_papers} bundled sample papers instead. "
        f"Add yours: askpapers ingest SOURCE{option}\n",
        file=sys.stderr,
    )
    return shelf


def open_sample(found: Settings) -> Library:
    """The bundled sample as a library of its own, made on first use; a new sample gets a new folder."""
    from ingest import ingest
    from ingest.sources.files import SAMPLE, sample_file
    from rag.library import Library

    version = hashlib.sha256(sample_file().read_bytes()).hexdigest()[:8]
    shelf = Library.create(found.sample_library.with_name(f"{found.sample_library.name}-{version}"))
    if shelf.coverage().n_papers == 0:
        print("Making the sample library (once) …", file=sys.stderr)
        ingest(shelf, [SAMPLE])
    return shelf
