"""One writer a library: a file lock that the system releases when its holder dies, and a note that says who that is."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.errors import LibraryBusy, LibraryError, LibraryNotFound

# How long a second writer waits for the first before it gives up, in seconds.
WAIT_S = 600.0


class WriterLock:
    """The right to write to the library in `folder`; used by one thread at a time and re-entrant."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: Any = None

    @property
    def held(self) -> bool:
        return self._lock is not None and bool(self._lock.is_locked)

    def try_acquire(self) -> bool:
        """Takes the lock if it is free. A folder that is gone is not made again: LibraryNotFound."""
        import filelock

        if not self._folder.is_dir():
            raise LibraryNotFound(f"No library at {self._folder} any more; it was moved or deleted")
        try:
            self._file_lock().acquire(timeout=0)
        except filelock.Timeout:
            return False
        except OSError as error:
            raise LibraryError(f"cannot write to {self._folder}: {error.strerror or error}") from error
        self._note().write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}))
        return True

    def acquire(self, *, timeout_s: float = WAIT_S, on_wait: Callable[[str], None] | None = None) -> None:
        """Takes the lock, waiting for another writer. `on_wait` is told once who that is. LibraryBusy after the
        time-out.
        """
        if self.try_acquire():
            return
        if on_wait is not None:
            on_wait(self.holder())
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            time.sleep(0.2)
            if self.try_acquire():
                return
        raise LibraryBusy(
            f"the library at {self._folder} is being written to by {self.holder()}; waited {timeout_s:.0f} s. "
            "Try again when it is done, or end that process"
        )

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def holder(self) -> str:
        """Who holds the lock, in words."""
        try:
            note = json.loads(self._note().read_text())
            since = time.strftime("%H:%M:%S", time.localtime(note["since"]))
            return f"process {note['pid']} on {note['host']} since {since}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def _note(self) -> Path:
        return self._folder / "writer.json"

    def _file_lock(self) -> Any:
        if self._lock is None:
            import filelock

            self._lock = filelock.FileLock(self._folder / "write.lock", thread_local=False)
        return self._lock
