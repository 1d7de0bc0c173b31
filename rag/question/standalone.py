"""A follow-up written out: the pronoun replaced by the paper's name, the ellipsis filled from the question before.

>>> written_out("and for BERT?", "how much compute does LEMON save for vision transformers?", "LEMON")
'how much compute does LEMON save for BERT'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.question.followups import PRONOUN, STARTER, THE_PAPER
from rag.question.naming import looks_named
from rag.question.several import topic_of
from rag.question.talk import Reference, Talk

_CHOOSES = re.compile(
    r"^\W*(?:(?:and|so|but|ok)\W+)*which(?: (?:one|paper|method|approach|model))?(?: of (?:the|these|those) (?:two|three|papers|methods|models"
    r"|ones)| of (?:the )?(?:two|them|these|those))?\s+(?P<verb>\w+)\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_BASES = {"has": "have", "have": "have", "need": "need", "use": "use", "get": "get", "goes": "go", "do": "do"}
_OF_ONE = {"are": "is", "were": "was"}
_PAIR = 2
_COMPARES = re.compile(
    r"\b(?:compare[sd]?|comparing|comparison|contrast|differ(?:s|ences?|ent)?|how|what|which|is|are|does|do|did|the|between|versus|vs"
    r"|in what way|distinguishes|share|have in common|or|and|with|against|from|one|both)\b(?=\W|$)",
    re.IGNORECASE,
)
_LEADS = r"(?:on|for|at|in|with|without|under|using|to|from|over|against|by|of)\b"

# Of the paper just answered about: its date, its authors.
_WHEN_THAT = re.compile(
    r"^\W*(?:(?:and|so|but|ok)\W+)*when (?:was|is|were) (?:that|this|it|the (?:paper|study|work))(?: (?:paper|study|work|done|from|out))?\W*$"
    r"|^\W*(?:(?:and|so|but|ok)\W+)*(?:from when|what year|which year|how old) (?:was|is) (?:that|this|it)(?: from)?\W*$",
    re.IGNORECASE,
)
_WHO_THAT = re.compile(
    r"^\W*(?:(?:and|so|but|ok)\W+)*(?:who (?:did|does|made|found|showed|proposed|published|reported|is behind|was behind|are) (?:all )?"
    r"(?:that|this|it|they)|(?:whose (?:work|paper|study)|who) (?:is|was) (?:that|this|it)(?: (?:by|from))?"
    r"|by who(?:m)?(?: (?:is|was) (?:that|this|it))?)(?: (?:paper|study|work))?\W*$",
    re.IGNORECASE,
)
_SAME_GROUP = re.compile(
    r"^\W*(?:(?:and|so|but|ok|is there|are there|any|what|anything)\W+)*(?:more|other papers|papers|others|else|other work|work|anything else)?\s*"
    r"(?:papers |work )?(?:from|by|of) (?:the same|that|this|their|its) (?:group|lab|organi[sz]ation|company|institution|institute|university)\W*$",
    re.IGNORECASE,
)
_LONGEST = 5
_LISTS = re.compile(
    r"^(?P<before>\W*(?:(?:which|what|any|are there(?: any)?|list|find|show(?: me)?|give me|name)\s+)?(?:all\s+|the\s+)*"
    r"(?:[\w+-]+\s+){0,3}?"
    r"(?:papers|articles|studies|works|preprints|publications|methods|approaches|techniques|models|systems|frameworks|algorithms"
    r"|agents|benchmarks)"
    r"(?:\s+(?:that|which))?(?:\s+(?:are|do|did|can|have|were)(?:\s+not|n't)?)?\s+)(?P<tail>[^,;:—]+)$",
    re.IGNORECASE,
)
_PREPOSITION = r"(?:on|about|for|with|in|from|to|against|by|without|of|at|under|than|over)"
_OBJECT = re.compile(
    rf"(?P<lead>.{{0,300}}\b(?P<by>{_PREPOSITION})\s+(?:the\s+)?|[\w-]+\s+(?:the\s+)?)(?P<object>\S+(?:\s+\S+){{0,3}})$",
    re.IGNORECASE,
)


def stand_alone(
    text: str, how: Reference, name: str, talk: Talk, *, named: str | None = None, old: str | None = None
) -> str:
    """The question written out, with the paper's name in it; `named` is a paper that the question itself names,
    `old` the name of the paper spoken of before.
    """
    starter = STARTER.match(text)
    rest = text[starter.end() :] if starter and starter.end() else text
    if how.how == "ellipsis":
        whole = _fill(rest.strip(" ?.!"), talk.question, name, named)
        return whole if named or _mentions(whole, name) else f"{name}: {whole}"
    if how.how in ("pronoun", "ordinal"):
        cut = len(text) - len(rest)
        if (
            rest[: how.start - cut].strip(" ,") == "" and rest[how.end - cut :].strip(" ?.!") == ""
        ):  # "and the other one?"
            return _of_one(talk, name) or _fill(name, talk.question, old or name, name)
        written = _put(rest, how.start - cut, how.end - cut, name) if how.start >= cut else rest
        return written if _mentions(written, name) else f"{name}: {rest}"
    return rest if _mentions(rest, name) else f"{name}: {rest}"


def of_the_record(text: str) -> str:
    """ "when was that?" and "who did that?", of a paper, in the words that ask for its date and authors."""
    if _WHEN_THAT.match(text):
        return "when was it published?"
    return "who wrote it?" if _WHO_THAT.match(text) else text


def of_the_same(text: str, organisation: str | None) -> str:
    """ "more from the same group?" with the organisation of the paper spoken of; as it is where that is not known.

    >>> of_the_same("more from the same group?", "Tiny Lab"), of_the_same("how fast is it?", "Tiny Lab")
    ('list papers from Tiny Lab', 'how fast is it?')
    """
    return f"list papers from {organisation}" if organisation and _SAME_GROUP.match(text) else text


def of_another(rest: str, before: str) -> str | None:
    """A question for papers or methods with another object: "and ScanNet?" after "which papers use ImageNet?"; None where it
    has no such object.

    >>> of_another("ScanNet", "which papers use ImageNet?"), of_another("on COCO", "methods evaluated on ImageNet")
    ('which papers use ScanNet?', 'methods evaluated on COCO?')
    """
    asks = _LISTS.match(re.sub(r"\s*\([^()]*\)$", "", before.strip(" ?.!")))
    said = _OBJECT.match(asks["tail"]) if asks else None
    if asks is None or said is None or not rest or len(rest.split()) > _LONGEST or re.search(r"[,;:]", rest):
        return None
    lead = re.match(rf"({_PREPOSITION})\s+(?:the\s+)?(?=\w)", rest, re.IGNORECASE)
    if re.match(r"(?:the|its|their|that|this|it|them|when|how|why)\b", rest, re.IGNORECASE):
        return None
    if lead is not None:
        if said["by"] is None or lead[1].lower() != said["by"].lower():
            return None
        rest = rest[lead.end() :]
    return f"{asks['before']}{said['lead']}{rest}?"


def written_out(text: str, before: str, name: str) -> str:
    """An ellipsis filled from the question before it."""
    return _fill(STARTER.sub("", text).strip(" ?.!"), before, name, None)


def which_of(text: str, labels: Sequence[str]) -> str | None:
    """ "which of the two is faster?" with the papers' names in it; None when it does not choose one.

    >>> which_of("which of the two is faster?", ["FoldNet", "GridFold"]), which_of("which one needs less memory?", ["A", "B"])
    ('is FoldNet or GridFold faster?', 'does A or B need less memory?')
    """
    match = _CHOOSES.match(text)
    if match is None or len(labels) < 2:
        return None
    verb, rest = match["verb"].lower(), match["rest"].strip(" ?.!")
    if re.match(r"(?:is|are|was|were|has|have|does|do|did|can|the|an?|of)\s", rest, re.IGNORECASE):
        return None
    if len(labels) > _PAIR:
        return f"which of {', '.join(labels[:-1])} and {labels[-1]} {verb} {rest}?"
    row = " or ".join(labels)
    if verb in ("is", "was", "are", "were", "does", "did", "can"):
        return f"{_OF_ONE.get(verb, verb)} {row} {rest}?"
    if verb in _BASES or (verb.endswith("s") and not verb.endswith("ss")):
        return f"does {row} {_BASES.get(verb) or _base(verb)} {rest}?"
    return f"which {verb} {rest}: {row}?"


def _base(verb: str) -> str:
    """ "needs" as "need"."""
    if re.search(r"(?:ch|sh|ss|x|z)es$", verb):
        return verb[:-2]
    return f"{verb[:-3]}y" if re.search(r"[^aeiou]ies$", verb) else verb[:-1]


def _of_one(talk: Talk, name: str) -> str | None:
    """The question before asked of one of its papers: "and the second one?" after a comparison or a list."""
    before = talk.question.strip(" ?.!")
    before = re.sub(r"\s*\([^()]*\)$", "", before)
    if talk.intent == "compare":
        for other in sorted({*talk.names, name}, key=len, reverse=True):
            before = (
                re.sub(rf"(?<![\w-]){re.escape(other)}(?![\w-]|\+)", " ", before, flags=re.IGNORECASE)
                if other
                else before
            )
        rest = _COMPARES.sub(" ", before)
        rest = re.sub(r"^(?:\W|(?:and|or|with|to|against|versus|vs|from|between|the|of|two)\b)+|\W+$", "", rest)
    elif talk.intent in ("several", "list", "extreme", "timeline", "count") and talk.field is None:
        rest = topic_of(before) if talk.intent == "several" else talk.topic
    else:
        return None
    rest = re.sub(r"\s+", " ", rest).strip()
    if not rest:
        return f"what does {name} do?"
    return f"{name} {rest}" if re.match(_LEADS, rest, re.IGNORECASE) else f"{name}: {rest}"


def _put(text: str, start: int, end: int, name: str) -> str:
    """`text` with the pronoun in `text[start:end]` replaced by a name, as grammar wants it."""
    match = PRONOUN.match(text, start) or THE_PAPER.match(text, start)
    if match is None or match.end() != end:
        return f"{text[:start]}{name}{text[end:]}"
    g = match.groupdict()
    if g.get("its"):
        return f"{text[:start]}{name}’s{text[end:]}"
    if g.get("authors"):
        return f"{text[:start]}the {name} authors{text[end:]}"
    if g.get("that"):
        return f"{text[: match.start('that')]}{name}{text[end:]}"
    if g.get("that2"):
        return f"{text[: match.start('that2')]}{name}{re.sub(r'^ one', '', text[match.end('that2') :])}"
    if g.get("det2"):
        return text
    return f"{text[:start]}{name}{'’s' if match[0].endswith(('’s', chr(39) + 's')) else ''}{text[end:]}"


def _mentions(text: str, name: str) -> bool:
    return name.casefold() in text.casefold()


def _fill(rest: str, before: str, name: str, named: str | None) -> str:
    """The earlier question with the words of an ellipsis in the place of their kind: "for BERT" for "for vision transformers"."""
    before = before.strip(" ?.!")
    if named and _mentions(before, name):
        return re.sub(re.escape(name), lambda _: named, before, count=1, flags=re.IGNORECASE)
    clean = re.sub(r"^(?:the|its)\s+", "", rest)
    if not named and (own := re.match(r"(?:its|their)\s+(?=\w)", rest, re.IGNORECASE)) is not None:
        return f"what about {name}’s {rest[own.end() :]}"
    if (
        lead := re.match(r"(on|for|at|in|with|without|under|using|to|from|over|against|by|of)\s", rest, re.IGNORECASE)
    ) is not None:
        slots = list(
            re.finditer(
                rf"\b{lead[1]}\s+[^,;]+?(?=\s+(?:on|for|at|in|with|over|than|compared|and|when|under|using)\b|[,;]|$)",
                before,
                re.IGNORECASE,
            )
        )
        slots = [slot for slot in slots if not _mentions(slot[0], name)]
        if slots:
            return before[: slots[-1].start()] + rest + before[slots[-1].end() :]
        return f"{before} {rest}"
    if (size := re.match(r"~?\d[\d.,]*[\s-]?([A-Za-z%]*)", clean)) is not None:
        unit = size[1].rstrip("s").lower()
        slots = [
            slot for slot in re.finditer(r"\d[\d.,]*[\s-]?([A-Za-z%]*)", before) if slot[1].rstrip("s").lower() == unit
        ]
        if slots:
            return before[: slots[-1].start()] + clean + before[slots[-1].end() :]
    elif looks_named(clean.split()[0] if clean else "") or clean[:1].isupper():
        slots = [
            slot
            for slot in re.finditer(r"[\w][\w+.-]*", before)
            if (looks_named(slot[0]) or slot[0][0].isupper())
            and slot.start()
            and slot[0].casefold() not in name.casefold()
        ]
        if slots:
            return before[: slots[-1].start()] + clean + before[slots[-1].end() :]
    return f"{before} — {rest}"
