"""Whether a sentence of an abstract contradicts what a question takes for granted: what is needed, lost, gained, related or
praised in the one and denied in the other (what is measured is in `rag.premise.measured`).

Each rule looks at one such part and one sentence, and says how much the two have in common, 0 when there is no contradiction.
They err on the side of silence.
"""

from __future__ import annotations

import re

from rag.premise.abilities import happens, indispensable, unable
from rag.premise.abstract import Abstract
from rag.premise.denials import Denial, denials, told_of_others
from rag.premise.effects import no_effect
from rag.premise.lexicon import (
    BAD,
    BLAME,
    GAIN,
    GENERIC,
    HARM,
    LIGHT,
    LOSS,
    MORE,
    NARROWING,
    OPPOSITES,
    OURS,
    PRAISE,
    QUALITY,
    RELATES,
    VANISH,
    among,
    content,
    keys,
    plain,
    widened,
)
from rag.premise.measured import another_figure, another_name, compared, turned
from rag.premise.pairs import ahead_by_figures, not_the_best, of_another
from rag.premise.questions import Assumed
from rag.premise.sizes import another_multiple, another_unit
from rag.premise.turns import amounts, another_base, beaten_best, kept, prefixed
from rag.supporting.text import stem

_TRAINING = frozenset({"train", "tune", "retrain", "finetun", "updat"})
_TWO_WORDS = 2.0  # what a denied thing of one word comes to
_HUGE = frozenset(
    stem(w) for w in "significant noticeable much substantial considerable major large notable severe".split()
)
_BLAMED = re.compile(
    rf"\b(?:{'|'.join(sorted(BLAME))}|"
    r"not (?:an? |be |be an? |very |necessarily )?(?:effective|viable|reliable|sufficient|optimal)|"
    r"not (?:perform|work|generali[sz]e|scale|transfer|do) well|(?:perform|work|generali[sz]e|do)\w* (?:poorly|badly))\b"
)


