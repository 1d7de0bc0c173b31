"""Bytes as a stream: looked at before they are read, unpacked layer by layer, cut into lines; never more than a bound in
memory.

gzip and Zstandard are unpacked as they come, in as many layers as there are (up to `_LAYERS`); a file that unpacks to far
more than any text would is taken for a bomb. UTF-16 and UTF-32 with a byte order mark become UTF-8.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

CHUNK = 1 << 18
# The longest line, the largest record, and the largest file of a kind that is read as a whole.
LONGEST_LINE = 32 << 20
LARGEST_WHOLE = 64 << 20
_LAYERS = 4
# Text packs ten times, the most repetitive table a hundred times.
_RATIO = 300
_RATIO_FROM = 64 << 20
_MOST_UNPACKED = 1 << 38
# A block of Zstandard needs 4 bytes and unpacks to 128 KB: so much input at a time bounds what one step gives to 8 MB.
_ZSTD_STEP = 256
_ZSTD_WINDOW = 1 << 27
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32-be", "UTF-32"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
UTF8_MARK = b"\xef\xbb\xbf"


class BrokenStream(Exception):
    """Nothing more can be read, and why; `line` where that is known better than by the record before."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        self.line = line
        super().__init__(message)


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes | None: ...


class ByteStream:
    """Bytes with a look ahead. `encoding` names what they were before they became UTF-8."""

    def __init__(self, pull: Callable[[], bytes], *, encoding: str = "UTF-8") -> None:
        self._pull = pull
        self._held = b""
        self._ended = False
        self._broken: BrokenStream | None = None
        self.encoding = encoding

    @classmethod
    def over(cls, raw: Readable) -> ByteStream:
        """The bytes of a file. A failing read is a BrokenStream."""

        def pull() -> bytes:
            try:
                return raw.read(CHUNK) or b""
            except OSError as error:
                raise BrokenStream(f"cannot be read: {error.strerror or error}") from error

        return cls(pull)

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer than asked for only where the stream ends or breaks; they are still to be read."""
        parts, n = [self._held], len(self._held)
        while n < size and (part := self._next()):
            parts.append(part)
            n += len(part)
        self._held = b"".join(parts)
        return self._held[:size]

    def read(self) -> bytes:
        """Some bytes; empty only at the end. Raises BrokenStream once what came before the break was read."""
        if self._held:
            part, self._held = self._held, b""
            return part
        part = self._next()
        if not part and self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        return part

    def _next(self) -> bytes:
        if self._ended:
            return b""
        try:
            part = self._pull()
        except BrokenStream as broken:
            part, self._broken = b"", broken
        self._ended = not part
        return part

    def chunks(self) -> Iterator[bytes]:
        while part := self.read():
            yield part

    def read_whole(self) -> bytes:
        """Everything; BrokenStream where that is more than a text can be."""
        parts, n = [], 0
        for part in self.chunks():
            parts.append(part)
            n += len(part)
            if n > LARGEST_WHOLE:
                raise BrokenStream(f"a file of this kind may have {LARGEST_WHOLE >> 20} MB; split it")
        return b"".join(parts)


def unpacked(stream: ByteStream) -> ByteStream:
    """The bytes inside any layers of gzip and Zstandard, as UTF-8. Raises BrokenStream."""
    packed = _Counted(stream)
    inner = packed.stream
    for _ in range(_LAYERS):
        magic = inner.peek(4)
        if magic.startswith(_GZIP):
            inner = packed.limited(_gunzip(inner), "gzip")
        elif magic == _ZSTD or (magic[1:] == b"\x2a\x4d\x18" and magic[0] & 0xF0 == 0x50):
            inner = packed.limited(_unzstd(inner), "Zstandard")
        else:
            break
    else:
        if inner.peek(4).startswith((_GZIP, _ZSTD)):
            raise BrokenStream(f"is packed more than {_LAYERS} times over")
    return _as_utf8(inner)


def numbered_lines(stream: ByteStream) -> Iterator[tuple[int, bytes]]:
    """Lines without their ends, counted from 1. One that is longer than `LONGEST_LINE` comes cut to one byte more."""
    head = stream.peek(CHUNK)
    end = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    number, held, n_held = 1, [], 0
    skip = len(UTF8_MARK) if head.startswith(UTF8_MARK) else 0
    for part in stream.chunks():
        first, *rest = part[skip:].split(end)
        skip = 0
        if n_held <= LONGEST_LINE:
            held.append(first)
            n_held += len(first)
        if not rest:
            continue
        yield number, b"".join(held)[: LONGEST_LINE + 1]
        number += 1
        for line in rest[:-1]:
            yield number, line
            number += 1
        held, n_held = [rest[-1]], len(rest[-1])
    if n_held:
        yield number, b"".join(held)[: LONGEST_LINE + 1]


def texts(stream: ByteStream, *, most: int | None = None) -> Iterator[str]:
    """The text in pieces, with line ends made one; bytes that are not UTF-8 become lone surrogates (`wrong_byte`).

    BrokenStream after `most` bytes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    cut = ""
    first = True
    n = 0
    for part in stream.chunks():
        n += len(part)
        if most is not None and n > most:
            raise BrokenStream(f"a table of this form may have {most >> 20} MB; save it with one object a line")
        text = cut + decoder.decode(part)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        cut = "\r" if text.endswith("\r") else ""
        yield text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
    if rest := cut + decoder.decode(b"", final=True):
        yield rest.replace("\r", "\n")


