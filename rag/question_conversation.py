"""A question in its conversation: follow-ups resolved, the same question asked again of other papers, filters kept or dropped.

`listen` reads an exchange into a `Talk`, `read` a question after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.question_answers import Spoken, papers_of
from rag.question_compare import compared
from rag.question_dates import PAPERS
from rag.question_filters import Read, describe, overlay, without
from rag.question_followups import STARTER, Reference, Talk, reference
from rag.question_kind import Intent, Kind, Order
from rag.question_kinds import read_kind
from rag.question_names import Named, content_stems
from rag.question_query import ABOUT_LIBRARY, Query
from rag.question_reader import Reader, cut, spelling, tidy
from rag.question_several import topic_of
from rag.question_standalone import stand_alone
from rag.schema import Filters

_STANDING = re.compile(
    r"\b(?:only|just|limit|restrict|stick to|from now on|always|exclusively|nothing but|narrow)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"\b(?:does|do|did|is|are|was|were|can|how|why|it|its|they|that|which|who)\b", re.IGNORECASE)
_FIELD_QUESTIONS = {
    "published": "when was {} published?",
    "organisation": "which organisation is {} from?",
    "n_authors": "how many authors does {} have?",
    "n_comments": "how many comments does {} have?",
    "who": "who wrote {}?",
}
_COMPARATIVES: tuple[tuple[str, Order], ...] = (
    (
        r"\b(?:newer|newest|more recent|most recent|latest|later)\b|\b(?:came out|published) (?:last|later"
        r"|most recently)\b",
        "newest",
    ),
    (r"\b(?:older|oldest|earlier|earliest)\b|\b(?:came out|published|was) first\b", "oldest"),
    (r"\b(?:more|most) (?:comments|discussed|commented)\b|\bdiscussed (?:the )?(?:more|most)\b", "most_comments"),
    (r"\b(?:fewer|fewest|less|least) (?:comments|discussed)\b", "fewest_comments"),
    (r"\b(?:more|most) (?:co-?)?authors\b", "most_authors"),
    (r"\b(?:fewer|fewest) (?:co-?)?authors\b", "fewest_authors"),
)


def listen(reader: Reader, talk: Talk | None, question: str, answer: str) -> Talk:
    """The conversation after one more exchange; `answer` is "" when there was none."""
    query = read(reader, question, talk)
    spoken = papers_of(answer, query.text, talk, reader.shelf, reader.library) if answer else Spoken()
    papers, names = spoken.papers, spoken.names
    named = query.paper_id if query.paper_id in papers or (query.paper_id and not papers) else None
    focus = named or next(iter(papers), None)
    if focus is None and talk is not None and query.rewritten is not None:
        focus, papers, names = talk.focus, talk.papers, talk.names
    if query.intent == "compare" and query.sides:
        found = reader.shelf.find(" ; ".join(query.sides), reader.library)
        sides = {name.paper_ids[0]: name.words for name in found if len(name.paper_ids) == 1}
        if len(sides) > 1:
            papers, names = tuple(sides), tuple(sides.values())
    if focus is not None and focus not in papers:
        papers, names = (focus, *papers), ("", *names)
    heard = Talk(
        question=query.rewritten or question,
        text=query.text,
        intent=query.intent,
        topic=query.topic,
        filters=replace(query.filters, paper_ids=()),
        standing=bool(_STANDING.search(question))
        or (talk is not None and talk.standing and query.filters == talk.filters),
        order=query.order,
        limit=query.limit,
        per=query.per,
        field=query.field,
        focus=focus,
        papers=papers,
        names=names,
        by_marker=spoken.by_marker,
        listed=papers if len(papers) > 1 else talk.listed if talk is not None else (),
        base=talk.base if talk is not None else None,
    )
    return replace(heard, base=heard) if query.intent not in ("one", "field") else heard


def read(reader: Reader, question: str, talk: Talk | None) -> Query:
    """One question, with what was said before."""
    text = tidy(question)
    kind = read_kind(text)
    names = reader.names(text)
    own = reader.filters(text, kind, names)
    if talk is not None:
        if (again := _same_again(reader, text, kind, own, names, talk)) is not None:
            return replace(again, question=question)
        how = reference(text, names, kind.intent, talk, reader.library)
        if how is not None:
            return replace(_follow_up(reader, text, kind, own, names, how, talk), question=question)
    query = reader.alone(text, kind, own, names)
    if talk is not None and talk.filters:
        query = _keep_filters(reader, query, own, talk)
    return replace(query, question=question)


def _same_again(reader: Reader, text: str, kind: Kind, own: Read, names: Sequence[Named], talk: Talk) -> Query | None:
    """ "and in 2023?", "only from NVIDIA", "and the oldest?": the question before with other filters or another order."""
    starter = STARTER.match(text)
    opened = bool(starter and re.search(r"[a-z]", starter[0], re.IGNORECASE))
    residual = cut(text, [*own.spans, *kind.spans])
    topic = topic_of(STARTER.sub("", residual))
    these = re.search(
        r"\b(?:of|among|between) (?:them|these|those)\b|\bthey\b|\bof the (?:papers|ones)\b", text, re.IGNORECASE
    )
    leans = opened or bool(these) or bool(re.search(r"\b(?:only|just|instead|ones?|same)\b", text, re.IGNORECASE))
    filters = overlay(without(talk.filters, own.cleared), own.filters)
    if names or len(text.split()) > 14:
        return None
    if kind.intent in ("one", "several") and not topic and (own.filters or own.cleared):
        if not leans and re.search(rf"\b{PAPERS}\b", text, re.IGNORECASE):
            return None
        if talk.intent in ("one", "field") and talk.base is not None:
            talk = talk.base
        paper_ids = talk.several() if these and len(talk.several()) > 1 else ()
        query = _repeat(
            reader, talk, filters=replace(filters, paper_ids=paper_ids or filters.paper_ids), notes=own.notes
        )
        return replace(query, intent="list") if paper_ids else query
    if kind.intent in ABOUT_LIBRARY and not topic and (leans or not re.search(rf"\b{PAPERS}\b", text)):
        base = talk.base if talk.intent in ("one", "field") and talk.base is not None else talk
        named = talk.several() if len(talk.several()) > 1 else ()
        among = named if these or base.intent in ("several", "compare") else ()
        if not (among or base.intent in ABOUT_LIBRARY or base.filters):
            return None
        query = reader.alone(text, kind, own, names)
        filters = overlay(Filters(paper_ids=among), own.filters) if among else overlay(base.filters, own.filters)
        rest = STARTER.sub("", text).strip(" ?.!") or text
        on = base.topic if not among else ""
        what = "; ".join([f"on {on}"] * bool(on) + describe(filters))
        whole = f"{rest} ({what})?" if what else f"{rest}?"
        return replace(query, topic=on, filters=filters, text=base.text, rewritten=whole)
    if (
        opened
        and topic
        and kind.intent in ("one", "several")
        and talk.intent in ABOUT_LIBRARY
        and len(topic.split()) <= 6
        and not _CLAUSE.search(residual)
    ):
        return replace(_repeat(reader, talk, filters=filters, notes=own.notes, topic=topic), text=topic)
    return None


def _repeat(reader: Reader, talk: Talk, *, filters: Filters, notes: Sequence[str], topic: str | None = None) -> Query:
    """The question before, with other filters or another topic."""
    words = cut(talk.question, reader.filters(talk.question, read_kind(talk.question), ()).spans)
    words = re.sub(r"\s*\([^()]*\)$", "", words.strip(" ?.!,;—")).strip(" ?.!,;—")
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


def _follow_up(
    reader: Reader, text: str, kind: Kind, own: Read, names: Sequence[Named], how: Reference, talk: Talk
) -> Query:
    filters = overlay(without(talk.filters, own.cleared), own.filters)
    filters = filters if filters.paper_ids == () else replace(filters, paper_ids=())
    clean = cut(text, own.spans) if own.spans else text
    if how.how == "narrower":
        whole = f"{talk.question.strip(' ?.!')} — {STARTER.sub('', clean) or clean}"
        search = f"{topic_of(talk.text)} {STARTER.sub('', clean)}"
        return Query(question=text, text=search, rewritten=whole, intent="several", filters=filters, notes=own.notes)
    if how.how == "these" and len(talk.several()) > 1 and (order := _comparative(text)) is not None:
        what = ", ".join(talk.name_of(paper_id, reader.shelf) for paper_id in talk.several())
        among = overlay(Filters(paper_ids=talk.several()), own.filters)
        whole = f"{clean.strip(' ?.!')} ({what})?"
        return Query(
            question=text,
            text=whole,
            rewritten=whole,
            intent="extreme",
            filters=among,
            order=order,
            limit=1,
            notes=own.notes,
        )
    if how.how == "these" and len(talk.several()) > 1:
        labels = [talk.name_of(paper_id, reader.shelf) for paper_id in talk.several()[:6]]
        whole = f"{clean.strip(' ?.!')} ({', '.join(labels)})?"
        return Query(
            question=text,
            text=whole,
            rewritten=whole,
            intent="compare",
            sides=tuple(labels),
            filters=filters,
            notes=own.notes,
        )
    paper_id = talk.several()[how.which] if how.which is not None and talk.several() else talk.focus
    named = [name for name in names if name.in_title]
    if paper_id is None:  # nothing known to point at: the words of the question before are searched too
        whole = f"{talk.question.strip(' ?.!')} — {STARTER.sub('', clean) or clean}"
        search = f"{talk.text} {clean}"
        return replace(reader.alone(search, kind, own, names), text=search, rewritten=whole, filters=filters)
    if len(named) == 1 and how.how == "pronoun" and named[0].paper_ids == (paper_id,):  # "does SPAM need more than it?"
        paper_id = next((other for other in talk.papers if other != paper_id), paper_id)
    name = talk.name_of(paper_id, reader.shelf)
    own_name = named[0].words if named and how.how == "ellipsis" else None
    if own.spans:
        how = reference(clean, names, kind.intent, talk, reader.library) or Reference(how="subjectless")
    if kind.intent == "field" and own_name is None:
        whole = _FIELD_QUESTIONS[kind.verb or kind.field or "published"].format(name)
    else:
        old = talk.name_of(talk.focus, reader.shelf) if talk.focus else None
        whole = stand_alone(clean, how, name, talk, named=own_name, old=old)
    notes = [*own.notes, *spelling(names)]
    if own_name is not None:  # "and GPipe?": the question before, of another paper
        query = reader.alone(whole, read_kind(whole), own, reader.names(whole))
        return replace(query, rewritten=whole, filters=filters)
    notes.append(f"about “{reader.shelf.title(paper_id)}”, named before")
    if kind.intent == "field":
        return Query(
            question=text, text=whole, rewritten=whole, intent="field", field=kind.field, filters=filters, notes=tuple(notes),
            paper_id=paper_id, subject=name, asks_names=kind.verb == "who",
        )  # fmt: skip
    sides = compared(whole) or ()
    intent: Intent = "compare" if sides else "one"
    others = {other for found in named for other in found.paper_ids} - {paper_id}
    title = reader.shelf.title(paper_id) or ""
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


def _keep_filters(reader: Reader, query: Query, own: Read, talk: Talk) -> Query:
    """Earlier filters stay when they were meant to, or when the talk goes on about the same; a new topic drops them."""
    shared = set(content_stems(topic_of(query.text), reader.library)) & set(
        content_stems(talk.topic or topic_of(talk.text), reader.library)
    )
    same_kind = query.intent in ("several", *ABOUT_LIBRARY) and query.paper_id is None
    if own.cleared:
        return replace(query, filters=overlay(without(talk.filters, own.cleared), own.filters))
    if (talk.standing or (same_kind and shared)) and query.paper_id is None:
        return replace(query, filters=overlay(replace(talk.filters, paper_ids=()), own.filters))
    dropped = "; ".join(describe(talk.filters))
    return replace(query, notes=(*query.notes, f"a new topic: the earlier filter ({dropped}) was dropped"))


def _comparative(text: str) -> Order | None:
    """ "newer", "more authors" said of a few papers: the order that finds the one."""
    for pattern, order in _COMPARATIVES:
        if re.search(pattern, text, re.IGNORECASE):
            return order
    return None
