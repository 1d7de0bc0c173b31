"""How a library was built and which state it is in: the file `library.json`, written atomically.

`generation` grows with every committed batch, so that other processes notice. `pending` is true while a writer is at
work; when it is found true and no writer holds the lock, a writer died and the library is repaired.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import LibraryDamaged, LibraryNotFound

NAME = "library.json"
SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is written down about a library. `vectors` names the folder of the vector index in use."""

    embedding: str
    fingerprint: str
    dimension: int
    passages: str
    schema_version: int = SCHEMA_VERSION
    vectors: str = "vectors-1"
    keywords_version: str = ""
    generation: int = 0
    pending: bool = False


def exists(folder: Path) -> bool:
    """Whether a folder holds a library that was made to the end."""
    return (folder / NAME).is_file()


def is_free(folder: Path) -> bool:
    """Whether a folder holds nothing of a library and could become one."""
    return not folder.exists() or (folder.is_dir() and not exists(folder) and not any(folder.glob("vectors-*")))


def stamp(folder: Path) -> tuple[int, int, int]:
    """Changes whenever the manifest is written again."""
    try:
        found = (folder / NAME).stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def read(folder: Path) -> Manifest:
    """The manifest of a library; LibraryNotFound or LibraryDamaged."""
    path = folder / NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**record)
    except (FileNotFoundError, NotADirectoryError):
        if folder.exists() and not folder.is_dir():
            raise LibraryNotFound(f"{folder} is a file, not the folder of a library") from None
        if any(folder.glob("vectors-*")):
            raise LibraryDamaged(
                f"{path} is missing beside the papers; `askpapers ingest SOURCE --library {folder}` puts it back"
            ) from None
        raise LibraryNotFound(
            f"no library at {folder}; `askpapers ingest SOURCE --library {folder}` makes one"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise LibraryDamaged(
            f"{path} cannot be read ({error}); restore it, or move the folder away and ingest again"
        ) from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise LibraryDamaged(
            f"the library at {folder} has schema version {manifest.schema_version}, this askpapers reads "
            f"{SCHEMA_VERSION}; ingest its sources into a new folder"
        )
    return manifest


def write(folder: Path, manifest: Manifest) -> None:
    """Replaces the manifest as a whole, on disk before this returns."""
    path = folder / NAME
    scratch = path.with_name(f".{NAME}.{os.getpid()}")
    with scratch.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, path)
