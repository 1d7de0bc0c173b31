"""A model's reply, cut into sentences while it arrives.

`ReplySplitter` reads one character at a time and decides each question with what it has read so far, so how the stream was
cut cannot change anything. A sentence is handed out at its stop where a marker stands before that, else when the first word
after it, and every marker between them, has been seen: no half of a marker ever leaves. Thoughts (`<think>`), a list of
footnotes or sources, rules and a code fence around the whole reply are left out; code, headings and the lines of a table
without a figure are layout, not sentences.

>>> splitter = ReplySplitter()
>>> [piece.text for piece in splitter.feed("It falls by 4.2 GB. [1] It is fa") + splitter.close()]
['It falls by 4.2 GB. [1]', 'It is fa']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.citations import marks_at, without_half
from rag.reply_ends import LONGEST_MARK, STOPS, WIDE_STOPS, is_settled, sentence_end

_HEADS = (
    "sources", "source", "references", "reference", "reference list", "list of references", "citations", "footnotes",
    "bibliography", "works cited", "cited papers", "papers cited", "cited works", "sources cited", "sources used",
)  # fmt: skip
_HEAD = re.compile(
    rf"[\s>#*_]*(?:{'|'.join(sorted(_HEADS, key=len, reverse=True))})[\s*_]*(?P<colon>:?)[\s*_]*", re.IGNORECASE
)
_BULLET = re.compile(r"[ \t]*(?:[-*+•–]|\d{1,2}[.)])[ \t]+|[ \t]*>[ \t]?")
_BEFORE_BULLET = re.compile(r"[ \t]*(?:[-*+•–>]?|\d{1,2}[.)]?)[ \t]*")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_FENCE = re.compile(r"\s*(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)")
_FENCED_TEXT = ("", "markdown", "md", "text", "txt")
_TABLE_RULE = re.compile(r"[\s|:-]+")
_OPENERS = "[【［〔⟦\\"
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*:?|__[^_]+__:?")
_ASKS = re.compile(r"(?:what|how|why|when|where|which|who|whether|does|is|are|can|do)\b", re.IGNORECASE)
_MEASURED = re.compile(
    r"\d(?:[\d.,]*\d)?\s?(?:%|×|x\b|times\b|percent\b|points?\b|[GMK]B\b|ms\b|hours?\b|minutes?\b|days?\b|fps\b)|\d\.\d",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|does|do|did|can|cannot|will|outperforms?|surpass(?:es)?|beats?|exceeds?|reduces?|improves?|"
    r"increases?|needs?|requires?|uses?|achieves?|reaches|saves|runs|trains|costs\s(?:less|more)|works|fails|wins|loses|protects?|"
    r"supports\s|remains?|than)\b(?!\s*$)",
    re.IGNORECASE,
)

Kind = Literal["sentence", "layout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A sentence or a piece of layout; `lead` is the white space and list sign in front of it."""

    lead: str
    text: str
    kind: Kind


