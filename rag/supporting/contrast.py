"""Where a claim turns a sentence round: negation, direction of change, a comparison's order, certainty, a swapped word.

Each function looks at a claim and one sentence of the text and returns the contradiction in words, or None. They err on
the side of silence: a rule speaks only when the two share the words that the contradiction is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from rag.supporting.figures import same
from rag.supporting.lexicon import AXES, CERTAINTIES, HEDGES, LOSES, NEGATIONS, SOFT_NEGATIONS, STAND_INS, STOP, WINS
from rag.supporting.match import Difference, Evidence, compare
from rag.supporting.text import Sentence, Token, stem

_SHARED = 2  # content words around two opposite directions that make them speak of the same thing
# Word, sign, keys on the left, keys on the right, the name that is the subject.
_Comparison = tuple[str, int, frozenset[str], frozenset[str], frozenset[str]]
_REACH = 3  # content words that a negation or a direction governs
_GRADES = frozenset(range(6))  # the first axes of the lexicon are degrees, fit for "more … than"
_MANY_MEANINGS = frozenset({"posit"})  # stems that unrelated words share: positive, position
_EQUAL = 0.75  # share from which a word put in or left out changes what is otherwise the same sentence
_NOT = frozenset({"not", "no", "never", "without", "cannot"})
_ALIKE = 0.6  # share of the claim's tokens in the same order from which a replaced word counts as swapped


def swapped(claim: Sentence, given: Sentence, evidence: Evidence) -> str | None:
    """A figure, name or opposite word put in another's place in an otherwise equal sentence."""
    alike, differences = compare(claim, given)
    if alike < _ALIKE:
        return None
    for difference in differences:
        reason = (
            _opposite(difference) or _other_figure(difference, given) or _other_name(difference, claim, given, evidence)
        )
        if reason or (reason := _other_sign(difference) if alike >= _EQUAL else None):
            return reason
    return _exchanged(claim, differences)


def turned_span(claim: Sentence, given: Sequence[Sentence]) -> str | None:
    """ "from B to A" where a sentence of the text says "from A to B"."""
    for some, other in _spans(claim.tokens):
        if not _equal(some, other) and any(
            _equal(some, end) and _equal(other, start) for s in given for start, end in _spans(s.tokens)
        ):
            return f"the claim says from {some.text} to {other.text}, the cited text the other way round"
    return None


def negated(claim: Sentence, given: Sequence[Sentence], share: float) -> str | None:
    """One says "not" about something that the other affirms."""
    if share < 0.5:
        return None
    ours, theirs = _negations(claim.tokens), [_negations(s.tokens) for s in given]
    soft = any(_soft(t) for s in given for t in s.tokens)
    for word, scope in ours:
        if not any(theirs) and not soft and scope and any(key in given[0].keys for key in scope):
            return f"the claim says '{word}', the cited text does not"
    if ours or not all(theirs) or any(_soft(t) for t in claim.tokens) or share < 0.7:
        return None
    for word, scope in theirs[0]:
        if scope and all(key in claim.keys for key in scope[:2]):
            return f"the cited text says '{word}', the claim does not"
    return None


def turned(claim: Sentence, given: Sequence[Sentence]) -> str | None:
    """The direction of a change is the other way round, about the same things."""
    for axis in range(len(AXES)):
        poles = _poles(claim.tokens, axis)
        theirs = [pole for s in given for pole in _poles(s.tokens, axis)] if poles else []
        for token, sign, about in poles:
            along = max((len(about & other) for _, s, other in theirs if s == sign), default=0)
            against, word = max(((len(about & other), t.lower) for t, s, other in theirs if s != sign), default=(0, ""))
            if against > along and against >= _SHARED and stem(token.lower) not in given[0].keys:
                return f"the cited text says '{word}', the claim says '{token.lower}'"
    return None


