"""Filters that are set beside a question, together with the question's own: what passes both, and where nothing can.

>>> both(Filters(since=date(2024, 1, 1)), Filters(until=date(2024, 6, 30)), {})[0].to_dict()
{'since': '2024-01-01', 'until': '2024-06-30'}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from rag.persons import name_key, name_keys
from rag.question.filters import GROUPS, ORGANISATION_FIELDS, Read, describe
from rag.question.naming import key
from rag.schema import Filters, is_source

# Fields of which the larger, and of which the smaller, of two values is the stricter.
_LOW = ("since", *(one.name for one in fields(Filters) if one.name.startswith("min_")))
_HIGH = ("until", *(f"max_{name.removeprefix('min_')}" for name in _LOW[1:]))
_RANGES = tuple(zip(_LOW, _HIGH, strict=True))


def both(
    asked: Filters, given: Filters, organisations: Mapping[str, str]
) -> tuple[Filters, tuple[tuple[str, ...], ...]]:
    """The filters that hold where two hold, and the fields in which no paper can pass both.

    The later first day, the earlier last one, the larger least number; organisations and papers that both name (`organisations`
    maps folded names to names as papers have them). Where no paper can pass both, the filters let none pass; filters hold one
    author and one source, so two that differ are told of, too.
    """
    changes: dict[str, Any] = {}
    excluded: list[tuple[str, ...]] = []
    for names, pick in ((_LOW, max), (_HIGH, min)):
        for name in names:
            bounds = [bound for one in (asked, given) if (bound := getattr(one, name)) is not None]
            changes[name] = pick(bounds, default=None)
    for low, high in _RANGES:
        ends = [(getattr(one, low), getattr(one, high)) for one in (asked, given)]
        if not _is_empty(*ends[0]) and not _is_empty(*ends[1]) and _is_empty(changes[low], changes[high]):
            excluded.append((low, high))
    named, apart = _organisations(asked, given, organisations)
    changes |= named
    if apart:
        excluded.append(ORGANISATION_FIELDS)
    if asked.author and given.author and name_key(asked.author) != name_key(given.author):
        longer = max((asked.author, given.author), key=len)
        changes["author"] = longer
        if not all(name_key(one) in name_keys(longer) for one in (asked.author, given.author)):
            excluded.append(("author",))
    else:
        changes["author"] = given.author or asked.author
    if asked.source and given.source and not is_source(given.source, asked.source):
        changes["source"] = asked.source
        if not is_source(asked.source, given.source):
            excluded.append(("source",))
    else:
        changes["source"] = given.source or asked.source
    if asked.paper_ids and given.paper_ids:
        common = tuple(paper_id for paper_id in asked.paper_ids if paper_id in given.paper_ids)
        changes["paper_ids"] = common or given.paper_ids
        if not common:
            excluded.append(("paper_ids",))
    else:
        changes["paper_ids"] = given.paper_ids or asked.paper_ids
    return replace(asked, **changes), tuple(excluded)


def excluding(apart: Sequence[Sequence[str]], own: Read, asked: Filters, given: Filters) -> str:
    """The sentence that no paper can pass: which words of the question, and which filter that is set, exclude each other.

    `own` are the filters that the question itself says, `asked` those with what was asked before.
    """
    names = tuple(name for group in apart for name in group)
    words = [f"“{said}”" for group, said in own.words if set(group) & set(names)]
    if words:
        what = f"{' and '.join(words)} in the question"
    else:
        what = f"what was asked for ({'; '.join(describe(_only(asked, names)))})"
    kept = f"the filter that is set ({'; '.join(describe(_only(given, names)))})"
    if set(names) <= {"author", "source"}:  # a paper may have both, but filters hold one
        return f"Two {names[0]}s cannot be asked for together: {what} and {kept}. Change or remove one of them."
    return f"No paper can pass: {what} and {kept} exclude each other. Change or remove one of them."


def set_too(asked: Filters, given: Filters) -> str:
    """The filters that are set in fields that the question restricts otherwise, for people; "" when there are none."""
    names = [name for group in GROUPS if _restricts(asked, group) and _restricts(given, group) for name in group]
    differ = [name for name in names if getattr(asked, name) != getattr(given, name)]
    groups = [group for group in GROUPS if set(group) & set(differ)]
    return "; ".join(describe(_only(given, [name for group in groups for name in group])))


def _restricts(filters: Filters, group: Sequence[str]) -> bool:
    return any(getattr(filters, name) not in (None, ()) for name in group)


def _only(filters: Filters, names: Sequence[str]) -> Filters:
    kept: dict[str, Any] = {name: getattr(filters, name) for name in names}
    return Filters(**kept)


def _is_empty(low: date | int | None, high: date | int | None) -> bool:
    return low is not None and high is not None and low > high  # type: ignore[operator]


def _organisations(asked: Filters, given: Filters, names: Mapping[str, str]) -> tuple[dict[str, Any], bool]:
    """The fields of the organisations that both sides want, and whether there is none."""
    mine, theirs = _wanted(asked), _wanted(given)
    if not mine or not theirs:
        wanted, one = (asked, mine) if mine else (given, theirs)
        return {"organisation": wanted.organisation if one else None, "organisations": wanted.organisations}, False
    known = {_one_name(name, names) for name in theirs}
    common = tuple(name for name in mine if _one_name(name, names) in known)
    if len(common) == 1:
        return {"organisation": common[0], "organisations": ()}, False
    if common:
        return {"organisation": None, "organisations": common}, False
    first, others = (theirs[0], mine) if len(theirs) == 1 else (mine[0], theirs)
    return {"organisation": first, "organisations": others}, True


def _wanted(filters: Filters) -> tuple[str, ...]:
    """The organisations of which a paper must have one."""
    if filters.organisation is None:
        return filters.organisations
    return (filters.organisation,)


def _one_name(name: str, names: Mapping[str, str]) -> str:
    return names.get(key(name), name).casefold()
