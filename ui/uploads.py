"""Files that readers sent to a running page and that wait to be read: in a private folder, under names nobody can guess.

`Uploads` keeps them, `UploadDoor` takes them in place of gradio's own door: what is too large or too much is refused while it
comes, and a file of a kind that holds no papers is never kept. The page gets a token for each file, never its place on this
machine ("" for one that was not kept); two readers who send the same file have two. Each is deleted when it was read, after a
day, and when the page closes.
"""

from __future__ import annotations

import re
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

from ui.door import App, Receive, Scope, Send, reply
from ui.limits import MOST_AT_A_TIME, UploadRefused, check_name, check_size

PATH = "/gradio_api/upload"
DAY_S = 86_400.0
# Files of all readers that wait to be read.
MOST_WAITING = 1_000
_ENDS = re.compile(r"[A-Za-z0-9.]{0,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that waits, and when it came."""

    path: Path
    n_bytes: int
    came: float


class Uploads:
    """The files that wait; any thread may ask. `most_bytes` bounds all of them together (default: ten of the largest)."""

    def __init__(
        self,
        *,
        limit_bytes: int,
        most_bytes: int | None = None,
        most_waiting: int = MOST_WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit_bytes = limit_bytes
        self._most_bytes = 10 * limit_bytes if most_bytes is None else most_bytes
        self._most_waiting = most_waiting
        self._clock = clock
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._waiting: dict[str, Upload] = {}
        self._n_coming = 0
        self._coming_bytes = 0
        self._closed = False

    def place(self, token: str) -> Path | None:
        """Where the file of a token lies; None where none waits under it."""
        with self._lock:
            found = self._waiting.get(token)
        return found.path if found is not None and found.path.is_file() else None

    def begin(self, name: str) -> Path:
        """A place for one file that begins to come; UploadRefused where too many wait."""
        with self._lock:
            self._forget()
            if self._closed:
                raise UploadRefused("The page is closing")
            if len(self._waiting) + self._n_coming >= self._most_waiting:
                raise UploadRefused("Too many files wait to be read here; try again later")
            self._n_coming += 1
            if self._folder is None:
                # Nobody else may look into it; it goes with the process, however that ends.
                self._folder = tempfile.TemporaryDirectory(prefix="askpapers-uploads-", ignore_cleanup_errors=True)
            # What reads it tells kinds by the ends of names, too.
            ends = "".join(Path(name.replace("\\", "/")).suffixes[-2:])
            return Path(self._folder.name) / f"{secrets.token_hex(16)}{ends if _ENDS.fullmatch(ends) else ''}"

    def add_bytes(self, name: str, n_more: int, n_so_far: int) -> None:
        """Counts bytes that came; UploadRefused where the file or all files together are too large."""
        check_size(name, n_so_far + n_more, limit_bytes=self.limit_bytes)
        with self._lock:
            held = sum(one.n_bytes for one in self._waiting.values()) + self._coming_bytes
            if held + n_more > self._most_bytes:
                raise UploadRefused("Too many files wait to be read here; try again later")
            self._coming_bytes += n_more

    def end(self, path: Path, n_bytes: int, *, keep: bool) -> str:
        """A file has come, or is given up; its token."""
        token = path.name
        with self._lock:
            self._n_coming -= 1
            self._coming_bytes -= n_bytes
            if keep and not self._closed:
                self._waiting[token] = Upload(path=path, n_bytes=n_bytes, came=self._clock())
                return token
        path.unlink(missing_ok=True)
        return token

    def close(self) -> None:
        """Deletes everything; nothing is taken any more."""
        with self._lock:
            self._closed = True
            folder, self._folder = self._folder, None
            self._waiting.clear()
        if folder is not None:
            folder.cleanup()

    def _forget(self) -> None:
        """Files that were read are counted no more; those that nobody came for are deleted."""
        now = self._clock()
        for token, one in list(self._waiting.items()):
            if now - one.came >= DAY_S:
                one.path.unlink(missing_ok=True)
            if not one.path.exists():
                del self._waiting[token]


class UploadDoor:
    """The middleware: a POST to /gradio_api/upload is answered here, with a token for each file."""

    def __init__(self, app: App, *, uploads: Uploads, read_only: bool = False) -> None:
        self._app = app
        self._uploads = uploads
        self._read_only = read_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not str(scope["path"]).rstrip("/").endswith(PATH):
            await self._app(scope, receive, send)
        elif scope["method"] != "POST":
            await reply(send, 405, {"error": "Files are sent with POST."})
        elif self._read_only:
            await reply(send, 403, {"error": "Papers cannot be added here: the page was started with --read-only."})
        else:
            await self._take(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value for name, value in scope["headers"]}
        parts = import_module("python_multipart.multipart")
        kind, options = parts.parse_options_header(headers.get(b"content-type", b""))
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            await reply(send, 400, {"error": "Send files as multipart/form-data, in fields named files."})
            return
        coming = _Coming(self._uploads)
        try:
            parser = parts.MultipartParser(options[b"boundary"], coming.callbacks())
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return
                parser.write(message.get("body", b""))
                if not message.get("more_body"):
                    break
            parser.finalize()
            if coming.unread and not coming.n_kept:
                await reply(send, 415, {"error": sentence(coming.unread[0])})
            else:
                await reply(send, 200, coming.done())
        except UploadRefused as error:
            await reply(send, 413, {"error": sentence(error)})
        except parts.MultipartParseError:
            await reply(send, 400, {"error": "What was sent is no multipart/form-data."})
        except OSError:
            await reply(send, 507, {"error": "The file could not be kept on the page's machine."})
        finally:
            coming.give_up()


def sentence(error: UploadRefused) -> str:
    return f"{error}."


class _Coming:
    """The files of one request, written while they come; `unread` says which are of kinds that are not kept."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self.unread: list[UploadRefused] = []
        self._kept: list[tuple[Path | None, int]] = []
        self._field, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._path: Path | None = None
        self._out: IO[bytes] | None = None
        self._n_bytes = 0

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    @property
    def n_kept(self) -> int:
        return sum(path is not None for path, _ in self._kept)

    def done(self) -> list[str]:
        """The tokens of the files, in their order."""
        kept, self._kept = self._kept, []
        return [self._uploads.end(path, n_bytes, keep=True) if path is not None else "" for path, n_bytes in kept]

    def give_up(self) -> None:
        """Deletes what was not handed over."""
        if self._out is not None:
            self._out.close()
        left = [*self._kept, *([(self._path, self._n_bytes)] if self._path is not None else [])]
        self._kept, self._path = [], None
        for path, n_bytes in left:
            if path is not None:
                self._uploads.end(path, n_bytes, keep=False)

    def _begin(self) -> None:
        self._headers = {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _headers_finished(self) -> None:
        parse = import_module("python_multipart.multipart").parse_options_header
        _, options = parse(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        if name is None:
            return
        if len(self._kept) >= MOST_AT_A_TIME:
            raise UploadRefused(f"More than {MOST_AT_A_TIME} files at once are too many")
        self._name = name.decode("utf-8", "replace")
        self._n_bytes = 0
        try:
            check_name(self._name)
        except UploadRefused as error:
            self.unread.append(error)
            self._kept.append((None, 0))
            return
        self._path = self._uploads.begin(self._name)
        self._out = self._path.open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._out is not None:
            self._uploads.add_bytes(self._name, end - start, self._n_bytes)
            self._n_bytes += end - start
            self._out.write(data[start:end])

    def _end(self) -> None:
        if self._out is not None and self._path is not None:
            self._out.close()
            self._kept.append((self._path, self._n_bytes))
            self._out, self._path = None, None