def reversed_comparison(claim: Sentence, given: Sequence[Sentence]) -> str | None:
    """What wins in the claim loses in the text."""
    theirs = [comparison for s in given for comparison in _comparisons(s.tokens)]
    for word, sign, ahead, behind, subject in _comparisons(claim.tokens):
        along = against = 0
        said = word
        for other, other_sign, left, right, _ in theirs:
            straight, crossed = _agreement(ahead, behind, left, right, subject)
            if sign != other_sign:
                straight, crossed = crossed, straight
            along = max(along, straight)
            if crossed > against:
                against, said = crossed, other
        if against > along and against >= min(2, len(ahead | behind)):
            if said == word:
                return f"the claim turns round what the cited text says with '{word}'"
            return f"the cited text says '{said}', the claim says '{word}'"
    return None


def _agreement(
    ahead: frozenset[str], behind: frozenset[str], left: frozenset[str], right: frozenset[str], subject: frozenset[str]
) -> tuple[int, int]:
    """How far the sides of two comparisons agree as they stand and crosswise; a named subject settles it."""
    only_left, only_right = left - right, right - left
    straight = len(ahead & only_left) + len(behind & only_right)
    crossed = len(ahead & only_right) + len(behind & only_left)
    if subject & only_left and not subject & only_right:
        return straight + 2 * crossed, crossed
    if subject & only_right and not subject & only_left and behind & only_left:
        return straight, crossed + 2 * straight
    return straight, crossed


def _soft(token: Token) -> bool:
    return token.lower in SOFT_NEGATIONS or token.lower.startswith(("un", "non"))


def overstated(claim: Sentence, given: Sentence, share: float) -> str | None:
    """The text is careful ("may"), the claim is certain ("proves", or an equal sentence without the hedge)."""
    hedge = next((t.lower for t in given.tokens if t.lower in HEDGES), None)
    if hedge is None or any(
        t.lower in HEDGES or t.lower in {"could", "can", "suggests", "suggest"} for t in claim.tokens
    ):
        return None
    sure = next((t.lower for t in claim.tokens if t.lower in CERTAINTIES), None)
    if sure and share >= 0.5 and not any(t.lower in CERTAINTIES for t in given.tokens):
        return f"the cited text says '{hedge}', the claim says '{sure}'"
    alike, differences = compare(claim, given)
    dropped = any(t.lower == hedge for d in differences for t in d.given) and alike >= 0.8
    return (
        f"the cited text says '{hedge}', the claim states it as a fact"
        if dropped and hedge in {"may", "might"}
        else None
    )


def _opposite(difference: Difference) -> str | None:
    for token in difference.claimed:
        for axis, sign in _axes(token.key, token.lower):
            if any((axis, sign) in _axes(other.key, other.lower) for other in difference.given):
                continue
            for other in difference.given:
                if (axis, -sign) in _axes(other.key, other.lower):
                    return f"the cited text says '{other.lower}', the claim says '{token.lower}'"
        for other in difference.given:
            short, long = sorted((token.lower, other.lower), key=len)
            if len(short) > 3 and long in {prefix + short for prefix in ("un", "in", "im", "ir", "non", "dis", "mis")}:
                return f"the cited text says '{other.lower}', the claim says '{token.lower}'"
    return None


def _other_sign(difference: Difference) -> str | None:
    """A "not" put in or left out, with little else changed around it."""
    claimed, given = ({t.lower for t in side} for side in (difference.claimed, difference.given))
    if len(given) > _REACH or len(claimed) > _REACH or any(_soft(t) for t in (*difference.claimed, *difference.given)):
        return None
    if (word := next(iter(sorted(claimed & _NOT)), None)) and not given & NEGATIONS:
        return f"the claim says '{word}', the cited text does not"
    if (word := next(iter(sorted(given & _NOT)), None)) and not claimed & NEGATIONS:
        return f"the cited text says '{word}', the claim does not"
    return None


def _other_figure(difference: Difference, sentence: Sentence) -> str | None:
    """Another figure in the place of the claim's. One of another unit ("8-bit", "7B") is none, where the sentence has the
    claim's elsewhere.
    """
    given = [t for t in difference.given if t.figure]
    for token in (t for t in difference.claimed if t.figure):
        if not given or any(_equal(token, t) for t in given):
            continue
        elsewhere = any(_equal(token, t) for t in sentence.tokens)
        other = [
            t for t in given if not elsewhere or (t.figure and token.figure and t.figure.unit == token.figure.unit)
        ]
        if other:
            return f"where the claim has {token.text}, the cited text has {other[0].text}"
    return None


