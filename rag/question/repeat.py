"""The question before asked again: of other papers ("and in 2023?", "only those since July"), in another order ("and the
oldest?"), on another topic, or answered in another way ("list them", "how many are that?").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from rag.question.conditions import read_condition
from rag.question.dates import PAPERS
from rag.question.filters import DATE_FIELDS, ORGANISATION_FIELDS, Read, apart_words, describe, overlay, without
from rag.question.followups import STARTER
from rag.question.kind import Kind
from rag.question.kinds import read_kind
from rag.question.names import Named
from rag.question.query import ABOUT_LIBRARY, Query
from rag.question.reader import Reader, cut
from rag.question.several import topic_of
from rag.question.standalone import of_another
from rag.question.talk import Talk
from rag.schema import Filters

_CLAUSE = re.compile(r"\b(?:does|do|did|is|are|was|were|can|how|why|it|its|they|that|which|who)\b", re.IGNORECASE)
_LIST_THEM = re.compile(
    r"^\W*(?:(?:and|now|ok|please|then|so|yes|can you|could you)[\s,]+)*(?:(?:list|show|name|enumerate|display|give|print|see|tell)"
    r"(?: me| us)?\s*(?:all (?:of )?|the full list|the list)?(?:them|those|these|they)?(?: all)?(?: (?:papers|titles|ones))?"
    r"|(?:which|what)(?: ones| papers)?(?: (?:are|were) (?:they|those|these|that))?|(?:the |their )?(?:titles|names|list)"
    r"|(?:all of )?them(?: all)?)(?: please)?\W*$",
    re.IGNORECASE,
)
_BARE_SUPERLATIVE = re.compile(
    r"^\W*(?:(?:and|or|but|what about|which (?:one )?(?:has|had))\s+)*(?:the\s+)?(?:fewest|least|most)\W*$",
    re.IGNORECASE,
)
_NARROWS = re.compile(r"\b(?:only|just|those|them|these|of which|narrow\w*|limit\w*|restrict\w*)\b", re.IGNORECASE)
_OTHER_SIDE = re.compile(
    r"^\W*(?:(?:and|or|but|what about|how about)\s+)*(?P<way>before|earlier|after(?:wards)?|later|since)(?: (?:that|then|this))?\W*$",
    re.IGNORECASE,
)


def within(reader: Reader, text: str, kind: Kind, names: Sequence[Named], own: Read, talk: Talk) -> Read:
    """The filters of a text in the light of earlier ones: "only those since July" after "papers from 2024" is from July to
    December 2024, "and before?" after "since 2024" until 2023.
    """
    earlier = talk.filters
    if not own.filters and (side := _OTHER_SIDE.match(text)) is not None:
        back = side["way"].lower() in ("before", "earlier")
        if back and earlier.since:
            return replace(own, filters=Filters(until=earlier.since - timedelta(days=1)), spans=(side.span("way"),))
        if not back and earlier.until:
            return replace(own, filters=Filters(since=earlier.until + timedelta(days=1)), spans=(side.span("way"),))
        return own
    leans = _NARROWS.search(text) is not None or not re.search(rf"\b{PAPERS}\b", text, re.IGNORECASE)
    if not leans or not (own.filters.since or own.filters.until) or not (earlier.since or earlier.until):
        return own
    if own.yearless and earlier.until:
        own = reader.filters(text, kind, names, within=earlier)
    if own.yearless or _NARROWS.search(text):
        since = max((day for day in (own.filters.since, earlier.since) if day), default=None)
        until = min((day for day in (own.filters.until, earlier.until) if day), default=None)
        if not (since and until and since > until):
            return replace(own, filters=replace(own.filters, since=since, until=until))
    return own


def same_again(reader: Reader, text: str, kind: Kind, own: Read, names: Sequence[Named], talk: Talk) -> Query | None:
    """ "and in 2023?", "only from NVIDIA", "and the oldest?", "list them": the question before with other filters, another order,
    or answered in another way.
    """
    if (shown := _shown(reader, text, own, talk)) is not None:
        return shown
    text, kind = _filled(text, kind, talk)
    starter = STARTER.match(text)
    opened = bool(starter and re.search(r"[a-z]", starter[0], re.IGNORECASE))
    residual = cut(text, [*own.spans, *kind.spans])
    topic = topic_of(STARTER.sub("", residual))
    these = re.search(
        r"\b(?:of|among|between) (?:them|these|those)\b|\bthey\b|\bof the (?:papers|ones)\b", text, re.IGNORECASE
    )
    leans = opened or bool(these) or bool(re.search(r"\b(?:only|just|instead|ones?|same)\b", text, re.IGNORECASE))
    filters = overlay(without(talk.filters, own.cleared), own.filters)
    filters = _without_unwanted(filters, own.left_out)
    if names or len(text.split()) > 14:
        return None
    if kind.intent in ("one", "several") and not topic and (own.filters or own.cleared or own.left_out or own.dropped):
        if not leans and re.search(rf"\b{PAPERS}\b", text, re.IGNORECASE):
            return None
        if talk.intent in ("one", "field") and talk.base is not None:
            talk = talk.base
        paper_ids = talk.group() if these and len(talk.group()) > 1 else ()
        query = _repeat(
            reader,
            talk,
            filters=replace(filters, paper_ids=paper_ids or filters.paper_ids),
            notes=own.notes,
            left_out=own.left_out,
        )
        return replace(query, intent="list") if paper_ids else query
    if kind.intent in ABOUT_LIBRARY and not topic and (leans or not re.search(rf"\b{PAPERS}\b", text)):
        base = talk.base if talk.intent in ("one", "field") and talk.base is not None else talk
        named = talk.group() if len(talk.group()) > 1 else ()
        # What was counted or listed is all of it, also what the table had no room for.
        whole_list = base.intent in ("count", "list", "timeline") and not talk.recent
        among = named if (these and not whole_list) or base.intent in ("several", "compare") else ()
        searched = topic_of(base.text) if base.intent == "several" and kind.intent == "count" and not these else ""
        among = () if searched else among
        if not (among or searched or base.intent in ABOUT_LIBRARY or base.filters):
            return None
        query = reader.alone(text, kind, own, names)
        filters = overlay(Filters(paper_ids=among), own.filters) if among else overlay(base.filters, own.filters)
        if not among:
            query = replace(
                query,
                lacks=query.lacks or (None if query.has else base.lacks),
                has=query.has or (None if query.lacks else base.has),
                left_out=own.left_out or base.left_out,
                condition=query.condition or base.condition,
                without_topic=query.without_topic or base.without_topic,
            )
        rest = STARTER.sub("", text).strip(" ?.!") or text
        on = searched or (base.topic if not among else "")
        what = "; ".join([f"on {on}"] * bool(on) + _in_words(filters, query))
        whole = f"{rest} ({what})?" if what else f"{rest}?"
        return replace(query, topic=on, filters=filters, text=base.text, rewritten=whole)
    if (
        (opened or re.match(r"^\W*(?:on|about)\s", text, re.IGNORECASE))
        and topic
        and kind.intent in ("one", "several")
        and (talk.intent in ABOUT_LIBRARY or _searched_list(text, talk))
        and len(topic.split()) <= 6
        and not _CLAUSE.search(residual)
    ):
        if talk.intent == "several":
            again = of_another(STARTER.sub("", residual).strip(" ?.!"), talk.text)
            return _search_again(talk, topic, filters, own.notes, words=again.rstrip("?") if again else None)
        return replace(_repeat(reader, talk, filters=filters, notes=own.notes, topic=topic), text=topic)
    return None


def _searched_list(text: str, talk: Talk) -> bool:
    """Whether a text is "and on X?", or "what about X?", after "list papers on Y", which a search answered."""
    if talk.intent != "several" or not re.search(rf"\b{PAPERS}\b", talk.question):
        return False
    rest = STARTER.sub("", text)
    if re.match(r"^\W*(?:on|about)\s", rest, re.IGNORECASE):
        return True
    bare = not re.match(
        r"^\W*(?:for|at|in|with|without|under|using|to|its|their|the|of|from|by)\b", rest, re.IGNORECASE
    )
    return (
        bare and re.search(rf"^\W*(?:\w+ ){{0,3}}{PAPERS} (?:on|about) [\w -]+$", talk.text.strip(" ?.!")) is not None
    )


def _search_again(talk: Talk, topic: str, filters: Filters, notes: Sequence[str], *, words: str | None = None) -> Query:
    """The list that a search answered, on another topic; in `words`, where they are known."""
    before = topic_of(talk.text)
    if words is None:
        words = talk.text.strip(" ?.!")
        words = words.replace(before, topic) if before and before in words else f"papers on {topic}"
    what = "; ".join(describe(filters))
    whole = f"{words} ({what})" if what else words
    return Query(
        question=talk.question, text=words, rewritten=whole, intent="several", filters=filters, notes=tuple(notes)
    )


def _repeat(
    reader: Reader,
    talk: Talk,
    *,
    filters: Filters,
    notes: Sequence[str],
    topic: str | None = None,
    left_out: Filters | None = None,
) -> Query:
    """The question before, with other filters or another topic."""
    words = cut(talk.question, reader.filters(talk.question, read_kind(talk.question), (), heed=False).spans)
    words = re.sub(r"\s*\([^()]*\)$", "", words.strip(" ?.!,;—")).strip(" ?.!,;—")
    if talk.condition:
        words = cut(words, [found[1]]) if (found := read_condition(words)) else words
    if topic and talk.topic and talk.topic in words:
        words = words.replace(talk.topic, topic)
    elif topic:
        words = f"{words} on {topic}"
    if (
        talk.intent in ("list", "count")
        and not (topic or talk.topic)
        and not (talk.per or talk.field or talk.lacks or talk.has)
    ):
        words = "list the papers" if talk.intent == "list" else "how many papers are there"
    if left_out is None or not left_out:  # the gap of "2021 or 2024" goes with its dates
        kept = filters == talk.filters or not (talk.left_out.since or talk.left_out.until)
        left_out = talk.left_out if kept else Filters()
    what = "; ".join(_in_words(filters, replace(talk, left_out=left_out)))
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
        lacks=talk.lacks,
        has=talk.has,
        condition=talk.condition,
        without_topic=talk.without_topic,
        left_out=left_out,
        paper_id=talk.focus if talk.intent in ("one", "field") else None,
    )


def _shown(reader: Reader, text: str, own: Read, talk: Talk) -> Query | None:
    """ "list them" after a count: the papers counted."""
    if own.filters or not _LIST_THEM.match(text):
        return None
    talk = talk.base if talk.intent in ("one", "field") and talk.base is not None else talk
    if talk.intent not in ABOUT_LIBRARY or talk.per in ("organisation", "author") or talk.intent == "extreme":
        return None
    on = f" on {talk.topic}" if talk.topic else ""
    what = "; ".join(_in_words(talk.filters, talk))
    return Query(
        question=text,
        text=talk.text,
        rewritten=f"list the papers{on} ({what})" if what else f"list the papers{on}",
        intent="list",
        filters=talk.filters,
        topic=talk.topic,
        lacks=talk.lacks,
        has=talk.has,
        condition=talk.condition,
        without_topic=talk.without_topic,
        left_out=talk.left_out,
    )


def _filled(text: str, kind: Kind, talk: Talk) -> tuple[str, Kind]:
    """ "and the fewest?" after "which paper has the most authors?": the fewest authors."""
    before = talk.base.order if talk.base is not None else talk.order
    match = _BARE_SUPERLATIVE.match(text)
    if match is None or before is None or before in ("newest", "oldest"):
        return text, kind
    whole = f"{text.strip(' ?.!')} {before.split('_')[1]}"
    return whole, read_kind(whole)


def _without_unwanted(filters: Filters, left_out: Filters) -> Filters:
    """Filters without those that ask for nothing but what is now left out ("2023", then "not from 2023")."""
    dates = (left_out.since, filters.since, filters.until, left_out.until)
    known = [day for day in dates if day is not None]
    if len(known) == len(dates) and known == sorted(known):
        filters = without(filters, DATE_FIELDS)
    wanted = {*filters.organisations, filters.organisation} - {None}
    if wanted and wanted <= {*left_out.organisations, left_out.organisation}:
        filters = without(filters, ORGANISATION_FIELDS)
    return filters


def _in_words(filters: Filters, asked: Query | Talk) -> list[str]:
    """What papers are asked for, for people."""
    conditions = [asked.condition.words] if asked.condition else []
    return (
        apart_words(filters, asked.left_out)
        + conditions
        + [f"not on “{asked.without_topic}”"] * bool(asked.without_topic)
    )