class ReplySplitter:
    """Takes a reply as it arrives and gives its pieces; `lead + text` of all of them, joined, is the reply's text.

    `titles` are those of the papers in the prompt: a line with a marker and one of them alone is a footnote.
    """

    def __init__(self, titles: Sequence[str] = ()) -> None:
        self._titles = tuple(filter(None, map(_letters, titles)))
        self._line = ""
        self._at_line_start = True
        self._sentence = ""
        self._stop: int | None = None
        self._lead = ""
        self._gap = ""
        self._fence = ""
        self._code: list[str] = []
        self._wrapped = False
        self._footnotes = False
        self._thinking = False
        self._begun = False
        self._bold = False
        self._out: list[Piece] = []

    def feed(self, chunk: str) -> list[Piece]:
        """The pieces that a further chunk has completed."""
        for char in chunk:
            if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"):
                self._char(char)
        return self._taken()

    def close(self) -> list[Piece]:
        """What is left when the reply has ended, without the beginning of a marker."""
        if not self._thinking:
            if self._line and not self._fence:
                self._line = without_half(self._line)
            if self._at_line_start and (self._line or self._fence):
                self._whole_line(self._line)
            if self._fence:
                self._end_code()
            self._sentence = without_half(self._sentence)
            self._flush()
        self._line = ""
        return self._taken()

    def _taken(self) -> list[Piece]:
        out, self._out = self._out, []
        return out

    def _char(self, char: str) -> None:
        if self._thinking:
            self._line += char
            if self._line.endswith("</think>"):
                self._thinking, self._line = False, ""
        elif not self._at_line_start:
            if char == "\n":
                self._at_line_start = True
            else:
                self._push(char)
        elif char == "\n":
            line, self._line = self._line, ""
            self._whole_line(line)
        else:
            self._line += char
            if not self._begun and self._line.lstrip() == "<think>":
                self._thinking = True
            elif not self._fence and not self._footnotes and self._is_prose(self._line):
                line, self._line = self._line, ""
                self._prose(line)
                self._at_line_start = False

    # Lines

    def _is_prose(self, line: str) -> bool:
        """Whether the beginning of a line shows that it is running text; False also while that is open."""
        text = line[_prefix(line) :]
        if not text or text[0] in "#|~" + _OPENERS:
            return False
        if text[0] in "`-*_<" and len(text) < 3:
            return False
        if text.startswith(("```", "---", "***", "___")) or (not self._begun and "<think>".startswith(text)):
            return False
        words = text.lstrip("*_ ").casefold()
        if not words:
            return False
        if any(head.startswith(words) for head in _HEADS):
            return False
        return _HEAD.match(text) is None or re.match(r"\w", text[_HEAD.match(text).end() :]) is not None  # type: ignore[union-attr]

    def _whole_line(self, line: str) -> None:
        """A line that has been held back up to its end, or an empty one."""
        if self._fence:
            if line.strip().startswith(self._fence):
                self._end_code()
            else:
                self._code.append(line)
        elif not line.strip():
            self._flush()
            self._gap = "\n\n" if self._begun else ""
        elif self._wrapped and line.strip() in ("```", "~~~"):
            self._wrapped = False
        elif self._is_footnote(line):
            self._flush()
            self._footnotes = True
        elif _RULE.fullmatch(line):
            self._flush()
            self._gap = "\n\n" if self._begun else ""
        elif (match := _FENCE.match(line)) is not None:
            self._flush()
            if not self._begun and match["info"].strip().lower() in _FENCED_TEXT:
                self._wrapped = True
            else:
                self._fence, self._code = match["fence"], [line]
        elif line.lstrip().startswith(("#", "|")):
            self._flush()
            self._footnotes = False
            self._layout(line.rstrip())
        elif _only_marks(line) and self._sentence.strip():
            self._sentence += f" {line.strip()}"
        else:
            self._footnotes = False
            self._prose(line)

    def _is_footnote(self, line: str) -> bool:
        head = _HEAD.match(line)
        if head is not None and (
            head.end() == len(line) or (head["colon"] and _only_marks(line[head.end() :], begins=True))
        ):
            return True
        text = line[_prefix(line) :]
        mark = marks_at(text)
        if mark is None:
            return self._footnotes and (bool(_BULLET.match(line)) or self._is_title(text))
        rest = text[mark.end() :]
        if self._footnotes or rest.startswith(":"):
            return True
        return self._is_title(rest)

    def _is_title(self, text: str) -> bool:
        letters = _letters(text)
        return any(title in letters and len(letters) <= len(title) + 40 for title in self._titles)

    def _layout(self, line: str) -> None:
        is_row = line.lstrip().startswith("|")
        states = not _TABLE_RULE.fullmatch(line) and bool(re.search(r"\d", line)) if is_row else states_something(line)
        self._lead = self._gap or ("\n" if self._begun else "")
        self._emit(line.strip(), "sentence" if states else "layout")
        self._gap = "\n" if is_row else "\n\n"

    def _end_code(self) -> None:
        self._lead = self._gap or ("\n\n" if self._begun else "")
        self._emit("\n".join([*self._code, self._fence]), "layout")
        self._fence, self._code, self._gap = "", [], "\n\n"

    # Sentences

    def _prose(self, line: str) -> None:
        """The beginning of a line of running text, or all of it: joined to the sentence before it, or not."""
        bullet = _BULLET.match(line)
        text = line[bullet.end() :] if bullet else line.lstrip()
        before = self._sentence.rstrip()
        if before and not bullet and text[:1].islower() and self._stop is None and before[-1:] not in ":]】":
            self._sentence = f"{before} "
        else:
            self._flush()
            sign = bullet[0] if bullet else ""
            self._lead = (self._gap or ("\n" if self._begun else "")) + sign
            self._gap = ""
        for char in text:
            self._push(char)

    def _push(self, char: str) -> None:
        self._sentence += char
        if self._stop is None:
            self._may_stop(char)
            return
        end = sentence_end(self._sentence, self._stop)
        if end is None:
            return
        if end < 0:
            self._stop = None
            self._may_stop(char)
            return
        rest = self._sentence[end:]
        self._sentence, self._stop = self._sentence[:end], None
        self._next_sentence(rest)

    def _next_sentence(self, rest: str) -> None:
        """Hands out the sentence that has ended; `rest` begins the next one."""
        is_wide = self._sentence[-1:] in WIDE_STOPS
        self._stop = None
        self._emit_sentence()
        self._lead = "" if is_wide and not rest[:1].isspace() else " "
        for waiting in rest.lstrip():
            self._push(waiting)

    def _may_stop(self, char: str) -> None:
        """Notes a stop, unless it stands in code or between square brackets."""
        if char in STOPS + WIDE_STOPS and self._sentence.count("`") % 2 == 0:
            opened = self._sentence.rfind("[", max(0, len(self._sentence) - LONGEST_MARK))
            if opened < 0 or "]" in self._sentence[opened:]:
                self._stop = len(self._sentence) - 1
                if is_settled(self._sentence) and not self._is_bold():
                    self._next_sentence("")

    def _flush(self) -> None:
        """A block has ended: what has gathered is a sentence, or two where the first stop was waiting for a word."""
        while self._stop is not None:
            end = sentence_end(f"{self._sentence}\n", self._stop)
            if end is None or end < 0 or not self._sentence[end:].strip():
                break
            rest = self._sentence[end:]
            self._sentence, self._stop = self._sentence[:end], None
            self._next_sentence(rest)
        self._emit_sentence()
        self._sentence, self._stop, self._bold = "", None, False

    def _is_bold(self) -> bool:
        """Whether a "**" is open, from this sentence or one before it in the block."""
        return (self._bold + self._sentence.count("**")) % 2 == 1

    def _emit_sentence(self) -> None:
        text = self._sentence.strip()
        self._bold = self._is_bold()
        if text:
            self._emit(text, "layout" if _BOLD_LINE.fullmatch(text) and not states_something(text) else "sentence")
        self._sentence = ""

    def _emit(self, text: str, kind: Kind) -> None:
        self._out.append(Piece(lead=self._lead, text=text, kind=kind))
        self._begun, self._lead = True, ""


