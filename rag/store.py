"""A library's folder as one thing: its manifest, its lock and both indexes, kept up with what other processes do.

    library.json    how it was built, and its generation (`rag.manifest`)
    vectors-1/      Chroma (`rag.vectors`), the truth
    keywords/       tantivy (`rag.keywords`), derived from it
    write.lock      one writer at a time (`rag.lock`)

Reading needs no lock. Before each use the store looks whether another process has written, and reopens; when a writer died
at work, the first process that can take the lock repairs what it left (`rag.upkeep`).
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import manifest as manifests
from rag.errors import LibraryBusy, LibraryDamaged, LibraryError
from rag.lock import WAIT_S, WriterLock
from rag.manifest import Manifest

if TYPE_CHECKING:
    from rag.embeddings import Embedder
    from rag.keywords import KeywordIndex
    from rag.vectors import VectorIndex

# How papers are cut (`ingest.split`); part of how a library was built.
PASSAGES = "3 sentences, stride 2"
_KEYWORDS = "keywords"


class Store:
    """Both indexes of one library. Threads may share it; they read side by side and write one after the other."""

    def __init__(self, folder: Path, manifest: Manifest, embedder: Callable[[], Embedder]) -> None:
        """`embedder` is asked for when vectors that cannot be read any more have to be made again."""
        self.folder = folder
        self._embedder = embedder
        self.manifest = manifest
        self._stamp = manifests.stamp(folder)
        self._lock = WriterLock(folder)
        self._mutex = threading.RLock()
        self._writer = threading.RLock()
        self._hold = False
        self._vectors: VectorIndex | None = None
        self._keywords: KeywordIndex | None = None

    @staticmethod
    def lay_out(folder: Path, embedder: Embedder) -> None:
        """Makes an empty library, unless there is one; the manifest comes last, so a folder that has one is complete."""
        from rag.keywords import INDEX_VERSION, KeywordIndex
        from rag.vectors import VectorIndex

        lock = WriterLock(folder)
        lock.acquire()
        try:
            if manifests.exists(folder):
                return
            manifest = Manifest(
                embedding=embedder.spec,
                fingerprint=embedder.fingerprint,
                dimension=embedder.dimension,
                passages=PASSAGES,
                keywords_version=INDEX_VERSION,
            )
            VectorIndex(folder / manifest.vectors, create=True).close()
            KeywordIndex(folder / _KEYWORDS)
            manifests.write(folder, manifest)
        finally:
            lock.release()

    def hold_vectors(self) -> None:
        """From now on, vectors of a small library are held in memory (`rag.vector_memory`)."""
        with self._mutex:
            self._hold = True
            if self._vectors is not None:
                self._vectors.hold = True

    def current(self) -> tuple[VectorIndex, KeywordIndex]:
        """Both indexes as of now: reopened when another process has written, repaired when a writer died."""
        with self._mutex:
            if not self._lock.held:
                self._refresh()
                if self.manifest.pending:
                    self._repair_if_free()
            return self._open_vectors(), self._open_keywords()

    @contextmanager
    def writing(self, *, on_wait: Callable[[str], None] | None = None, timeout_s: float = WAIT_S) -> Iterator[None]:
        """The right to write, for the length of a `with`; waits for another writer (LibraryBusy). Nested use is free.

        A body that raises leaves the store marked as pending, and the next use repairs it.
        """
        with self._writer:
            if self._lock.held:
                yield
                return
            self._lock.acquire(timeout_s=timeout_s, on_wait=on_wait)
            try:
                self._refresh()
                if self.manifest.pending:
                    self._repair()
                self.record(pending=True)
                yield
                self.record(pending=False)
            finally:
                self._lock.release()

    def record(self, **changes: Any) -> None:
        """Writes changed fields of the manifest down."""
        with self._mutex:
            self.manifest = replace(self.manifest, **changes)
            manifests.write(self.folder, self.manifest)
            self._stamp = manifests.stamp(self.folder)

    def committed(self) -> None:
        """Tells other processes that something was written."""
        self.record(generation=self.manifest.generation + 1)

    def switch(self, embedder: Embedder, vectors: str) -> None:
        """Makes another folder of vectors, from another embedder, the one in use, and removes the old one."""
        old = self.manifest.vectors
        self.record(
            vectors=vectors,
            embedding=embedder.spec,
            fingerprint=embedder.fingerprint,
            dimension=embedder.dimension,
            generation=self.manifest.generation + 1,
        )
        self.close()
        shutil.rmtree(self.folder / old, ignore_errors=True)

    def anew_keywords(self) -> None:
        """Makes the keyword index from Chroma; needs the lock."""
        from rag.keywords import INDEX_VERSION, KeywordIndex

        self._keywords = None
        shutil.rmtree(self.folder / _KEYWORDS, ignore_errors=True)
        fresh = KeywordIndex(self.folder / _KEYWORDS)
        fresh.replace(self._open_vectors().all_papers())
        self._keywords = fresh
        self.record(keywords_version=INDEX_VERSION)

    def close(self) -> None:
        """Gives files and memory back; the store opens again by itself."""
        with self._mutex:
            if self._vectors is not None:
                self._vectors.close()
            self._vectors, self._keywords = None, None

    def heal(self) -> bool:
        """Repairs a library whose vectors cannot be searched; False when they can, or when another process is writing."""
        try:
            if not self._lock.held and not self._lock.try_acquire():
                return False
        except LibraryError:
            return False
        try:
            self._refresh()
            if not self.mend_vectors():
                return False
            self._repair()
            return True
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        with self._mutex:
            now = manifests.stamp(self.folder)
            if now == self._stamp:
                return
            fresh = manifests.read(self.folder)
            if (fresh.generation, fresh.vectors) != (self.manifest.generation, self.manifest.vectors):
                self.close()
            self.manifest, self._stamp = fresh, now

    def _repair_if_free(self) -> None:
        """Repairs what a dead writer left; a living one, or a folder that cannot be written to, is left alone."""
        try:
            if not self._lock.try_acquire():
                return
        except LibraryError:
            return
        try:
            self._refresh()
            if self.manifest.pending:
                self._repair()
                self.record(pending=False)
        finally:
            self._lock.release()

    def _repair(self) -> None:
        from rag.upkeep import repair

        self.mend_vectors()
        repair(self._open_vectors(), self._open_keywords())
        self.committed()

    def mend_vectors(self) -> bool:
        """Makes vectors again where Chroma cannot read them all any more, from the papers in its database; needs the lock.
        False when they are whole.
        """
        from rag.upkeep import reembed
        from rag.vector_files import cut_short

        self.close()
        folder = self.folder / self.manifest.vectors
        is_short = folder.is_dir() and bool(cut_short(folder))
        if not is_short and self._open_vectors().is_whole(self.manifest.dimension, thorough=True):
            return False
        self.close()
        for segment in folder.iterdir():
            if segment.is_dir():
                shutil.rmtree(segment)
        source = self._open_vectors()
        n_papers = source.count()[0]
        logging.getLogger("askpapers").warning(
            "The vectors in %s cannot be read (a process was killed, or the disk was full): embedding %d papers again.",
            folder,
            n_papers,
        )
        embedder = self._embedder()
        self.switch(embedder, reembed(self.folder, source, self.manifest.vectors, embedder, None))
        return True

    def _open_vectors(self) -> VectorIndex:
        if self._vectors is None:
            from rag.vectors import VectorIndex

            folder = self.folder / self.manifest.vectors
            if not folder.is_dir():
                raise LibraryDamaged(f"{folder} is missing; restore it, or move {self.folder} away and ingest again")
            self._vectors = VectorIndex(folder, hold=self._hold)
        return self._vectors

    def _open_keywords(self) -> KeywordIndex:
        from rag.keywords import INDEX_VERSION, KeywordIndex

        folder = self.folder / _KEYWORDS
        if self._keywords is None and self.manifest.keywords_version == INDEX_VERSION and folder.is_dir():
            try:
                self._keywords = KeywordIndex(folder)
            except LibraryDamaged:
                self._keywords = None
        if self._keywords is None:
            self._make_keywords()
        assert self._keywords is not None
        return self._keywords

    def _make_keywords(self) -> None:
        if self._lock.held:
            self.anew_keywords()
            return
        if not self._lock.try_acquire():
            raise LibraryBusy(f"the keyword index is being made by {self._lock.holder()}; ask again in a moment")
        try:
            self.anew_keywords()
        finally:
            self._lock.release()
