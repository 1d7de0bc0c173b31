"""Which papers an earlier answer speaks of, and by which marker.

An answer of ours carries titles: as headings, in tables, in quotation marks. Any other answer is read sentence by sentence: the
names before a marker, and where there is none, the paper whose abstract has the sentence's words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from rag.library import Library
from rag.question.names import Shelf, content_stems
from rag.question.talk import Talk
from rag.schema import Filters

_MARKER = re.compile(r"\[\^?(\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*)\]|【(\d{1,2})】")
_TITLE = re.compile(
    r"\*\*(?P<bold>[^*\n]{4,300}?)\*\*|[“\"](?P<quoted>[^”\"\n]{4,300})[”\"]"
    r"|\|\s*(?P<cell>[^|\n]{4,300}?)\s*(?=\|)|^[^\S\n]*[-*•]\s+(?P<item>[^*\n]{4,300})$",
    re.MULTILINE,
)
_YEAR = re.compile(r"(?<!\s)\s*\((?:19|20)\d\d\)\s*:?$")
_REFUSAL = re.compile(r"^None of the \d+ papers|^No paper\b|\b(?:could not|cannot|can't) find\b")
_NEAREST = re.compile(r"(?m)^[^\w\n]*+(?:The n|N)earest (?:papers|are)\b.*$|\bThe nearest are:")
_MOST_TITLES = 60
_MOST_PIECES = 12  # sentences without a title that are looked up


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The papers of an answer in the order they come, the names it uses for them ("" for none), and papers by marker."""

    papers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    by_marker: tuple[tuple[int, str], ...] = ()


def papers_of(answer: str, question: str, before: Talk | None, shelf: Shelf, library: Library) -> Spoken:
    """The papers that an answer speaks of. `question` is what it answered, `before` the conversation up to then."""
    if refusal := _NEAREST.search(
        answer
    ):  # papers shown because nothing answered are no subject, unless there is no other
        spoken = (
            papers_of(answer[: refusal.start()], question, before, shelf, library)
            if answer[: refusal.start()].strip()
            else Spoken()
        )
        if spoken.papers or (before is not None and before.papers):
            return spoken
        answer = answer[refusal.end() :]
    titles = ((match, _titled(match, shelf)) for match in _TITLE.finditer(answer))
    titled = [_Title(match.start(), match["quoted"] is None, paper_id) for match, paper_id in titles if paper_id][
        :_MOST_TITLES
    ]
    papers: dict[str, str] = dict.fromkeys((title.paper_id for title in titled), "")
    by_marker: dict[int, str] = {}
    pieces: dict[int, str] = {}
    at = 0
    for marker in _MARKER.finditer(answer):
        numbers = [int(digits) for digits in re.findall(r"\d+", marker[1] or marker[2])]
        if (paper_id := _title_at(answer, at, marker.start(), titled)) is not None:
            by_marker.update((number, paper_id) for number in numbers if number not in by_marker)
        elif piece := answer[at : marker.start()].strip(" .,;\n"):
            for number in numbers:
                pieces[number] = f"{pieces.get(number, '')} {piece}".strip()[:400]
        at = marker.end()
    if not titled and not pieces and answer.strip() and not _REFUSAL.search(answer):
        pieces[1] = answer[:400]
    for number in sorted(pieces)[:_MOST_PIECES]:
        paper_id, name = _paper_of(pieces[number], question, before, shelf, library)
        if paper_id is not None:
            papers.setdefault(paper_id, name)
            by_marker.setdefault(number, paper_id)
    if titled and pieces and by_marker:  # in the order of the markers, where only some papers are titled
        ordered = dict.fromkeys([by_marker[number] for number in sorted(by_marker)] + list(papers))
        papers = {paper_id: papers.get(paper_id, "") for paper_id in ordered}
    return Spoken(papers=tuple(papers), names=tuple(papers.values()), by_marker=tuple(sorted(by_marker.items())))


class _Title(NamedTuple):
    start: int
    heads: bool  # a heading stands over all that follows, a title in quotation marks only over its sentence
    paper_id: str


def _titled(match: re.Match[str], shelf: Shelf) -> str | None:
    words = next(group for group in match.groups() if group)
    return shelf.titled(_YEAR.sub("", words.strip(" :")))


def _title_at(answer: str, since: int, at: int, titled: list[_Title]) -> str | None:
    """The paper of the marker at `at`: the title after it in a table's row, else the title it stands under."""
    line_end = answer.find("\n", at)
    line_start = answer.rfind("\n", 0, at) + 1
    if answer[line_start:at].strip(" |") == "":
        inside = [title.paper_id for title in titled if at < title.start and (line_end < 0 or title.start < line_end)]
        return inside[0] if inside else None
    over = [title.paper_id for title in titled if title.start < at and (title.heads or title.start >= since)]
    return over[-1] if over else None


def _paper_of(piece: str, question: str, before: Talk | None, shelf: Shelf, library: Library) -> tuple[str | None, str]:
    found = shelf.find(piece, library)
    for name in found:  # a whole title settles it
        if len(name.words.split()) >= 4 and len(name.paper_ids) == 1:
            return name.paper_ids[0], ""
    ranking = [paper_id for paper_id, _ in library.keywords.search(f"{piece} {question}", 8, Filters())]
    named = {paper_id: name for name in reversed(found) for paper_id in name.paper_ids}
    if named:
        paper_id = min(named, key=lambda one: ranking.index(one) if one in ranking else len(ranking))
        return paper_id, named[paper_id].words
    known = before.focus if before is not None else None
    earlier = (known, before.name_of(known, shelf)) if before is not None and known is not None else (None, "")
    if known is not None and known in ranking[:3]:
        return earlier
    if ranking and _covers(ranking[0], piece, library):
        return ranking[0], ""
    return earlier


def _covers(paper_id: str, piece: str, library: Library) -> bool:
    """Whether a paper has most of a sentence's words, so that the sentence may be about it."""
    paper = library.get_many([paper_id]).get(paper_id)
    stems = set(content_stems(piece, library))
    if paper is None or not stems:
        return False
    return len(stems & set(library.keywords.stems(f"{paper.title}\n{paper.abstract}"))) >= 0.45 * len(stems)
