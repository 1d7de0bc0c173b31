"""What a question asks for, by rule: its kind, its filters, the paper it names, and what it leans on in the conversation.

    question ──> kind (rag.question_kinds) ──> names (rag.question_names) ──> filters (rag.question_filters, rag.question_dates)
                                                                          └─> follow-up (rag.question_followups)

No model is asked, and the clock is handed in. What was understood is written down in `notes`, to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rag.library import Library
from rag.question_dates import PAPERS, day_in_words
from rag.question_filters import Read, conflict, describe, overlay, read_filters, without
from rag.question_followups import STARTER, Reference, Talk, papers_in, reference, stand_alone
from rag.question_kinds import FieldAsked, Intent, Kind, Order, Per, compared, read_kind, topic_of
from rag.question_names import Named, Shelf, choose, looks_named, shelf_of
from rag.schema import Filters, Turn

_ABOUT_LIBRARY = ("count", "list", "extreme", "timeline")
_TURNS = 8  # messages of a conversation that are read; older ones are forgotten
_MOST_TOPIC = 4  # stems of a topic that "list all papers on …" still cuts by words
_EVENT = re.compile(r"\b(?:before|since|after|until)\s+(?P<what>(?:the\s+)?[A-Z][\w.-]*(?:\s+[\w.-]+){0,3}?\s+(?:came out|was released|appeared|launched|was published|release|launch|was announced))\b")
_STANDING = re.compile(r"\b(?:only|just|limit|restrict|stick to|from now on|always|exclusively|nothing but|narrow)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question understood.

    `text` is what to search for: it stands alone and has no words of filters. `rewritten` is the whole question when it was
    a follow-up, to be shown. `topic` (for count, list, extreme, timeline) is what the papers counted are on, "" for all.
    `sides` are what a comparison compares. `paper_id` is the one paper that the question names or follows up on.
    `subject` is what "when was X published" calls X; `asks_names` when authors' names are asked, not their number; `years`
    are two years set against each other.
    """

    question: str
    text: str
    rewritten: str | None = None
    intent: Intent = "one"
    sides: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    notes: tuple[str, ...] = ()
    topic: str = ""
    order: Order | None = None
    limit: int | None = None
    field: FieldAsked | None = None
    paper_id: str | None = None
    per: Per | None = None
    subject: str = ""
    asks_names: bool = False
    years: tuple[int, ...] = ()


def understand(
    question: str,
    *,
    library: Library,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
    today: date | None = None,
) -> Query:
    """What a question asks for. `filters` given by the caller win over the question's own; `today` defaults to the clock's."""
    reader = _Reader(library, today or date.today())
    talk: Talk | None = None
    asked: list[str] = []
    for turn in [*history[-_TURNS:], Turn(role="user", text="")]:
        if turn.role == "assistant":
            if asked:
                talk = reader.listen(talk, " ".join(asked), turn.text)
            asked = []
        elif turn.text.strip():
            if asked:
                talk = reader.listen(talk, " ".join(asked), "")
            asked = [turn.text]
    if asked:
        talk = reader.listen(talk, " ".join(asked), "")
    query = reader.read(question, talk)
    given = filters or Filters()
    notes = query.notes
    if given:
        if conflict(query.filters, given):
            notes = (*notes, f"the filter that is set ({'; '.join(describe(given))}) wins over the question's words")
        query = replace(query, filters=overlay(query.filters, given))
    return replace(query, notes=(*describe(query.filters), *notes))


