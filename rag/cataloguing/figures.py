"""Figures over the whole library: papers that have or lack a field, means and sums, papers by organisation."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace

from rag.cataloguing import text as words
from rag.cataloguing.answer import CatalogueAnswer, Groups, named, with_table
from rag.keywords import Asked, Field
from rag.library import Library
from rag.question.filters import fields_of
from rag.question.query import Query

_MOST_ROWS = 50
_MOST_SHOWN = 10  # authors, where those with the most papers are asked for
_MOST_TIED = 6


def known_count(query: Query, library: Library, groups: Groups, field: Asked) -> CatalogueAnswer:
    """How many papers have a field, or lack it."""
    index = library.keywords
    n_all = index.n_matching(query.filters, groups)
    n_known = index.n_matching(query.filters, groups, [field])
    n = n_all - n_known if query.lacks else n_known
    cut = words.cut_words(replace(query, lacks=None, has=None), " ")
    if field == "code_url":
        return CatalogueAnswer(
            text=words.join([_with_code(query, library, groups, n, n_all), words.rule(groups, query)]), n_matching=n
        )
    has = {
        "n_upvotes": "number of upvotes",
        "authors": "names of authors",
        "url": "link",
        "arxiv_id": "arXiv id",
        "doi": "DOI",
        "published": "date",
        "organisation": "organisation",
        "n_authors": "number of authors",
        "n_comments": "number of comments",
    }[field]
    verb = "has" if n == 1 else "have"
    first = (
        f"**{n}** of {words.n_papers(n_all)}{' ' + cut if cut else ''} {verb} {'no' if query.lacks else 'a known'}"
        f" {has}."
    )
    return CatalogueAnswer(text=words.join([first, words.rule(groups, query)]), n_matching=n)


def _with_code(query: Query, library: Library, groups: Groups, n: int, n_all: int) -> str:
    """How many papers have code, or have none, and where that is known from."""
    cut = words.cut_words(replace(query, lacks=None, has=None), " ")
    what = "no code" if query.lacks else "code"
    first = f"**{n}** of {words.n_papers(n_all)}{' ' + cut if cut else ''} {'has' if n == 1 else 'have'} {what}"
    if query.lacks:
        return f"{first}: no link in the record, and no sentence in the abstract that says that it is released."
    return f"{first}. {from_where(query, library, groups, n)}"


def from_where(query: Query, library: Library, groups: Groups, n: int) -> str:
    """Of the papers that have code, how many have a link and of how many only the abstract says so."""
    n_said = library.keywords.n_matching(query.filters, groups, ["code_said"], out=query.left_out)
    linked = f"{n - n_said} {'has' if n - n_said == 1 else 'have'} a link to it in the record" if n > n_said else ""
    said = f"of {n_said} {'only ' if linked else ''}the abstract says so" if n_said else ""
    parts = "; ".join(part for part in (linked, said) if part)
    return f"{parts[:1].upper()}{parts[1:]}." if parts else ""


def statistics_of(query: Query, library: Library, groups: Groups, field: Field) -> CatalogueAnswer:
    counts = library.keywords.grouped(query.filters, field, groups=groups)
    values = [value for value, n in counts.items() for _ in range(n)]
    n_lacking = library.keywords.n_undecided(query.filters, groups, [field])
    fields = list(dict.fromkeys([*fields_of(query.filters), field]))
    cut = words.cut_words(query, " ")
    notes = [words.lacking(n_lacking, fields, on_topic=bool(groups)), words.rule(groups, query)]
    if not values:
        text = words.join([f"No paper{' ' + cut if cut else ''} has {named(field)}.", *notes])
        return CatalogueAnswer(text=text, n_lacking_field=n_lacking, abstained=True, reason="not_stated")
    noun = field.removeprefix("n_")
    mean = f"**{statistics.fmean(values):.1f}** {noun} a paper on average"
    middle = f"median {statistics.median(values):g}, from {values[0]} to {values[-1]}"
    among = (
        f"over the {words.n_papers(len(values))}{' ' + cut if cut else ''} that"
        f" {'has' if len(values) == 1 else 'have'} {named(field)}"
    )
    first = (
        f"**{sum(values)}** {noun} in total, {among}; {mean}."
        if query.total
        else f"{mean} ({middle}; {sum(values)} in total), {among}."
    )
    rows = [(str(value), str(n)) for value, n in counts.items()]
    columns = (noun.capitalize(), "Papers")
    return CatalogueAnswer(
        text=with_table(words.join([first, *notes]), columns, rows),
        columns=columns,
        rows=tuple(rows),
        n_matching=len(values),
        n_lacking_field=n_lacking,
    )


def authors_of(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    """How many papers each author has; those with the most first."""
    index = library.keywords
    ranked = list(index.writers(query.filters, groups).items())
    n = index.n_matching(query.filters, groups, ["authors"])
    n_lacking = index.n_undecided(query.filters, groups, ["authors"])
    cut = words.cut_words(query, " ")
    first = (
        f"**{len(ranked)}** author{'' if len(ranked) == 1 else 's'} on {words.n_papers(n)}{' ' + cut if cut else ''}."
    )
    rows = [(name, str(count)) for name, count in ranked[:_MOST_ROWS]]
    if query.order and ranked:
        most = ranked[0][1]
        first_ones = [name for name, count in ranked if count == most]
        named_ones = " and ".join([", ".join(first_ones[:-1]), first_ones[-1]] if len(first_ones) > 1 else first_ones)
        some = (
            named_ones
            if len(first_ones) <= _MOST_TIED
            else f"{', '.join(first_ones[:_MOST_TIED])} and {len(first_ones) - _MOST_TIED} more"
        )
        have = f"{'has' if len(first_ones) == 1 else 'have'} the most papers{' ' + cut if cut else ''}: **{most}**"
        first = f"{some} {have}{' each' if len(first_ones) > 1 else ''}. {first}"
        at_least = rows[min(query.limit or _MOST_SHOWN, len(rows)) - 1][1]
        rows = [row for i, row in enumerate(rows) if i < (query.limit or _MOST_SHOWN) or row[1] == at_least != "1"]
    left_out = f"{words.n_papers(n_lacking)} {'names' if n_lacking == 1 else 'name'} no authors." if n_lacking else ""
    columns = ("Author", "Papers")
    return CatalogueAnswer(
        text=with_table(words.join([first, left_out, words.rule(groups, query)]), columns, rows),
        columns=columns,
        rows=tuple(rows),
        n_matching=n,
        n_lacking_field=n_lacking,
    )


def organisations_of(query: Query, library: Library, groups: Groups) -> CatalogueAnswer:
    index = library.keywords
    names: Counter[str] = Counter()
    for (name, _), n_papers in index.organisations(query.filters, groups).items():
        names[name] += n_papers
    ranked = sorted(names.items(), key=lambda item: (-item[1], item[0].casefold()))
    n = sum(names.values())
    n_lacking = index.n_matching(query.filters, groups) - index.n_matching(query.filters, groups, ["organisation"])
    cut = words.cut_words(query, " ")
    first = (
        f"**{len(ranked)}** organisation{'' if len(ranked) == 1 else 's'} with"
        f" {words.n_papers(n)}{' ' + cut if cut else ''}."
    )
    if query.order and ranked:
        most = ranked[0][1]
        first_ones = [name for name, count in ranked if count == most]
        some = ", ".join(first_ones[:4]) + (f" and {len(first_ones) - 4} more" if len(first_ones) > 4 else "")
        have = f"{'has' if len(first_ones) == 1 else 'have'} the most papers{' ' + cut if cut else ''}: **{most}**"
        first = (
            f"Each of the **{len(ranked)}** organisations{' ' + cut if cut else ''} has {words.n_papers(most)}."
            if len(first_ones) == len(ranked) > 1
            else f"{some} {have}{' each' if len(first_ones) > 1 else ''}. " + first
        )
    left_out = f"{n_lacking} of {words.n_papers(index.n_papers)} name no organisation." if n_lacking else ""
    rows = [(name, str(count)) for name, count in ranked[:_MOST_ROWS]]
    text = words.join([first, left_out, words.rule(groups, query)])
    columns = ("Organisation", "Papers")
    return CatalogueAnswer(
        text=with_table(text, columns, rows),
        columns=columns,
        rows=tuple(rows),
        n_matching=n,
        n_lacking_field=n_lacking,
    )
