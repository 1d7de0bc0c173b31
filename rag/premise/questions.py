"""What a question takes for granted, by its grammar.

"Why does KiteNet need labels?" takes a need of labels for granted, "By how much does A beat B?" that A is ahead,
"How large is the loss?" that there is one. A question that is answered with yes or no takes nothing for granted.

>>> [(kind.kind, kind.text) for kind in assumed("Why does KiteNet need labels?")]
[('need', 'need labels'), ('claim', 'KiteNet need labels')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.premise.statements import stated

Sort = Literal["need", "claim", "nobody"]

_AUX = r"(?:does|do|did|must|should|is|are|was|were|has|have|had|can|could|will|would|goes|go|went)"
_WHY = re.compile(rf"\b(?:why|how come|what makes|what made)\b\s+(?P<aux>{_AUX})?\b\s*(?P<rest>[^?]*)", re.IGNORECASE)
_BY = re.compile(
    r"\b(?:by (?:how (?:much|many [\w ]{3,20}?|far)|(?:what|which) [\w ]{3,24}?)|(?:with|at) what (?:margin|advantage|lead))\s+"
    rf"(?P<aux>{_AUX})\b\s*(?P<rest>[^?]*)",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\b(?P<wh>how (?:many|much|large|big|long|high|severe|great|often|strong|costly|expensive|wide)|what|which|whose)\b"
    rf"(?P<np>[^?,;]*?)\b(?P<aux>{_AUX}|makes?|made|lets?|enables?|gives?|helps?|drives?)\b(?P<rest>[^?]*)",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:what (?:explains|causes|caused|is the (?:reason|cause) (?:for|of|behind|that)|"
    r"are the reasons (?:for|that))|"
    r"(?:what|which) [\w ]{2,30}? (?:shows?|proves?|suggests?|demonstrates?|indicates?) that|"
    r"how (?P<aux>does|do|did|is|are|was|were|can|could))\b"
    r"\s*(?P<rest>[^?]*)",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\bwhere (?:can|could|may|do|does) \w+ (?P<rest>(?:download|get|obtain|buy)\b[^?]*)", re.IGNORECASE
)
_SOME = re.compile(r"^\s*(?P<wh>which|what) (?P<rest>[^?,;]*)", re.IGNORECASE)
_SINCE = re.compile(
    r"\b(?:since|because|given that|now that|seeing that|considering(?: that)?|as)\s+(?P<rest>[^,?]{8,}),\s*(?=\w+ )",
    re.IGNORECASE,
)
_NEED = re.compile(
    r"\b(?:need(?:s|ed|ing)?|requir(?:e|es|ed|ing)|demand(?:s|ed)?|necessitate[sd]?|depend(?:s|ed|ent)? (?:on|upon)|"
    r"rel(?:y|ies|ied|iant) (?:heavily )?(?:on|upon)|(?:have|has|had) to|must|necessary|insist(?:s|ed)? on|us(?:e|es|ed)|"
    r"employ(?:s|ed)?|collect(?:s|ed)?|add(?:s|ed)?|keep(?:s)?|kept|consum(?:e|es|ed)|involv(?:e|es|ed)|take[sn]?|took|"
    r"resort(?:s|ed)? to|introduc(?:e|es|ed)|call(?:s|ed)? for|cannot do without|went into|go(?:es)? into|wait(?:s)? for)\b",
    re.IGNORECASE,
)
_OBJECT_ENDS = re.compile(
    r",|;|\b(?:to|for|when|if|before|after|in order|while|so that|because|during|as|at|on|in|with|given|than|that|which|whose|"
    r"whenever|under|by|from)\b",
    re.IGNORECASE,
)
_VERB = re.compile(r"^\s*(?:to\s+)?(?:be\s+|have\s+|get\s+)?(?P<verb>[\w-]+(?: [\w'-]+){0,5})", re.IGNORECASE)
_MEASURE = re.compile(
    r"^\s*(?:(?:additional|extra|further|more|total|long|costly|expensive|hours?|days?|weeks?|epochs?|steps?|rounds?|"
    r"iterations?|minutes?|amounts?|kinds?|types?|examples?|samples?|gigabytes?|bits?|passes|an?|the|of)\b\s*)*",
    re.IGNORECASE,
)
_YES_NO = re.compile(rf"^\s*(?:and\s+|so\s+|but\s+)?{_AUX}\b", re.IGNORECASE)
_CANNOT_WITHOUT = re.compile(
    r"\b(?:cannot|can not|can't|could not|does not|do not|doesn't|don't)\b.*?\bwithout\b", re.IGNORECASE
)

_SAVES = re.compile(r"\b(?:sav|reduc|cut|lower|less|fewer|avoid|skip|eliminat|remov|spar)\w*\b", re.IGNORECASE)
_SUBJECT = 25  # characters of a part in which its subject stands
_OF_OTHERS = re.compile(
    r"\b(?:existing|previous|prior|earlier|conventional|traditional|current|standard|baselines?)\b", re.IGNORECASE
)
# In lower case: "No Train No Gain" is a title.
_DENIED = re.compile(
    r"\b(?:no|not|never|cannot|[Ww]ithout|none|neither|instead|rather than|avoid\w*|skip\w*|drops?|remov\w+|eliminat\w+|"
    r"dispens\w+|forgo\w*|gives? up|given up|replac\w+|do away|does away|bypass\w*|"
    r"circumvent\w*|omit\w*|ignor\w+|independent|fail\w* to|unable|lack\w*|obviat\w*|"
    r"sidestep\w*|eschew\w*|discard\w*|unnecessary|free (?:of|from))\b|n't\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """A part of a question, `text` = `question[start:end]`, that it takes for granted. "need": that what it names is needed
    or used (`how` says "verb" when a doing is meant: "must be retrained"); "claim": that it is so; "nobody": that something does
    so. `manner`: the question asks why or how, so that every part of the claim is taken for granted. `denied`: it says "not"
    itself. `of_others`: it is about
    others' work ("existing methods"). `existence`: "which" and "what" take no more for granted than that there is such a
    thing. `asked`: the question leaves open whether it is so; only a figure or a name in it can be mistaken.
    `shown`: where what is quoted of it begins, if not at `start`.
    """

    kind: Sort
    start: int
    end: int
    text: str
    manner: bool = False
    denied: bool = False
    of_others: bool = False
    existence: bool = False
    asked: bool = False
    shown: int | None = None


def assumed(question: str) -> tuple[Assumed, ...]:
    """What a question takes for granted, the narrowest part first."""
    if (statement := stated(question)) is not None:
        start, end = statement.start, statement.end
        claim = _part(question, "claim", start, end, manner=True, asked=statement.asked)
        return (claim,) if statement.asked else (*_needs(question, start, end, must=False), claim)
    if _YES_NO.match(question):
        return ()
    found: list[Assumed] = []
    since = _SINCE.search(question)
    if since:
        found += _since(question, since)
    if match := _WHY.search(question):
        found += _needs(question, match.start("rest"), match.end("rest"), must=_must(match["aux"]))
        found.append(_part(question, "claim", match.start("rest"), match.end("rest"), manner=True))
    elif match := _BY.search(question):
        found.append(_part(question, "claim", match.start("rest"), match.end("rest")))
    elif (match := _REASON.search(question)) and not match["aux"]:
        found += _reason(question, match)
    elif which := _WHICH.search(question):
        found += _which(question, which)
    elif match or (match := _WHERE.search(question)):
        found += _reason(question, match)
    elif match := _SOME.match(question):
        found.append(replace(_part(question, "nobody", *match.span("rest"), asked=True), shown=match.start("wh")))
    return tuple(part for part in found if part.text)


def _reason(question: str, match: re.Match[str]) -> list[Assumed]:
    start, end = match.span("rest")
    return [*_needs(question, start, end, must=False), _part(question, "claim", start, end, manner=True)]


def _since(question: str, match: re.Match[str]) -> list[Assumed]:
    start, end = match.span("rest")
    if without := _CANNOT_WITHOUT.search(question, start, end):
        ends = _OBJECT_ENDS.search(question, without.end(), end)
        stop = ends.start() if ends else end
        return [
            _part(question, "need", without.end(), stop),
            _part(question, "claim", start, without.end() - len("without"), manner=True),
        ]
    return [*_needs(question, start, end, must=False), _part(question, "claim", start, end, manner=True)]


def _must(aux: str | None) -> bool:
    return (aux or "").lower() in ("must", "should")


def _needs(question: str, start: int, end: int, *, must: bool) -> list[Assumed]:
    """Needs stated in `question[start:end]`: the object of each verb of needing."""
    if must:
        doing = re.compile(r"\bbe\s+").search(question, start, end)
        ends = _OBJECT_ENDS.search(question, doing.end(), end) if doing else None
        return [_part(question, "need", doing.end() if doing else start, ends.start() if ends else end)]
    found = []
    for verb in _NEED.finditer(question, start, end):
        at = verb.end()
        doing = re.match(r"\s+(?:to\s+)(?=\w)", question[at:end]) or (
            re.match(r"\s+", question[at:end]) if re.search(r"(?:to|must)$", verb[0], re.IGNORECASE) else None
        )
        if doing and (phrase := _VERB.match(question[at + doing.start() : end])):
            at += doing.start()
            found.append(_part(question, "need", at + phrase.start("verb"), at + phrase.end("verb"), clause=start))
            continue
        ends = _OBJECT_ENDS.search(question, at + 1, end)
        found.append(_part(question, "need", at, ends.start() if ends else end, clause=start))
    return [part for part in found if part.text]


def _which(question: str, match: re.Match[str]) -> list[Assumed]:
    """Of "how many labels does it need": the labels. The whole, as a claim, besides."""
    rest_start, rest_end = match.span("rest")
    claim = replace(_part(question, "claim", match.start("np"), rest_end), shown=match.start())
    verb = _NEED.search(question, rest_start, rest_end)
    must = _must(match["aux"]) or (verb is not None and re.search(r"(?:to|must)$", verb[0], re.IGNORECASE) is not None)
    moved = match["aux"].lower() in ("went", "go", "goes")
    found = []
    start, end = match.span("np")
    existence = not match["wh"].lower().startswith("how")
    if verb is None and not must and not moved:
        gives = not re.fullmatch(_AUX, match["aux"], re.IGNORECASE)
        if (existence and not gives) or claim.denied or _SAVES.search(question, end):
            return [claim]
        return [_part(question, "need", start, end, existence=existence), claim]
    measure = _MEASURE.match(question[start:end])
    start += measure.end() if measure else 0
    if question[start:end].strip() and not _DENIED.search(question, rest_start, rest_end):
        found.append(_part(question, "need", start, end, existence=existence))
    if must and (found == [] or verb is not None):
        found += _needs(
            question, rest_start if verb is None or _must(match["aux"]) else verb.end(), rest_end, must=True
        )
    return [*found, claim]


def _part(
    question: str,
    kind: Sort,
    start: int,
    end: int,
    *,
    manner: bool = False,
    clause: int | None = None,
    existence: bool = False,
    asked: bool = False,
) -> Assumed:
    """The part `question[start:end]`; that it is denied may stand before it, from `clause` on ("does not need labels")."""
    text = question[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip().rstrip(".!?")
    denied = bool(_DENIED.search(question[start if clause is None else clause : start + len(text)]))
    return Assumed(
        kind=kind,
        start=start,
        end=start + len(text),
        text=text,
        manner=manner,
        denied=denied,
        of_others=bool(_OF_OTHERS.search(question, 0, start + _SUBJECT)),
        existence=existence,
        asked=asked,
    )