def wrong_byte(text: str) -> str | None:
    """What is wrong with a text that was read from bytes that are not UTF-8; None when nothing is."""
    if text.isascii():
        return None
    bad = next((char for char in text if "\udc80" <= char <= "\udcff"), None)
    return f"not UTF-8 (byte 0x{ord(bad) - 0xDC00:02x}); save the file as UTF-8" if bad else None


class _Counted:
    """Counts what goes into the innermost layer and what comes out of each, and stops a bomb."""

    def __init__(self, stream: ByteStream) -> None:
        self._n_packed = 0
        self.stream = ByteStream(lambda: self._count(stream.read()))

    def _count(self, part: bytes) -> bytes:
        self._n_packed += len(part)
        return part

    def limited(self, parts: Iterator[bytes], packing: str) -> ByteStream:
        n = 0

        def pull() -> bytes:
            nonlocal n
            part = next(parts, b"")
            n += len(part)
            if n > _RATIO_FROM and n > _RATIO * self._n_packed:
                raise BrokenStream(
                    f"this is a decompression bomb ({packing}): it unpacks to more than {_RATIO} times its size; "
                    "that is no text, it is not read on"
                )
            if n > _MOST_UNPACKED:
                raise BrokenStream(
                    f"this {packing} file unpacks to more than {_MOST_UNPACKED >> 30} GB; it is not read on; split it"
                )
            return part

        return ByteStream(pull)


def _gunzip(stream: ByteStream) -> Iterator[bytes]:
    unpacker, member = zlib.decompressobj(wbits=31), False
    for part in stream.chunks():
        while part:
            if not member and not part.strip(b"\0"):
                break  # padding after the last member
            member = True
            try:
                text = unpacker.decompress(part, CHUNK)
            except zlib.error as error:
                raise BrokenStream(f"is no valid gzip from here on ({error})") from error
            if text:
                yield text
            part = unpacker.unconsumed_tail
            if unpacker.eof:
                part, unpacker, member = unpacker.unused_data, zlib.decompressobj(wbits=31), False
    if member:
        raise BrokenStream("the packed file is cut off")


def _unzstd(stream: ByteStream) -> Iterator[bytes]:
    import zstandard

    packer = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    unpacker, frame = packer.decompressobj(), False
    for whole in stream.chunks():
        for start in range(0, len(whole), _ZSTD_STEP):
            part = whole[start : start + _ZSTD_STEP]
            while part:
                frame = True
                try:
                    text = unpacker.decompress(part)
                except zstandard.ZstdError as error:
                    raise BrokenStream(f"is no valid Zstandard file from here on ({error})") from error
                if text:
                    yield text
                part = b""
                if unpacker.eof:
                    part, unpacker, frame = unpacker.unused_data, packer.decompressobj(), False
    if frame:
        raise BrokenStream("the packed file is cut off")


def _as_utf8(stream: ByteStream) -> ByteStream:
    head = stream.peek(4)
    for mark, codec, name in _MARKS:
        if head.startswith(mark):
            pieces = _recoded(stream, len(mark), codecs.getincrementaldecoder(codec)("replace"))
            return ByteStream(partial(next, pieces, b""), encoding=name)
    return stream


def _recoded(stream: ByteStream, skip: int, decoder: codecs.IncrementalDecoder) -> Iterator[bytes]:
    for part in stream.chunks():
        if text := decoder.decode(part[skip:]):
            yield text.encode("utf-8", "replace")
        skip = 0
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8", "replace")
