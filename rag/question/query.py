"""A question understood: the record that `rag.questions` makes, and that searching and the catalogue read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from rag.question.conditions import Condition
from rag.question.kind import FieldAsked, Intent, Order, Per, Recorded, Said
from rag.schema import Filters

# Kinds of questions about the library itself; with "field", they are the catalogue's.
ABOUT_LIBRARY = ("count", "list", "extreme", "timeline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question understood.

    `text` is what to search for: it stands alone and has no words of filters. `rewritten` is the whole question when it was
    a follow-up, to be shown. `topic` (for count, list, extreme, timeline) is what the papers counted are on, "" for all.
    `sides` are what a comparison compares. `paper_id` is the one paper that the question names or follows up on.
    `subject` is what "when was X published" calls X; `asks_names` when authors' names are asked, not their number; `years`
    are two years set against each other. A count with a `field` asks for its mean, or with `total` for its sum;
    `lacks` and `has` restrict it, or a list, to papers without or with a field, `left_out` to those that do not pass it.
    `also` is the second order of "newest and oldest". `said` is set where nothing is asked of the papers ("thanks"): the
    catalogue then says what can be asked, and nothing is searched.

    `condition` and `without_topic` cut by what no filter says; `share` asks which part of all papers that is. `cannot` are words
    that ask for what the records do not have (or, `impossible`, for a day that no calendar has). A field may be asked of several
    papers to tell the first by `order` ("which is newer"), with `whether` if it is the first named ("is A newer than B?");
    `claim` is what the question says of it ("was A published in 2022?"). `bounds` are those of "which years have fewer than 5".
    `nobody` is a person whose papers are asked for and whom no paper names. `fields` are the fields asked of one paper, `rest` what else the same question asks of its abstract, each a question that stands
    alone. `also_called`, `shown` and `aside` are the catalogue's:
    other names of the topic, what the papers have in common, and what else is to be said. `excluded` says why no paper can pass
    the filters, where those of the question and those that were set beside it exclude each other.
    `bare` is the question without the name of the paper that was chosen beside it, where `text` was given that name.
    """

    question: str
    text: str
    rewritten: str | None = None
    intent: Intent = "one"
    sides: tuple[str, ...] = ()
    filters: Filters = dataclasses.field(default_factory=Filters)
    notes: tuple[str, ...] = ()
    topic: str = ""
    order: Order | None = None
    also: Order | None = None
    limit: int | None = None
    field: FieldAsked | None = None
    paper_id: str | None = None
    per: Per | None = None
    subject: str = ""
    asks_names: bool = False
    total: bool = False
    lacks: Recorded | None = None
    has: Recorded | None = None
    left_out: Filters = dataclasses.field(default_factory=Filters)
    years: tuple[int, ...] = ()
    said: Said | None = None
    condition: Condition | None = None
    without_topic: str = ""
    share: bool = False
    cannot: str = ""
    impossible: bool = False
    claim: Filters = dataclasses.field(default_factory=Filters)
    whether: bool = False
    bounds: tuple[int | None, int | None] = (None, None)
    nobody: str = ""
    fields: tuple[FieldAsked, ...] = ()
    rest: tuple[str, ...] = ()
    also_called: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    aside: str = ""
    excluded: str = ""
    bare: str = ""