def _spans(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    """The figures of each "from … to …"."""
    return [
        (tokens[i + 1], tokens[i + 3])
        for i in range(len(tokens) - 3)
        if tokens[i].lower == "from" and tokens[i + 2].lower == "to" and tokens[i + 1].figure and tokens[i + 3].figure
    ]


def _equal(some: Token, other: Token) -> bool:
    return some.figure is not None and other.figure is not None and same(some.figure, other.figure)


def _other_name(difference: Difference, claim: Sentence, given: Sentence, evidence: Evidence) -> str | None:
    tail, given_tail = difference.claimed[-4:], difference.given[-4:]
    more = Counter(t.key for t in claim.tokens)
    more.subtract(t.key for t in given.tokens)
    dropped = [t for t in given_tail if t.kind == "name" and more[t.key] < 0]
    new = [t for t in tail if t.kind == "name" and more[t.key] > 0]
    said = {t.lower for t in claim.tokens}
    if any(d.key.endswith(n.key) and d.key.removesuffix(n.key) in said for d in dropped for n in new):
        return None  # "Strip-Net", cut in two where it begins the sentence
    if dropped and new and not _same_name(dropped, new):
        return f"where the claim has {new[0].text}, the cited text has {dropped[0].text}"
    first = difference.claimed[:1] and difference.claimed[0] is claim.tokens[0]
    if first and difference.given and not dropped and len(difference.claimed) == 1 and len(difference.given) <= 3:
        token, last = difference.claimed[0], difference.given[-1]
        plain = {token.lower, last.lower} & (STOP | STAND_INS)
        looks = token.text[:1].isupper() and last.text[:1].isupper() and not token.lower.endswith(("ly", "ing", "s"))
        if (
            looks
            and not plain
            and token.key not in evidence.keys
            and token.lower not in evidence.names
            and _verb_next(claim)
        ):
            return f"where the claim has {token.text}, the cited text has {last.text}"
    if dropped and not new and difference.claimed and len(difference.claimed) <= 2:
        other = [
            t for t in difference.claimed if t.weight > 0.2 and t.key not in evidence.keys and t.lower not in STAND_INS
        ]
        if len(other) == len(difference.claimed) and all(t.kind == "name" for t in difference.given):
            return f"where the claim has {other[0].text}, the cited text has {dropped[0].text}"
    return None


def _same_name(some: Sequence[Token], others: Sequence[Token]) -> bool:
    """Whether one spells the other out (LLMs, Large Language Models) or is a shorter form of it (LLaMA, LLaMA-7B)."""
    a, b = "".join(t.key for t in some), "".join(t.key for t in others)
    initials = {"".join(t.text[0].lower() for t in group) for group in (some, others)}
    if any(_tail(t.key, other.key) for t in some for other in others):
        return True
    return a in initials or b in initials or (a.startswith(b) and a[len(b) :] != "+")


def _tail(a: str, b: str) -> bool:
    """Whether one is the versioned end of the other: V3 for MobileNetV3."""
    short, long = sorted((a, b), key=len)
    return len(short) > 1 and short[0].isalpha() and short[-1].isdigit() and long.endswith(short)


def _verb_next(claim: Sentence) -> bool:
    word = claim.tokens[1].lower if len(claim.tokens) > 1 else ""
    return word in {"is", "was", "has", "can", "does"} or (word.endswith("s") and len(word) > 3)


def _exchanged(claim: Sentence, differences: Sequence[Difference]) -> str | None:
    """Two names that changed places: one stands where the other stood, and the other way round."""
    moves = {
        (c.key, g.key): (c.text, g.text)
        for d in differences
        for c, g in zip(d.claimed, d.given, strict=False)
        if c.weight > 0.2 and g.weight > 0.2 and len(d.claimed) == len(d.given)
    }
    keys = [t.key for t in claim.tokens]
    for (a, b), (text, other) in moves.items():
        if a == b or (b, a) not in moves:
            continue
        start, end = sorted((keys.index(a), keys.index(b)))
        if not all(t.kind == "name" or t.lower in {"and", "or"} for t in claim.tokens[start:end]):  # not a mere list
            return f"the claim exchanges {other} and {text}"
    return None


def _negations(tokens: Sequence[Token]) -> list[tuple[str, list[str]]]:
    """Each negation with the keys of the next content words."""
    found = []
    for index, token in enumerate(tokens):
        after = tokens[index + 1 : index + 2]
        if token.lower in NEGATIONS and not (after and after[0].lower in {"only", "just", "merely", "less", "limited"}):
            scope = [t.key for t in tokens[index + 1 : index + 9] if t.weight > 0][:_REACH]
            found.append((token.lower, scope))
    return found


def _poles(tokens: Sequence[Token], axis: int) -> list[tuple[Token, int, frozenset[str]]]:
    """Words of an axis with their sign (negation turns it) and the content words around them."""
    found = []
    for index, token in enumerate(tokens):
        sign = next((s for a, s in _axes(token.key, token.lower) if a == axis), 0)
        if not sign:
            continue
        if any(t.lower in _NOT for t in tokens[max(0, index - 3) : index]):
            sign = -sign
        if index and tokens[index - 1].lower in {"less", "least"}:  # "less efficient"
            sign = -sign
        after = [t.key for t in tokens[index + 1 : index + 8] if t.weight > 0][: _REACH + 1]
        before = [t.key for t in reversed(tokens[max(0, index - 7) : index]) if t.weight > 0][:_REACH]
        found.append((token, sign, frozenset((*after, *before))))
    return found


def _comparisons(tokens: Sequence[Token]) -> list[_Comparison]:
    """Comparisons: the word, +1 where the left side is ahead and -1 where it is behind, the keys of both sides, and the
    name nearest to it on the left, if any."""
    found = []
    for index, token in enumerate(tokens):
        word = token.lower
        sign = 1 if word in WINS else -1 if word in LOSES else 0
        split = index
        if word == "than" and index + 1 < len(tokens) and tokens[index + 1].figure:
            continue  # "by more than 3 points" compares nothing
        if word == "than":
            for back in range(index - 1, max(-1, index - 6), -1):
                signs = [s for a, s in _axes(tokens[back].key, tokens[back].lower) if a in _GRADES]
                if signs:
                    sign, word = signs[0], tokens[back].lower
                    break
        elif any(
            t.lower in {"is", "are", "was", "were", "be", "been"} for t in tokens[max(0, index - 3) : index]
        ) and any(t.lower == "by" for t in tokens[index + 1 : index + 3]):
            sign = -sign  # "is outperformed by"
        if sign:
            left = frozenset(
                t.key for t in tokens[max(0, split - 12) : split] if t.weight > 0 and t.lower not in STAND_INS
            )
            right = frozenset(t.key for t in tokens[split + 1 : split + 9] if t.weight > 0 and t.lower not in STAND_INS)
            nearest = next((t.key for t in reversed(tokens[max(0, split - 12) : split]) if t.kind == "name"), None)
            found.append((word, sign, left, right, frozenset({nearest} if nearest else ())))
    return found


@lru_cache(maxsize=8192)
def _axes(key: str, lower: str) -> tuple[tuple[int, int], ...]:
    """The axes that a word lies on, each with +1 or -1."""
    return _table().get(lower) or (() if key in _MANY_MEANINGS else _table().get(key, ()))


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[tuple[int, int], ...]]:
    table: dict[str, tuple[tuple[int, int], ...]] = {}
    for axis, (up, down) in enumerate(AXES):
        for sign, words in ((1, up), (-1, down)):
            for word in words.split():
                for form in {word, stem(word)}:
                    table[form] = (*table.get(form, ()), (axis, sign))
    return table