def states_something(title: str) -> bool:
    """Whether a heading or a line in bold states something, as a sentence does: by a marker, a full stop, a figure with its
    unit, or a verb that is not part of a question. Numbers of sections, years and counts ("3 methods") state nothing.
    """
    text = re.sub(r"^(?:\d+[.)]|(?:step|option|part)\s\d+:?)\s*", "", title.strip("#*_ \t:"), flags=re.IGNORECASE)
    if any(marks_at(text, at) for at in range(len(text)) if text[at] in "[【［〔⟦"):
        return True
    if text.endswith("?") or _ASKS.match(text):
        return False
    return bool(_MEASURED.search(text) or _VERB.search(text))


def _prefix(line: str) -> int:
    """Where a line's text begins, behind a list sign; the end of the line while the sign may still be growing."""
    bullet = _BULLET.match(line)
    if bullet:
        return bullet.end()
    growing = _BEFORE_BULLET.fullmatch(line)
    return len(line) if growing else len(line) - len(line.lstrip())


def _only_marks(text: str, *, begins: bool = False) -> bool:
    """Whether a text is nothing but markers, or (`begins`) begins with one."""
    at = len(text) - len(text.lstrip())
    mark = marks_at(text, at)
    if mark is None or begins:
        return mark is not None
    while mark is not None:
        at = mark.end()
        at += len(text[at:]) - len(text[at:].lstrip(" ,;."))
        mark = marks_at(text, at)
    return at == len(text)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
