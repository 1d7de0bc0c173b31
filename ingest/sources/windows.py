"""Cells of a table in Windows-1252, which spreadsheets write in Western Europe and America where nobody asks for UTF-8."""

from __future__ import annotations

import re

WARNING = (
    "this table is not UTF-8 from here on; it is read as Windows-1252, as spreadsheets write it: look at its accents"
)
_BAD = re.compile("[\udc80-\udcff]")
# Bytes that Windows-1252 leaves free, or so many at a time as only other scripts have.
_NEVER = re.compile("[\udc81\udc8d\udc8f\udc90\udc9d]|[\udc80-\udcff]{4}")
_MOST = 0.35


class Windows:
    """Reads cells with bytes that are not UTF-8, as long as nothing in the file was UTF-8 beyond ASCII."""

    def __init__(self, *, has_mark: bool) -> None:
        self._is_utf8 = has_mark
        self.is_said = False

    def read(self, cells: list[str]) -> tuple[list[str], str | None]:
        """The cells with words for wrong bytes, and what to say of it the first time; as they are where nobody knows."""
        text = "".join(cells)
        if text.isascii():
            return cells, None
        bad = len(_BAD.findall(text))
        # Letters beyond ASCII that are right in UTF-8: then it is UTF-8, and the others are damage.
        self._is_utf8 = self._is_utf8 or any(char > "\x7f" and not "\udc80" <= char <= "\udcff" for char in text)
        if self._is_utf8 or not bad or _NEVER.search(text) or bad > _MOST * len(text):
            return cells, None
        said, self.is_said = (None if self.is_said else WARNING), True
        return [cell.encode("utf-8", "surrogateescape").decode("cp1252") for cell in cells], said