class _Reader:
    """Reads questions of one conversation against one state of a library."""

    def __init__(self, library: Library, today: date) -> None:
        self.library = library
        self.shelf: Shelf = shelf_of(library)
        newest = library.coverage().last
        older = newest is not None and newest < today
        self.anchor: date = newest if newest is not None and older else today
        self.anchor_words = f"{day_in_words(self.anchor)}, the newest paper here" if older else f"today, {day_in_words(today)}"

    def listen(self, talk: Talk | None, question: str, answer: str) -> Talk:
        """The conversation after one more exchange."""
        query = self.read(question, talk)
        papers, names = papers_in(answer, query.text, talk, self.shelf, self.library) if answer else ((), ())
        focus = query.paper_id if query.paper_id in papers or (query.paper_id and not papers) else next(iter(papers), None)
        if focus is None and talk is not None and query.rewritten is not None:
            focus, papers, names = talk.focus, talk.papers, talk.names
        if focus is not None and focus not in papers:
            papers, names = (focus, *papers), ("", *names)
        return Talk(
            question=query.rewritten or question,
            text=query.text,
            intent=query.intent,
            topic=query.topic,
            filters=query.filters,
            standing=bool(_STANDING.search(question)) or (talk is not None and talk.standing and query.filters == talk.filters),
            order=query.order,
            limit=query.limit,
            per=query.per,
            field=query.field,
            focus=focus,
            papers=papers,
            names=names,
        )

    def read(self, question: str, talk: Talk | None) -> Query:
        """One question, with what was said before."""
        text = _tidy(question)
        kind = read_kind(text)
        names = self._names(text)
        own = self._filters(text, kind, names)
        if talk is not None:
            if (again := self._same_again(text, kind, own, names, talk)) is not None:
                return replace(again, question=question)
            how = reference(text, names, kind.intent, talk, self.library)
            if how is not None:
                return replace(self._follow_up(text, kind, own, names, how, talk), question=question)
        query = self._alone(text, kind, own, names)
        if talk is not None and talk.filters:
            query = self._keep_filters(query, own, talk)
        return replace(query, question=question)

    # A question that stands alone

    def _alone(self, text: str, kind: Kind, own: Read, names: Sequence[Named]) -> Query:
        residual = _cut(text, [*own.spans, *kind.spans])
        notes = [*own.notes, *self._spelling(names)]
        if event := _EVENT.search(text):
            notes.append(f"“{event[0]}” is not a date known here and was not used as one")
        intent, topic = kind.intent, ""
        if intent in ("one", "several") and kind.listing is not None:
            topic = topic_of(residual)
            n_stems = len(self.library.keywords.stems(topic))
            if not topic or (kind.listing == "all" and 0 < n_stems <= _MOST_TOPIC):
                intent = "list"
        if intent in _ABOUT_LIBRARY:
            topic = topic_of(residual)
            if intent == "count" and own.years and re.search(r"\b(?:or|vs|versus|than|compared)\b", text, re.IGNORECASE):
                intent = "timeline"
            per = kind.per or ("year" if own.years else None)
            return Query(
                question=text,
                text=topic or residual or text,
                intent=intent,
                filters=own.filters,
                notes=tuple(notes),
                topic=topic,
                order=kind.order,
                limit=kind.limit,
                per=per,
                years=own.years,
            )
        if intent == "field" and (found := self._field(text, kind, own, names, notes)) is not None:
            return found
        if intent == "field":
            intent = read_kind_again(text)
        clean = _cut(text, own.spans)
        clean = clean if self.library.keywords.stems(clean) else text
        sides = kind.sides if intent == "compare" else ()
        paper_id = self._paper(text, names, notes) if intent != "several" else None
        return Query(question=text, text=clean, intent=intent, sides=sides, filters=own.filters, notes=tuple(notes), paper_id=paper_id)

    def _field(self, text: str, kind: Kind, own: Read, names: Sequence[Named], notes: list[str]) -> Query | None:
        """ "when was X published": None when X is no paper but something in one ("where does the data come from")."""
        subject = kind.subject or ""
        at = text.find(subject) if subject else -1
        inside = [name for name in names if at <= name.start < at + len(subject)]
        paper_id = self._paper(text, inside, notes) if inside else None
        ambiguous = bool(inside) and paper_id is None
        left = subject
        for name in inside:
            left = left.replace(name.words, " ")
        for start, end in own.spans:
            left = left.replace(text[start:end].strip(), " ")
        says_paper = re.search(rf"\b{PAPERS}\b", subject, re.IGNORECASE) is not None
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
            text=_cut(subject, []) or text,
            intent="field",
            field=kind.field,
            filters=own.filters,
            notes=tuple(notes),
            topic="" if paper_id else topic,
            paper_id=paper_id,
            subject=subject,
            asks_names=kind.verb == "who",
        )

    # Follow-ups

    def _same_again(self, text: str, kind: Kind, own: Read, names: Sequence[Named], talk: Talk) -> Query | None:
        """ "and in 2023?", "only from NVIDIA", "and the oldest?": the question before with other filters or another order."""
        starter = STARTER.match(text)
        opened = bool(starter and re.search(r"[a-z]", starter[0], re.IGNORECASE))
        residual = _cut(text, [*own.spans, *kind.spans])
        topic = topic_of(STARTER.sub("", residual))
        these = re.search(r"\b(?:of|among|between) (?:them|these|those)\b|\bthey\b|\bof the (?:papers|ones)\b", text, re.IGNORECASE)
        leans = opened or bool(these) or bool(re.search(r"\b(?:only|just|instead|ones?|same)\b", text, re.IGNORECASE))
        filters = overlay(without(talk.filters, own.cleared), own.filters)
        if names or len(text.split()) > 14:
            return None
        if kind.intent in ("one", "several") and not topic and (own.filters or own.cleared):
            if not leans and re.search(rf"\b{PAPERS}\b", text, re.IGNORECASE):
                return None
            if talk.intent in ("one", "field", "compare") and not opened and not _STANDING.search(text):
                return None
            paper_ids = talk.papers if these and len(talk.papers) > 1 else ()
            query = self._repeat(talk, filters=replace(filters, paper_ids=paper_ids or filters.paper_ids), notes=own.notes)
            return replace(query, intent="list") if paper_ids else query
        if kind.intent in _ABOUT_LIBRARY and not topic and (leans or not re.search(rf"\b{PAPERS}\b", text)):
            among = talk.papers if (these or not talk.topic) and len(talk.papers) > 1 and talk.intent not in _ABOUT_LIBRARY else ()
            if these and talk.intent in ("list", "several", "extreme") and len(talk.papers) > 1:
                among = talk.papers
            if not (among or talk.intent in _ABOUT_LIBRARY or talk.filters):
                return None
            query = self._alone(text, kind, own, names)
            if among:
                filters = overlay(Filters(paper_ids=among), own.filters)
            rest = STARTER.sub("", text).strip(" ?.!") or text
            what = "; ".join([f"on {talk.topic}"] * bool(talk.topic) + describe(filters))
            return replace(
                query, topic=talk.topic if not among else "", filters=filters, text=talk.text, rewritten=f"{rest} ({what})" if what else rest
            )
        if opened and topic and kind.intent in ("one", "several") and talk.intent in _ABOUT_LIBRARY and len(topic.split()) <= 6:
            if not re.search(r"\b(?:does|do|did|is|are|was|were|can|how|why|it|its|they|that|which|who)\b", residual, re.IGNORECASE):
                return replace(self._repeat(talk, filters=filters, notes=own.notes, topic=topic), text=topic)
        return None

    def _repeat(self, talk: Talk, *, filters: Filters, notes: Sequence[str], topic: str | None = None) -> Query:
        """The question before, with other filters or another topic."""
        words = _cut(talk.question, self._filters(talk.question, read_kind(talk.question), ()).spans)
        words = re.sub(r"\s*\([^()]*\)$", "", words).strip(" ?.!,;—")
        if topic and talk.topic and talk.topic in words:
            words = words.replace(talk.topic, topic)
        elif topic:
            words = f"{words} on {topic}"
        what = "; ".join(describe(filters))
        return Query(
            question=talk.question,
            text=topic or talk.text,
            rewritten=f"{words} ({what})?" if what else f"{words}?",
            intent=talk.intent,
            filters=filters,
            notes=tuple(notes),
            topic=talk.topic if topic is None else topic,
            order=talk.order,
            limit=talk.limit,
            per=talk.per,
            field=talk.field,
            paper_id=talk.focus if talk.intent in ("one", "field") else None,
        )

    def _follow_up(self, text: str, kind: Kind, own: Read, names: Sequence[Named], how: Reference, talk: Talk) -> Query:
        filters = overlay(without(talk.filters, own.cleared), own.filters)
        filters = filters if filters.paper_ids == () else replace(filters, paper_ids=())
        clean = _cut(text, own.spans) if own.spans else text
        if how.how == "these" and len(talk.papers) > 1:
            labels = [talk.name_of(paper_id, self.shelf) for paper_id in talk.papers[:6]]
            whole = f"{clean.strip(' ?.!')} ({', '.join(labels)})?"
            return Query(
                question=text, text=whole, rewritten=whole, intent="compare", sides=tuple(labels), filters=filters, notes=own.notes
            )
        paper_id = talk.papers[how.which] if how.which is not None and talk.papers else talk.focus
        named = [name for name in names if name.in_title]
        if paper_id is None:  # nothing known to point at: the words of the question before are searched too
            whole = f"{talk.question.strip(' ?.!')} — {STARTER.sub('', clean) or clean}"
            search = f"{talk.text} {clean}"
            return replace(self._alone(search, kind, own, names), text=search, rewritten=whole, filters=filters)
        name = talk.name_of(paper_id, self.shelf)
        own_name = named[0].words if named and how.how == "ellipsis" else None
        if own.spans:
            how = reference(clean, names, kind.intent, talk, self.library) or Reference(how="subjectless")
        whole = stand_alone(clean, how, name, talk, named=own_name)
        notes = [*own.notes, *self._spelling(names)]
        if own_name is not None:
            paper_id = self._paper(text, named[:1], notes)
            return Query(question=text, text=whole, rewritten=whole, filters=filters, notes=tuple(notes), paper_id=paper_id)
        notes.append(f"about “{self.shelf.title(paper_id)}”, named before")
        if kind.intent == "field":
            return Query(
                question=text, text=whole, rewritten=whole, intent="field", field=kind.field, filters=filters, notes=tuple(notes),
                paper_id=paper_id, subject=name, asks_names=kind.verb == "who",
            )  # fmt: skip
        sides = compared(whole) or ()
        intent: Intent = "compare" if sides else "one"
        others = {other for found in named for other in found.paper_ids} - {paper_id}
        title = self.shelf.title(paper_id) or ""
        search = whole if name.casefold() in title.casefold() and len(name) > 3 else f"{whole} {title}"
        return Query(
            question=text,
            text=search,
            rewritten=whole,
            intent=intent,
            sides=sides,
            filters=filters,
            notes=tuple(notes),
            paper_id=None if intent == "compare" and others else paper_id,
        )

    def _keep_filters(self, query: Query, own: Read, talk: Talk) -> Query:
        """Earlier filters stay when they were meant to, or when the talk goes on about the same; a new topic drops them."""
        stems = self.library.keywords.stems
        shared = set(stems(query.text)) & set(stems(talk.topic or topic_of(talk.text)))
        same_kind = query.intent in ("several", *_ABOUT_LIBRARY) and query.paper_id is None
        if own.cleared:
            return replace(query, filters=overlay(without(talk.filters, own.cleared), own.filters))
        if (talk.standing or (same_kind and shared)) and query.paper_id is None:
            return replace(query, filters=overlay(replace(talk.filters, paper_ids=()), own.filters))
        dropped = "; ".join(describe(talk.filters))
        return replace(query, notes=(*query.notes, f"a new topic: the earlier filter ({dropped}) was dropped"))

    # Parts

    def _names(self, text: str) -> list[Named]:
        found = self.shelf.find(text, self.library)
        return sorted([*found, *self.shelf.misspelt(text, self.library, found)], key=lambda name: name.start)

    def _filters(self, text: str, kind: Kind, names: Sequence[Named]) -> Read:
        return read_filters(
            text,
            organisations=self.shelf.organisations,
            anchor=self.anchor,
            anchor_words=self.anchor_words,
            open_ended=kind.intent in ("one", "several", "field") and not any(name.in_title for name in names),
            whole_library=kind.intent in _ABOUT_LIBRARY,
        )

    def _paper(self, text: str, names: Sequence[Named], notes: list[str]) -> str | None:
        """The one paper that a text names; when a name is shared and the words do not tell, none, and a note."""
        chosen: list[str] = []
        for name in sorted(names, key=lambda one: (not one.in_title, one.start)):
            owners = choose(name, text, self.library, self.library.get_many(name.paper_ids)) if len(name.paper_ids) > 1 else name.paper_ids
            if len(owners) > 1:
                titles = " or ".join(f"“{self.shelf.title(owner)}”" for owner in owners[:4])
                notes.append(f"“{name.words}” may be {titles}")
                return None
            chosen += [owner for owner in owners if owner not in chosen]
        return chosen[0] if len(chosen) == 1 or (chosen and not compared(text)) else None

    def _spelling(self, names: Sequence[Named]) -> list[str]:
        return [f"“{name.words}” was read as “{name.meant}”" for name in names if name.meant is not None]


def read_kind_again(text: str) -> Intent:
    """The kind of a question that seemed to ask for a field of a paper and does not."""
    return "compare" if compared(text) else "one"


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("“", '"').replace("”", '"')).strip()


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
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