def needed(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The sentence says that it does without what the question says is needed or used."""
    if part.denied or part.asked or (part.kind == "claim" and not part.manner) or "-free" in part.text:
        return 0.0
    claimed = content(plain(part.text))
    wanted = keys(plain(part.text))
    for narrow, wide in abstract.aliases:
        if narrow and narrow <= wanted:
            wanted |= wide
    best = 0.0
    for denial in denials(text):
        if denial.others != part.of_others or _of_another(denial, question, abstract):
            continue
        for thing in denial.things:
            if part.existence and not (denial.sure and thing >= wanted - widened(LIGHT & wanted) and _specific(wanted)):
                continue
            if denial.contrast and thing - wanted and (denial.before & wanted) - thing - LIGHT - abstract.names:
                continue  # "division instead of addition"
            strength = _denied(thing, wanted, question, loose=part.kind == "need")
            done = part.kind == "claim" and any(t.lower.endswith("ed") and among(t.key, thing) for t in claimed[:3])
            best = max(best, strength if part.kind == "need" or strength > _TWO_WORDS or done else 0.0)
    return best


def lost(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question asks how large a loss of quality is; the sentence says that there is none."""
    claimed = content(plain(part.text))
    claim = keys(plain(part.text))
    near = any(
        token.key in HARM or (token.key in LOSS and QUALITY & {t.key for t in claimed[max(0, i - 3) : i + 4]})
        for i, token in enumerate(claimed)
    )
    if part.kind != "claim" or part.denied or part.asked or not near or not claim & QUALITY:
        return 0.0
    for denial in denials(text):
        if denial.others or not denial.scope & LOSS or not denial.scope & QUALITY or denial.scope & _HUGE:
            continue
        return 1.0 + len(claim & denial.scope)
    return 0.0


def vanished(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question asks how large a gain is; the sentence says that there is none."""
    claim = keys(plain(part.text))
    if part.kind != "claim" or part.denied or part.asked or not claim & GAIN or claim & VANISH:
        return 0.0
    shared = (claim & keys(text)) - GAIN - LIGHT
    for denial in denials(text):
        gone = (
            any(thing & GAIN for thing in denial.things)
            and not (denial.ends or denial.others)
            and not denial.scope & (_HUGE | NARROWING)
        )
        if gone and len(shared) >= 2 and (not denial.by_verb or len(shared & denial.scope) >= 1):
            return 1.0 + len(shared)
    if keys(text) & VANISH and keys(text) & GAIN and len(shared) >= 2 and not told_of_others(text):
        return 1.0 + len(shared)
    return 0.0


def unrelated(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says that one thing follows from another, or does something; the sentence says that it does not."""
    claim = keys(plain(part.text))
    if part.kind != "claim" or part.denied or part.asked or claim & BAD:
        return 0.0
    said_so = frozenset(token.key for token in content(plain(part.text)))
    shared = (said_so & keys(text)) - LIGHT
    for denial in denials(text):
        if (denial.others and not part.of_others and len(shared) < 4) or _of_another(denial, question, abstract):
            continue
        if claim & RELATES and denial.scope & RELATES and denial.by_verb and shared - RELATES:
            named = (shared - RELATES) & (denial.before | denial.scope)
            if len(named) >= 1 and len(shared) >= 2:
                return 1.0 + len(shared)
        said = denial.scope - NARROWING
        same = [key for key in said if among(key, claim)]
        if denial.by_verb and len(same) >= 3 and len(same) >= 0.6 * len(said):
            return 1.0 + len(same)
        subject = (denial.before & said_so) - LIGHT
        if (
            denial.by_verb
            and same
            and len(same) == len(said)
            and len(subject) >= 2
            and 2 * len(subject) >= len(denial.before - NARROWING - LIGHT)
        ):
            return float(len(same) + len(subject))
    return 0.0


def blamed(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question praises what the sentence calls bad."""
    words = [t.lower for t in content(plain(part.text))] + part.text.lower().split()
    if part.kind != "claim" or part.asked or not part.manner or not PRAISE & set(words):
        return 0.0
    if _BLAMED.search(plain(part.text)):
        return 0.0
    match = _BLAMED.search(text)
    if match is None or (told_of_others(text, match.start()) and not part.of_others):
        return 0.0
    said = keys(re.split(r"[;:,]|\bbut\b|\bthat\b", text[: match.start()])[-1]) - LIGHT
    same = [key for key in said if among(key, question)]
    return float(len(same)) if len(same) >= 2 and len(same) >= 0.6 * len(said) else 0.0


def opposed(part: Assumed, question: frozenset[str], text: str, abstract: Abstract) -> float:
    """The question says "paired", the sentence "unpaired", of the same thing."""
    if part.denied or part.asked or not (part.kind == "need" or part.manner):
        return 0.0
    claim, theirs = content(plain(part.text)), content(text)
    about = frozenset(t.key for t in claim)
    for sides in OPPOSITES:
        for one, other in (sides, sides[::-1]):
            said = {t.key for t in claim} & {stem(w) for w in one.split()}
            against = {stem(w) for w in other.split()}
            if not said:
                continue
            if not part.of_others and not (
                abstract.names & frozenset(t.key for t in theirs) or OURS & set(text.lower().split())
            ):
                continue
            for i, token in enumerate(theirs):
                near = {t.key for t in theirs[max(0, i - 2) : i + 4]} - {token.key}
                if (
                    token.key in against
                    and near & about
                    and not near & said
                    and (part.of_others or not told_of_others(text, text.find(token.text)))
                ):
                    return 1.0 + len(near & about)
    return 0.0


def _specific(wanted: frozenset[str]) -> bool:
    """Whether the words name a thing, not only "data" or "cost"."""
    return bool(wanted - LIGHT - GENERIC) or bool(wanted & NARROWING)


def _of_another(denial: Denial, question: frozenset[str], abstract: Abstract) -> bool:
    """Whether the clause names something else than the question and the title do."""
    return bool(denial.named) and not denial.named & (question | abstract.names | abstract.own)


def _denied(thing: frozenset[str], wanted: frozenset[str], question: frozenset[str], *, loose: bool) -> float:
    """How many words of a denied thing the wanted one has, when who denies the one denies the other."""
    core = thing - NARROWING
    rest = core - LIGHT
    if not core:
        return 0.0
    if not rest:
        if not core <= wanted or (core != thing and not thing <= wanted) or not (loose or wanted - NARROWING <= thing):
            return 0.0
        return 1.0 if core == thing else _TWO_WORDS
    if "train" in rest and "retrain" in rest:  # "without retraining" leaves training alone
        rest = rest - {"train"}
    if "finetun" in rest:
        rest = rest - {"train", "tune"}
    if not any(among(key, wanted) for key in rest) or not all(key in question or among(key, wanted) for key in rest):
        return 0.0
    if thing & NARROWING and not thing & NARROWING <= question and len(rest) == 1 and rest & GENERIC:
        again = question & MORE or (rest & _TRAINING and question & {"retrain", "finetun"})
        if not again:
            return 0.0
    return 1.0 + len(rest)


RULES = {
    "needed": needed,
    "lost": lost,
    "vanished": vanished,
    "unrelated": unrelated,
    "turned": turned,
    "compared": compared,
    "amounts": amounts,
    "kept": kept,
    "beaten best": beaten_best,
    "prefixed": prefixed,
    "blamed": blamed,
    "opposed": opposed,
    "no effect": no_effect,
    "unable": unable,
    "indispensable": indispensable,
    "happens": happens,
    "figures": ahead_by_figures,
    "of another": of_another,
    "not the best": not_the_best,
    "another figure": another_figure,
    "another unit": another_unit,
    "another multiple": another_multiple,
    "another name": another_name,
    "another base": another_base,
}
