"""One question by itself: kind, names and filters put together, and what is left to search for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta

from rag.library import Library
from rag.persons import name_key, name_keys
from rag.question import naming
from rag.question.compare import compared
from rag.question.conditions import (
    Condition,
    by_several,
    cannot_be_asked,
    impossible_day,
    not_wanted,
    read_condition,
    two_topics,
    unknown_order,
)
from rag.question.dates import PAPERS
from rag.question.filters import Read, describe, overlay, read_filters
from rag.question.followups import without_lead
from rag.question.kind import Intent, Kind
from rag.question.names import Named, Shelf, choose, content_stems, shelf_of
from rag.question.naming import looks_named
from rag.question.parts import read_parts
from rag.question.periods import day_in_words, in_words
from rag.question.query import ABOUT_LIBRARY, Query
from rag.question.records import read_records
from rag.question.several import topic_of
from rag.question.spelling import mended
from rag.schema import Filters

_MOST_OWNERS = 4  # papers of one name that are told apart
_NUMBER = {2: "two", 3: "three", 4: "four"}
_OF_UNKNOWN = (
    "published",
    "n_authors",
    "n_comments",
    "n_upvotes",
    "code_url",
    "arxiv_id",
    "bibtex",
)  # of names not here
_MOST_TOPIC = 4  # stems of a topic that "list all papers on …" still cuts by words
_EVENT = re.compile(
    r"\b(?:before|since|after|until)\s+(?P<what>(?:the\s+)?[A-Z][\w.-]*(?:\s+[\w.-]+){0,3}?\s+(?:came out"
    r"|was released|appeared|launched|was published|release|launch|was announced))\b"
)


class Reader:
    """Reads questions against one state of a library; `today` is the clock.

    Fields of `ignore` are not read as filters, with "names" no paper is found by its name and no slip mended. Words that would set
    a date or a number are not searched all the same; names of organisations and of papers are.
    """

    def __init__(self, library: Library, today: date, ignore: Collection[str] = ()) -> None:
        self.library = library
        self._ignore = frozenset(ignore)
        self.shelf: Shelf = shelf_of(library)
        newest = library.coverage().last
        older = newest is not None and newest < today
        self.anchor: date = newest if newest is not None and older else today
        self.anchor_words = (
            f"{day_in_words(self.anchor)}, the newest paper here" if older else f"today, {day_in_words(today)}"
        )

    def alone(self, text: str, kind: Kind, own: Read, names: Sequence[Named]) -> Query:
        condition, without_topic, taken = self._conditions(text, kind, own, names)
        residual = cut(text, [*own.spans, *kind.spans, *taken])
        notes = list(own.notes)
        if own.written is not None and own.written.unknown and not names:
            return Query(question=text, text=text, intent="list", nobody=own.written.unknown)
        if not names and (unknown := unknown_order(text, of_library=kind.intent in ABOUT_LIBRARY)):
            return Query(question=text, text=text, intent="list", cannot=unknown)
        if (day := impossible_day(text)) is not None and "since" not in self._ignore and not names:
            return Query(question=text, text=text, intent="count", cannot=day, impossible=True)
        if event := _EVENT.search(text):
            notes.append(f"“{event[0]}” is not a date known here and was not used as one")
        intent, topic = kind.intent, ""
        if intent in ("one", "several") and kind.listing is not None:
            topic = topic_of(residual)
            n_stems = len(content_stems(topic, self.library))
            exact = kind.listing == "all" or bool(own.left_out or condition or without_topic)
            if not topic or (exact and 0 < n_stems <= _MOST_TOPIC):
                intent = "list"
        elif (
            intent in ("one", "several")
            and (own.filters or own.left_out or own.dropped)
            and not names
            and not topic_of(residual)
        ):
            intent = "list"  # nothing but filters: "2024?"
        if intent in ABOUT_LIBRARY:
            topic = topic_of(residual)
            if (
                intent in ("count", "list")
                and own.years
                and re.search(
                    r"\b(?:vs|versus|than|compared?|comparing|more|fewer|less|most|fewest)\b", text, re.IGNORECASE
                )
            ):
                intent = "timeline"
                topic = re.sub(r"^(?:compar(?:e|ing|ed)|did|fewer|less)\b\s*", "", topic, flags=re.IGNORECASE)
            two = two_topics(text, topic) if intent == "count" else None
            per = kind.per or ("year" if own.years else None)
            cannot = own.cannot
            if not cannot and intent in ("count", "list") and not names and kind.per is None:
                cannot = "" if two else cannot_be_asked(residual, topic) or ""
            return Query(
                question=text,
                text=topic or cut(text, own.spans) or text,
                intent=intent,
                filters=own.filters,
                notes=tuple(notes),
                topic=topic,
                order=kind.order,
                also=kind.also,
                limit=kind.limit,
                per=per,
                years=own.years,
                field=kind.field if intent == "count" else None,
                total=kind.verb == "sum",
                lacks=kind.lacks,
                has=kind.has,
                left_out=own.left_out,
                condition=condition,
                without_topic=without_topic,
                share=kind.verb == "share",
                sides=two or (),
                cannot=cannot or ("0 papers" if kind.limit == 0 else ""),
                bounds=kind.bounds,
            )
        notes += self._not_left_out(own)
        if intent == "field" and (found := self._field(text, kind, own, names, notes)) is not None:
            return found
        if intent == "field":
            intent = _without_field(text)
        clean = without_lead(cut(text, own.spans))
        clean = clean if self.library.keywords.stems(clean) else text
        sides = kind.sides if intent == "compare" else ()
        if intent == "several" and _asks_about(text, [name for name in names if name.in_title]):
            intent = "one"
        shared = self._shared(text, names) if intent != "compare" else None
        if shared is not None:
            name, owners = shared
            titles = [self.shelf.title(owner) or owner for owner in owners]
            notes.append(f"{_NUMBER.get(len(titles), len(titles))} papers go by “{name}”: {_listed(titles)}")
            both = re.search(r"\b(?:the )?(?:two|both)\b", clean, re.IGNORECASE)
            if (intent == "one" or both) and len(titles) == 2 and len(names) == 1:
                clean = f"{clean[: both.start()]}{clean[both.end() :]}" if both else clean
                whole = f"{' '.join(clean.split()).strip(' ?.!')} ({titles[0]}; {titles[1]})"
                return Query(
                    question=text,
                    text=whole,
                    intent="compare",
                    sides=tuple(titles),
                    filters=own.filters,
                    notes=tuple(notes),
                )
        paper_id = self.paper(text, names) if intent != "several" else None
        return Query(
            question=text,
            text=clean,
            intent=intent,
            sides=sides,
            filters=own.filters,
            notes=tuple(notes),
            paper_id=paper_id,
        )

    def records(self, text: str, names: Sequence[Named]) -> Query | None:
        """The question as one about the records of the papers that it names, if it is one."""
        return read_records(text, names, [self._owners(text, name) for name in names], self.anchor) if names else None

    def parts(self, text: str, names: Sequence[Named], own: Read) -> Query | None:
        """A question in several parts about one paper, some of which ask for fields of its record; None if it is none."""
        titled = [name for name in names if name.in_title]
        if len(titled) != 1 or (paper_id := self.paper(text, titled)) is None:
            return None
        name = titled[0]
        found = read_parts(text, name.words, name.start, name.end)
        if found is None:
            return None
        first = found.fields[0]
        return Query(
            question=text, text=text, intent="field", field="n_authors" if first == "authors" else first, fields=found.fields, rest=found.rest,
            notes=own.notes, paper_id=paper_id, subject=name.words, asks_names=first == "authors",
        )  # fmt: skip

    def _conditions(
        self, text: str, kind: Kind, own: Read, names: Sequence[Named]
    ) -> tuple[Condition | None, str, list[tuple[int, int]]]:
        """What a question about the library asks of the records beside filters, the topic it does not want, and their places."""
        if kind.intent not in ABOUT_LIBRARY and (kind.listing is None or any(name.in_title for name in names)):
            return None, "", []
        spans: list[tuple[int, int]] = []
        condition = by_several(own.written.names, own.written.way) if own.written else None
        for start, end in own.spans:  # what is a filter is none of these
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
        if condition is None and (found := read_condition(text)) is not None:
            condition = found[0]
            spans.append(found[1])
        unwanted = not_wanted(text)
        if unwanted is None or any(start < unwanted[1][1] and unwanted[1][0] < end for start, end in spans):
            return condition, "", spans
        return condition, unwanted[0], [*spans, unwanted[1]]

    def _field(self, text: str, kind: Kind, own: Read, names: Sequence[Named], notes: list[str]) -> Query | None:
        """ "when was X published": None when X is no paper but something in one ("where does the data come from")."""
        subject = kind.subject or ""
        at = text.find(subject) if subject else -1
        inside = [name for name in names if at <= name.start < at + len(subject)]
        paper_id = self.paper(text, inside) if inside else None
        ambiguous = bool(inside) and paper_id is None
        if ambiguous and (shared := self._shared(text, inside)) is not None:
            return self._field_of_both(text, kind, own, shared, notes)
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
            if not inside and not (unknown_name and kind.field in _OF_UNKNOWN):
                return None
        if ambiguous:
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

    def _field_of_both(
        self, text: str, kind: Kind, own: Read, shared: tuple[str, tuple[str, ...]], notes: Sequence[str]
    ) -> Query:
        """ "when was X published" where X is the name of several papers: of each."""
        name, owners = shared
        note = f"{_NUMBER.get(len(owners), len(owners))} papers go by “{name}”"
        return Query(
            question=text,
            text=text,
            intent="field",
            field=kind.field,
            filters=overlay(own.filters, Filters(paper_ids=owners)),
            notes=(*notes, note),
            subject=name,
            asks_names=kind.verb == "who",
        )

    def _not_left_out(self, own: Read) -> list[str]:
        """What a search cannot leave out, said with what can be asked instead."""
        out = own.left_out
        if not out:
            return []
        what = "; ".join(describe(replace(out, since=None, until=None)))
        notes = [f"papers {what} are searched too: only counts and lists can leave them out"] if what else []
        if out.since and out.until:
            before, after = in_words(None, out.since - timedelta(days=1)), in_words(out.until + timedelta(days=1), None)
            notes.append(
                f"papers published {in_words(out.since, out.until)} are searched too: “{before}” or “{after}” can be asked for"
            )
        return notes

    def mended(self, text: str) -> tuple[str, list[str]]:
        """The text with slips of spelling mended, and notes on them."""
        return (text, []) if "names" in self._ignore else mended(text, self.shelf, self.library)

    def names(self, text: str) -> list[Named]:
        return [] if "names" in self._ignore else self.shelf.find(text, self.library)

    def filters(
        self, text: str, kind: Kind, names: Sequence[Named], *, within: Filters | None = None, heed: bool = True
    ) -> Read:
        """The filters of a text; months without a year are of the year in which the days of `within` end. Fields to
        ignore are ignored unless not to be heeded.
        """
        end = date(within.until.year, 12, 31) if within and within.until else None
        return read_filters(
            text,
            ignore=self._ignore if heed else (),
            organisations=self.shelf.organisations,
            anchor=min(end, self.anchor) if end else self.anchor,
            anchor_words="" if end else self.anchor_words,
            open_ended=kind.intent in ("one", "several", "field") and not any(name.in_title for name in names),
            whole_library=kind.intent in ABOUT_LIBRARY,
            authors=self._authors,
        )

    def _authors(self, name: str) -> tuple[str, ...]:
        """The authors here who go by a name; none where it is an organisation's."""
        key = name_key(name)
        if not self.library.keywords.has_author(key) or naming.key(name) in self.shelf.organisations:
            return ()
        beside = self.library.keywords.writers(Filters(author=name))
        return tuple(one for one in beside if key in name_keys(one))

    def paper(self, text: str, names: Sequence[Named]) -> str | None:
        """The one paper that a text names; when a name is shared and the words do not tell, none."""
        chosen: list[str] = []
        for name in sorted(names, key=lambda one: (not one.in_title, one.start)):
            owners = self._owners(text, name)
            if len(owners) > 1:
                return None
            chosen += [owner for owner in owners if owner not in chosen]
        return chosen[0] if len(chosen) == 1 or (chosen and not compared(text)) else None

    def _shared(self, text: str, names: Sequence[Named]) -> tuple[str, tuple[str, ...]] | None:
        """The first name that several papers share and the words around it do not tell apart, and those papers (at most 4)."""
        for name in sorted(names, key=lambda one: (not one.in_title, one.start)):
            if len(owners := self._owners(text, name)) > 1:
                return name.words, owners[:_MOST_OWNERS]
        return None

    def _owners(self, text: str, name: Named) -> tuple[str, ...]:
        if len(name.paper_ids) < 2:
            return name.paper_ids
        return choose(name, text, self.library, self.library.get_many(name.paper_ids))


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


def _listed(titles: Sequence[str]) -> str:
    return f"{', '.join(f'“{title}”' for title in titles[:-1])} and “{titles[-1]}”"


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
