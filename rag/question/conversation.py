"""A question in its conversation: follow-ups resolved, the same question asked again of other papers, filters kept or dropped.

`listen` reads an exchange into a `Talk`, `read` a question after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.question.answers import Spoken, papers_of
from rag.question.compare import compared
from rag.question.filled import another_topic, filled_in, refused, why_not
from rag.question.filters import Read, describe, overlay, without
from rag.question.followups import STARTER, fresh, reference
from rag.question.kind import Intent, Kind, Order
from rag.question.kinds import read_kind
from rag.question.names import Named, content_stems
from rag.question.query import ABOUT_LIBRARY, Query
from rag.question.reader import Reader, cut, tidy
from rag.question.repeat import same_again, within
from rag.question.said import names_language, read_said, speaks_of_languages
from rag.question.several import topic_of
from rag.question.standalone import of_another, of_the_record, of_the_same, stand_alone, which_of
from rag.question.talk import Reference, Talk
from rag.schema import Filters

_STANDING = re.compile(
    r"\b(?:only|just|limit|restrict|stick to|from now on|always|exclusively|nothing but|narrow)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"\b(?:does|do|did|is|are|was|were|can|how|why|it|its|they|that|which|who)\b", re.IGNORECASE)
# Of a paper that is spoken of; else of the assistant.
_HOW_IT_WORKS = re.compile(r"^\W*(?:(?:and|so|but|ok)\W+)*how (?:does|did) (?:it|this) work\W*$", re.IGNORECASE)
_MOST_RECENT = 4
_FIELD_QUESTIONS = {
    "published": "when was {} published?",
    "organisation": "which organisation is {} from?",
    "n_authors": "how many authors does {} have?",
    "n_comments": "how many comments does {} have?",
    "who": "who wrote {}?",
    "n_upvotes": "how many upvotes does {} have?",
    "code_url": "where is the code of {}?",
    "url": "what is the link to {}?",
    "arxiv_id": "what is the arXiv id of {}?",
    "doi": "what is the DOI of {}?",
    "bibtex": "what is the BibTeX entry of {}?",
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


def listen(reader: Reader, talk: Talk | None, question: str, answer: str) -> Talk | None:
    """The conversation after one more exchange; `answer` is "" when there was none."""
    query = read(reader, question, talk)
    why = refused(answer)
    if query.said is not None:
        return talk
    if query.cannot:  # what was not understood is no topic to go on with
        if talk is None:
            talk = Talk(question="how many papers are there?", text="", intent="count", topic="", filters=Filters())
            talk = replace(talk, base=talk)
        return replace(talk, refused=why)
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
        recent=_recent(query, focus, papers, talk),
        lacks=query.lacks,
        has=query.has,
        left_out=query.left_out,
        condition=query.condition,
        without_topic=query.without_topic,
        base=talk.base if talk is not None else None,
        refused=why,
    )
    return replace(heard, base=heard) if query.intent not in ("one", "field") else heard


def _recent(query: Query, focus: str | None, papers: Sequence[str], talk: Talk | None) -> tuple[str, ...]:
    """The papers that were spoken of one by one, this one last."""
    if len(papers) > 1 and query.intent not in ("one", "field"):
        return ()
    before = talk.recent if talk is not None else ()
    if focus is None or query.intent not in ("one", "field"):
        return before
    return (*(paper_id for paper_id in before if paper_id != focus), focus)[-_MOST_RECENT:]


def read(reader: Reader, question: str, talk: Talk | None) -> Query:
    """One question, with what was said before."""
    text = tidy(question)
    if (why := why_not(question, text, talk)) is not None:
        return why
    about_it = talk is not None and talk.focus is not None and _HOW_IT_WORKS.match(text)
    if (said := read_said(text)) is not None and not about_it and not _of_a_language(reader, text, talk):
        return Query(question=question, text=question, intent="list", said=said)
    text, slips = reader.mended(text)
    query = _read(reader, text, talk)
    return replace(query, question=question, notes=(*slips, *query.notes))


def _of_a_language(reader: Reader, text: str, talk: Talk | None) -> bool:
    """Whether "and in German?" goes on about papers that speak of languages, and does not wish for an answer in one."""
    if talk is None or talk.focus is None or not names_language(text):
        return False
    papers = reader.library.get_many([talk.focus, *talk.papers]).values()
    return any(speaks_of_languages(f"{paper.title}\n{paper.abstract}") for paper in papers)


def _read(reader: Reader, text: str, talk: Talk | None) -> Query:
    anew = fresh(text)
    text = anew or text
    if talk is not None and anew is None:
        if talk.focus is not None:
            spoken = reader.library.get_many([talk.focus]).get(talk.focus)
            same = of_the_same(of_the_record(text), spoken.organisation if spoken else None)
            if same.startswith("list papers from "):
                return replace(_asked(reader, same, None, leans=False), rewritten=same)
            text = of_the_record(text)
        filled = filled_in(reader, text, talk)
        if filled != text:
            query = _asked(reader, filled, talk, leans=True)
            return query if query.rewritten else replace(query, rewritten=filled)
    return _asked(reader, text, talk, leans=anew is None)


def _asked(reader: Reader, text: str, talk: Talk | None, *, leans: bool) -> Query:
    """One question, which may lean on what was said before, or begins anew."""
    kind = read_kind(text)
    names = reader.names(text)
    if (asked := reader.records(text, names)) is not None:
        return asked
    own = reader.filters(text, kind, names)
    if (parts := reader.parts(text, names, own)) is not None:
        return parts
    if talk is not None and leans:
        own = within(reader, text, kind, names, own, talk)
        if (again := same_again(reader, text, kind, own, names, talk)) is not None:
            return again
        how = reference(text, names, kind.intent, talk, reader.library)
        if how is None and kind.intent == "field" and kind.subject == "it" and talk.focus is not None:
            how = Reference(how="subjectless")  # "is there code?"
        if how is not None:
            return _follow_up(reader, text, kind, own, names, how, talk)
    query = reader.alone(text, kind, own, names)
    if talk is not None and talk.filters:
        query = _keep_filters(reader, query, own, talk)
    return query


def _follow_up(
    reader: Reader, text: str, kind: Kind, own: Read, names: Sequence[Named], how: Reference, talk: Talk
) -> Query:
    filters = overlay(without(talk.filters, own.cleared), own.filters)
    filters = filters if filters.paper_ids == () else replace(filters, paper_ids=())
    clean = cut(text, own.spans) if own.spans else text
    if how.how == "ellipsis" and not any(name.in_title for name in names) and talk.intent != "compare":
        rest = STARTER.sub("", clean).strip(" ?.!")
        if general := re.search(
            r"\s+(?:in general|generally|more generally)$", rest, re.IGNORECASE
        ):  # not of that paper
            return replace(reader.alone(rest[: general.start()], kind, own, names), intent="several")
        if talk.intent == "several" and (again := of_another(rest, talk.question)) is not None:
            query = reader.alone(again, read_kind(again), own, reader.names(again))
            return replace(query, question=text, rewritten=again, filters=overlay(filters, query.filters))
        if not re.match(r"(?:on|for|at|in|with|without|under|using|to|its|their|the)\s", rest) and another_topic(
            reader, rest, talk
        ):
            alone = reader.alone(rest, kind, own, names)
            return replace(alone, intent="several") if alone.intent == "one" and alone.paper_id is None else alone
    if how.how == "narrower":
        whole = f"{talk.question.strip(' ?.!')} — {STARTER.sub('', clean) or clean}"
        search = f"{topic_of(talk.text)} {STARTER.sub('', clean)}"
        return Query(question=text, text=search, rewritten=whole, intent="several", filters=filters, notes=own.notes)
    group = talk.group()
    if how.how == "these" and len(group) > 1 and (order := _comparative(text)) is not None:
        what = ", ".join(talk.name_of(paper_id, reader.shelf) for paper_id in group)
        among = overlay(Filters(paper_ids=group), own.filters)
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
    of_all = how.how == "ellipsis" and talk.intent == "compare" and not any(name.in_title for name in names)
    if of_all and len(talk.papers) > 1:  # "what about 4-bit?" after a comparison: of all its sides
        clean, how = STARTER.sub("", clean), Reference(how="these")
        group = talk.papers
    if how.how == "these" and len(group) > 1:
        labels = [talk.name_of(paper_id, reader.shelf) for paper_id in group[:6]]
        whole = f"{clean.strip(' ?.!')} ({', '.join(labels)})?"
        if (chosen := which_of(clean, labels)) is not None:
            whole = chosen
        elif how.end > how.start and len(labels) <= 3 and not own.spans:  # "compare them"
            whole = f"{text[: how.start]}{', '.join(labels[:-1])} and {labels[-1]}{text[how.end :]}"
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
    if talk.intent == "field" and kind.intent == "one" and (asked := read_kind(whole)).intent == "field":
        kind = asked  # "when was the first one published?" … "and the second?"
    notes = list(own.notes)
    if how.absent:
        n = len(talk.several())
        notes.append(f"only {'one paper was' if n == 1 else f'{n} papers were'} named before")
    if own_name is not None:  # "and GPipe?": the question before, of another paper
        named_now = reader.names(whole)
        if (records := reader.records(whole, named_now)) is not None:
            return replace(records, question=text, rewritten=whole)
        query = reader.alone(whole, read_kind(whole), own, named_now)
        return replace(query, rewritten=whole, filters=filters)
    notes.append(f"about “{reader.shelf.title(paper_id)}”, named before")
    if (records := reader.records(whole, reader.names(whole))) is not None:
        return replace(records, question=text, rewritten=whole, notes=tuple(notes))
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
