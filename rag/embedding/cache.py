"""Vectors that were made once, kept by the text they are of: nothing is embedded twice by the same model.

One SQLite file for each fingerprint of an embedder, in the cache folder, whichever library a text is in: a paper that is
removed and comes back, a library made anew and a run that was killed cost nothing a second time. A row is the first 16
bytes of the text's SHA-256 and the vector in 32 bits, so a vector from here is the vector that the model gave, bit by bit
(16 bits would save half of the place and make two vectors of one text). Several processes may use a file at once. A file
grows to at most 4 GB, then the oldest rows go; deleting it loses nothing but time or money. What cannot be read or written
is no error: then the text is embedded.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 4_000_000_000
_FOLDER = "embeddings"
_ASKED_AT_ONCE = 500
_WAIT_S = 5.0
# When a file is full, this share of its rows goes.
_PRUNED = 0.1
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (n INTEGER PRIMARY KEY, text BLOB UNIQUE NOT NULL, vector BLOB NOT NULL)"


class VectorCache:
    """The vectors of one embedder. `cache` is the folder for what can be made again."""

    def __init__(self, cache: Path, fingerprint: str, *, most_bytes: int = MOST_BYTES) -> None:
        name = re.sub(r"[^A-Za-z0-9.\-]+", "-", fingerprint)[:60].strip("-.")
        self.file = cache / _FOLDER / f"{name}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:8]}.sqlite3"
        self._most_bytes = most_bytes

    def get(self, texts: Sequence[str], dimension: int) -> dict[int, NDArray[np.float32]]:
        """The vectors that are known, by the place of their text; those of another length are not."""
        import numpy as np

        places: dict[bytes, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(_key(text), []).append(i)
        found: dict[int, NDArray[np.float32]] = {}
        for key, blob in self._read(list(places)):
            if len(blob) == 4 * dimension:
                row = np.frombuffer(blob, "<f4").astype(np.float32)
                found.update(dict.fromkeys(places[key], row))
        return found

    def put(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keeps the vectors of texts, row by row."""
        rows = [(_key(text), row.astype("<f4").tobytes()) for text, row in zip(texts, vectors, strict=True)]
        for _ in range(2):
            try:
                with closing(self._open()) as db, db:
                    db.executemany("INSERT OR REPLACE INTO vectors (text, vector) VALUES (?, ?)", rows)
                    self._prune(db)
                return
            except sqlite3.OperationalError:  # busy, full, not writable
                return
            except sqlite3.DatabaseError:  # not a database any more
                self._discard()
            except OSError:
                return

    def dimension(self) -> int | None:
        """The length of the vectors kept last; None when there are none."""
        newest = self._ask("SELECT length(vector) FROM vectors ORDER BY n DESC LIMIT 1")
        return int(newest[0][0]) // 4 if newest else None

    def __len__(self) -> int:
        counted = self._ask("SELECT count(*) FROM vectors")
        return int(counted[0][0]) if counted else 0

    def _read(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        if not self.file.is_file():
            return
        with suppress(sqlite3.Error, OSError), closing(self._open()) as db:
            for start in range(0, len(keys), _ASKED_AT_ONCE):
                some = keys[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(some))
                yield from db.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", some).fetchall()

    def _ask(self, question: str) -> list[tuple[int]]:
        if self.file.is_file():
            with suppress(sqlite3.Error, OSError), closing(self._open()) as db:
                return db.execute(question).fetchall()
        return []

    def _open(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.file, timeout=_WAIT_S)
        try:
            # A log beside the file: readers do not wait for a writer, and a process that is killed leaves no half rows.
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(_TABLE)
        except BaseException:
            db.close()
            raise
        return db

    def _prune(self, db: sqlite3.Connection) -> None:
        pages, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > self._most_bytes:
            first, last = db.execute("SELECT min(n), max(n) FROM vectors").fetchone()
            db.execute("DELETE FROM vectors WHERE n <= ?", (first + int((last - first) * _PRUNED),))

    def _discard(self) -> None:
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                self.file.with_name(self.file.name + end).unlink()


def embed_missing(
    cache: VectorCache,
    texts: Sequence[str],
    dimension: int,
    embed: Callable[[Sequence[str]], Iterable[tuple[Sequence[int], NDArray[np.float32]]]],
) -> NDArray[np.float32]:
    """Vectors of texts, shape (n, dimension): those that are kept, and `embed` for each other text once.

    `embed` gives places among the texts handed to it with their vectors, as they are ready; they are kept at once, so that
    what was paid for is not lost when a later part fails.
    """
    import numpy as np

    vectors = np.zeros((len(texts), dimension), np.float32)
    places: dict[str, list[int]] = {}
    known = cache.get(texts, dimension)
    for i, text in enumerate(texts):
        if i in known:
            vectors[i] = known[i]
        else:
            places.setdefault(text, []).append(i)
    missing = list(places)
    if missing:
        for part, rows in embed(missing):
            cache.put([missing[i] for i in part], rows)
            for i, row in zip(part, rows, strict=True):
                vectors[places[missing[i]]] = row
    return vectors


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
