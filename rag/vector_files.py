"""Whether the files that Chroma keeps beside its database are whole.

Chroma writes the graph of each collection into a folder of its own, in place and not at once: a process that is killed meanwhile
may leave files that end too early. Reading such a graph fails, or takes the whole process with it, so the lengths are looked at
first. Layout after hnswlib's `saveIndex`, as Chroma 1.5 writes it:

    header.bin              version (4 bytes), offset, room, number of elements, bytes an element (8 each), …
    data_level0.bin         the elements
    length.bin              4 bytes an element
    index_metadata.pickle   which id is which element; a pickle ends with a full stop
"""

from __future__ import annotations

import struct
from pathlib import Path

_HEADER, _HEADER_BYTES = struct.Struct("<iQQQQ"), 100


def cut_short(folder: Path) -> list[Path]:
    """Files of a Chroma folder that end before they should."""
    return [file for segment in sorted(folder.iterdir()) if segment.is_dir() for file in _cut_short(segment)]


def _cut_short(segment: Path) -> list[Path]:
    found = []
    header, pickled = segment / "header.bin", segment / "index_metadata.pickle"
    if header.exists():
        start = header.read_bytes()[: _HEADER.size]
        if header.stat().st_size < _HEADER_BYTES:
            found.append(header)
        else:
            _, _, _, n, element_bytes = _HEADER.unpack(start)
            for name, bytes_each in (("data_level0.bin", element_bytes), ("length.bin", 4)):
                file = segment / name
                if not file.exists() or file.stat().st_size < n * bytes_each:
                    found.append(file)
    if pickled.exists():
        with pickled.open("rb") as ids:
            size = ids.seek(0, 2)
            ids.seek(max(size - 1, 0))
            if ids.read(1) != b".":
                found.append(pickled)
    return found
