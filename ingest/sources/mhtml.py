"""A page that a browser saved as a single file (MHTML, RFC 2557): an e-mail of parts, of which the first HTML is the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.sources.gathering import Found, portions
from ingest.sources.hf_html import papers_of
from ingest.sources.reading import Portion, ReadOptions
from ingest.sources.streams import ByteStream

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[ \t]")
_MULTIPART = re.compile(r"^content-type:\s*multipart/(?:related|alternative|mixed)\b", re.IGNORECASE | re.MULTILINE)


def looks_like_mhtml(text: str) -> bool:
    """Whether a text begins with the headers of such a file."""
    headers = re.split(r"\n[ \t]*\n", text[:8_000], maxsplit=1)[0]
    return bool(_HEADER.match(headers) and _MULTIPART.search(headers))


def read_mhtml(stream: ByteStream, *, path: str, options: ReadOptions) -> Iterator[Portion]:
    """Papers of the page; lines are those of the page inside."""
    return portions(_read(stream, path), path=path, options=options, what="page")


def _read(stream: ByteStream, path: str) -> Iterator[Found]:
    from email import message_from_bytes

    for part in message_from_bytes(stream.read_whole()).walk():
        if part.get_content_type() == "text/html":
            data = part.get_payload(decode=True)
            yield from papers_of(_text(data if isinstance(data, bytes) else b"", part.get_content_charset()), path)
            return
    yield Found(line=1, why="this saved page (MHTML) holds no HTML")


def _text(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
