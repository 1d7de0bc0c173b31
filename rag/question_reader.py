"""One question by itself: kind, names and filters put together, and what is left to search for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rag.library import Library
from rag.question_compare import compared
from rag.question_dates import PAPERS
from rag.question_filters import Read, read_filters
from rag.question_kind import Intent, Kind
from rag.question_names import Named, Shelf, choose, content_stems, shelf_of
from rag.question_naming import looks_named
from rag.question_periods import day_in_words
from rag.question_query import ABOUT_LIBRARY, Query
from rag.question_several import topic_of

_MOST_TOPIC = 4  # stems of a topic that "list all papers on …" still cuts by words
_EVENT = re.compile(
    r"\b(?:before|since|after|until)\s+(?P<what>(?:the\s+)?[A-Z][\w.-]*(?:\s+[\w.-]+){0,3}?\s+(?:came out"
    r"|was released|appeared|launched|was published|release|launch|was announced))\b"
)


class Reader:
    """Reads questions against one state of a library; `today` is the clock."""

    def __init__(self, library: Library, today: date) -> None:
        self.library = library
        self.shelf: Shelf = shelf_of(library)
        newest = library.coverage().last
        older = newest is not None and newest < today
        self.anchor: date = newest if newest is not None and older else today
        self.anchor_words = (
            f"{day_in_words(self.anchor)}, the newest paper here" if older else f"today, {day_in_words(today)}"
        )

    def alone(self, text: str, kind: Kind, own: Read, names: Sequence[Named]) -> Query:
        residual = cut(text, [*own.spans, *kind.spans])
        notes = [*own.notes, *spelling(names)]
        if event := _EVENT.search(text):
            notes.append(f"“{event[0]}” is not a date known here and was not used as one")
        intent, topic = kind.intent, ""
        if intent in ("one", "several") and kind.listing is not None:
            topic = topic_of(residual)
            n_stems = len(content_stems(topic, self.library))
            if not topic or (kind.listing == "all" and 0 < n_stems <= _MOST_TOPIC):
                intent = "list"
        if intent in ABOUT_LIBRARY:
            topic = topic_of(residual)
            if (
                intent == "count"
                and own.years
                and re.search(r"\b(?:or|vs|versus|than|compared)\b", text, re.IGNORECASE)
            ):
                intent = "timeline"
            per = kind.per or ("year" if own.years else None)
            return Query(
                question=text,
                text=topic or cut(text, own.spans) or text,
                intent=intent,
                filters=own.filters,
                notes=tuple(notes),
                topic=topic,
                order=kind.order,
                limit=kind.limit,
                per=per,
                years=own.years,
                field=kind.field if intent == "count" else None,
                total=kind.verb == "sum",
                lacks=kind.lacks,
                has=kind.has,
            )
        if intent == "field" and (found := self._field(text, kind, own, names, notes)) is not None:
            return found
        if intent == "field":
            intent = _without_field(text)
        clean = cut(text, own.spans)
        clean = clean if self.library.keywords.stems(clean) else text
        sides = kind.sides if intent == "compare" else ()
        if intent == "several" and _asks_about(text, [name for name in names if name.in_title]):
            intent = "one"
        paper_id = self.paper(text, names, notes) if intent != "several" else None
        return Query(
            question=text,
            text=clean,
            intent=intent,
            sides=sides,
            filters=own.filters,
            notes=tuple(notes),
            paper_id=paper_id,
        )

    def _field(self, text: str, kind: Kind, own: Read, names: Sequence[Named], notes: list[str]) -> Query | None:
        """ "when was X published": None when X is no paper but something in one ("where does the data come from")."""
        subject = kind.subject or ""
        at = text.find(subject) if subject else -1
        inside = [name for name in names if at <= name.start < at + len(subject)]
        paper_id = self.paper(text, inside, notes) if inside else None
        ambiguous = bool(inside) and paper_id is None
        left = subject
        for name in inside:
            left = left.replace(name.words, " ")
        for start, end in own.spans:
            left = left.replace(text[start:end].strip(), " ")
        says_paper = re.search(rf"\b{PAPERS}\b", subject, re.IGNORECASE) is not None
        if inside and re.search(
            r"\b(?:papers|articles|works|studies|abstracts|entries|publications|titles)\b", subject, re.IGNORECASE
        ):
            return None
        unknown_name = not inside and any(looks_named(word) for word in re.findall(r"[\w+-]+", subject))
        topic = topic_of(re.sub(r"\b(?:method|model|framework|technical|approach|system)s?\b", " ", left))
        if not says_paper and not own.filters:
            if inside and topic:
                return None
            if not inside and not (unknown_name and kind.field in ("published", "n_authors", "n_comments")):
                return None
        if ambiguous and not notes:
            return None
        return Query(
            question=text,
            text=cut(subject, []) or text,
            intent="field",
            field=kind.field,
            filters=own.filters,
            notes=tuple(notes),
            topic="" if paper_id else topic,
            paper_id=paper_id,
            subject=subject,
            asks_names=kind.verb == "who",
        )

    def names(self, text: str) -> list[Named]:
        found = self.shelf.find(text, self.library)
        return sorted([*found, *self.shelf.misspelt(text, self.library, found)], key=lambda name: name.start)

    def filters(self, text: str, kind: Kind, names: Sequence[Named]) -> Read:
        return read_filters(
            text,
            organisations=self.shelf.organisations,
            anchor=self.anchor,
            anchor_words=self.anchor_words,
            open_ended=kind.intent in ("one", "several", "field") and not any(name.in_title for name in names),
            whole_library=kind.intent in ABOUT_LIBRARY,
        )

    def paper(self, text: str, names: Sequence[Named], notes: list[str]) -> str | None:
        """The one paper that a text names; when a name is shared and the words do not tell, none, and a note."""
        chosen: list[str] = []
        for name in sorted(names, key=lambda one: (not one.in_title, one.start)):
            owners = (
                choose(name, text, self.library, self.library.get_many(name.paper_ids))
                if len(name.paper_ids) > 1
                else name.paper_ids
            )
            if len(owners) > 1:
                titles = " or ".join(f"“{self.shelf.title(owner)}”" for owner in owners[:4])
                notes.append(f"“{name.words}” may be {titles}")
                return None
            chosen += [owner for owner in owners if owner not in chosen]
        return chosen[0] if len(chosen) == 1 or (chosen and not compared(text)) else None


def _asks_about(text: str, names: Sequence[Named]) -> bool:
    """ "which methods does FooNet beat?" asks about FooNet; "which papers build on FooNet?" does not."""
    if len(names) != 1 or re.match(
        rf"^\W*(?:which|what|any|all|list|show|find)\b(?: \S+){{0,3}}? {PAPERS}\b", text, re.IGNORECASE
    ):
        return False
    before = text[: names[0].start]
    return (
        re.search(
            r"(?:^\W*|\b(?:does|did|do|is|are|was|were|has|have|can|in|of|by|the|for)\s+)$", before, re.IGNORECASE
        )
        is not None
    )


def spelling(names: Sequence[Named]) -> list[str]:
    """Notes on misspelt names."""
    return [f"“{name.words}” was read as “{name.meant}”" for name in names if name.meant is not None]


def _without_field(text: str) -> Intent:
    """The kind of a question that seemed to ask for a field of a paper and does not."""
    return "compare" if compared(text) else "one"


def tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("“", '"').replace("”", '"')).strip()


def cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A text without some of its parts."""
    for start, end in sorted(_joined(spans), reverse=True):
        text = f"{text[:start]} {text[end:]}"
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([?.!,;:])", r"\1", text)
    return re.sub(r"^[,;:.\s]+|[,;:\s]+(?=[?.!]*$)", "", text)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
