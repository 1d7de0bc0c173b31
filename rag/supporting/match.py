"""How much of a claim's wording a text shares, which of its sentences says it best, and where the two differ.

Weights need no corpus: function words count nothing, words of reporting little, longer words more, names and figures
most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from rag.supporting.figures import Figure, missing, read_figure
from rag.supporting.lexicon import EVERYDAY_NAMES, STOP, SYNONYMS
from rag.supporting.text import Sentence, Token, name_key, sentences, stem

_SYNONYM, _RELATED, _SHORTEST_PREFIX = 0.8, 0.7, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The cited texts, analysed: sentences, every key, name forms, initials (of acronyms written out) and figures."""

    sentences: tuple[Sentence, ...]
    keys: frozenset[str]
    names: frozenset[str]
    initials: str
    figures: tuple[Figure, ...]
    title_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A stretch of the claim and what stands in its place in the text; one of the two may be empty."""

    claimed: tuple[Token, ...]
    given: tuple[Token, ...]


@lru_cache(maxsize=1024)
def read_evidence(texts: tuple[str, ...], context: str) -> Evidence:
    """Analyse the texts cited together; `context` (titles) adds names and figures, but no sentences."""
    found = tuple(s for text in texts for s in sentences(text))
    extra = sentences(context)
    names: set[str] = set()
    figures: list[Figure] = []
    initials: list[str] = []
    for s in (*found, *extra):
        raw = [name_key(token.text) for token in s.tokens]
        names.update(raw)
        names.update(a + b for a, b in pairwise(raw))
        names.update(a + b + c for a, b, c in zip(raw, raw[1:], raw[2:], strict=False))
        for token in s.tokens:
            if token.figure:
                figures.append(token.figure)
            elif token.kind == "name":
                if (tail := re.fullmatch(r"[a-z]{1,3}([A-Z][A-Z0-9]+)s?", token.text)) is not None:
                    names.add(tail[1].lower())  # mtDNA is a kind of DNA
                for part in re.split(r"[-/_]", token.text):
                    names.add(name_key(part))
                    if (prefix := re.match(r"[A-Za-z]{3,}(?=\d)", part)) is not None:
                        names.add(prefix[0].lower())
                    if part and (read := read_figure(part, 0)) and read[1] == len(part):
                        figures.append(read[0])
        initials.append(_initials(s))
    return Evidence(
        sentences=found,
        keys=frozenset().union(*(s.keys for s in (*found, *extra))),
        names=frozenset(names),
        initials=" ".join(initials),
        figures=tuple(figures),
        title_keys=frozenset().union(*(s.keys for s in extra)),
    )


def _initials(words: Sentence) -> str:
    return "".join(t.text[0].lower() for t in words.tokens if t.kind != "figure" and t.lower not in STOP)


def missing_figures(claim: Sentence, evidence: Evidence) -> list[Token]:
    """The claim's figures that the text does not give."""
    return [
        t
        for t in claim.tokens
        if t.figure
        and missing(t.figure, evidence.figures)
        and name_key(t.text) not in evidence.names
        and not _is_no_count(t, claim.text)
    ]


def _is_no_count(token: Token, text: str) -> bool:
    """Whether a number in words counts the papers at hand ("the two differ") or is a mere "one" ("one day")."""
    if token.text[:1].isdigit() or token.figure is None:
        return False
    if token.lower.startswith("one") and token.figure.value == 1:
        return True
    word = re.escape(token.text)
    return token.figure.value <= 9 and bool(
        re.search(
            rf"\b(?:the|these|those|all|both|between)\s+{word}\b(?!\s+(?:times|percent|per cent|bits?)\b)", text, re.I
        )
        or re.search(rf"\b{word}\s+(?:papers|methods|approaches|works|studies|abstracts|sources|differ)\b", text, re.I)
    )


def missing_names(claim: Sentence, evidence: Evidence) -> list[Token]:
    """The claim's names (methods, datasets, models) that neither the text nor the context mentions in any form."""
    own = _initials(claim)  # "matrix metalloproteases (MMPs)" explains its acronym itself
    named = [token for token in claim.tokens if token.kind == "name"]
    found = [t for t in named if not (_known(t, evidence) or (len(t.key) > 1 and t.key in own) or _explained(t, claim))]
    # "Low-Rank Adaptation" where the text has LoRA or LRA only: names whose initials are a name of the text.
    initials = "".join(token.text[0].lower() for token in found if not token.strong)
    return [] if len(initials) == len(found) > 1 and initials in evidence.names else found


def _explained(token: Token, claim: Sentence) -> bool:
    """Whether the claim gives the name as a short form in brackets of the words before it: "yellow mottle virus
    (YeMV)".
    """
    at = claim.text.find(f"({token.text})")
    if at < 0:
        return False
    words = claim.text[:at].split()[-6:]
    letters = "".join(c for c in token.text.lower() if c.isalpha())
    starts = [n for n, word in enumerate(words) if word[:1].lower() == letters[:1]]
    return any(_within(letters, " ".join(words[n:]).lower()) for n in starts)


def _within(letters: str, text: str) -> bool:
    rest = iter(text)
    return bool(letters) and all(letter in rest for letter in letters)


def _known(token: Token, evidence: Evidence) -> bool:
    key = token.key
    if "/" in key:
        return any(given.startswith(key) for given in evidence.keys)
    if key in evidence.names or key in EVERYDAY_NAMES or stem(token.lower) in evidence.keys:
        return True
    if (key[-1:].isdigit() and key + "+" in evidence.names) or (key[-2:-1].isdigit() and key[:-1] in evidence.names):
        return True  # CD4 and CD4+ cells
    if (version := re.fullmatch(r"([a-z]{3,})([a-z]\d+)", key)) is not None and (
        version[2] in evidence.names and any(name.startswith(version[1]) for name in evidence.names)
    ):
        return True  # MobileNetV3 where the text says "MobileNetV2 and V3"
    if len(key) > 3 and (key + "s" in evidence.names or key.rstrip("s") in evidence.names):
        return True
    if token.strong and key.isalpha() and 2 <= len(key) <= 6 and re.fullmatch(r"[A-Z]+s?", token.text):
        return key in evidence.initials
    parts = [part for part in re.split(r"[-/_]", token.text) if part]
    return len(parts) > 1 and all(_known_part(part, evidence) for part in parts)


def _known_part(part: str, evidence: Evidence) -> bool:
    if part.isdigit():
        return False
    read = read_figure(part, 0)
    if read and read[1] == len(part):
        return not missing(read[0], evidence.figures)
    return name_key(part) in evidence.names or stem(part.lower()) in evidence.keys


def coverage(claim: Sentence, keys: frozenset[str], *, verified: bool = False) -> float:
    """Weighted share of the claim's content words that are among `keys`, in [0, 1]; 0 for a claim without any.

    A word of equal meaning counts 0.8, one with the same five first letters 0.7. `verified`: the figures are known
    to be in the text, in whatever form.
    """
    total = got = 0.0
    prefixes: frozenset[str] | None = None
    for token in claim.tokens:
        if token.weight == 0:
            continue
        total += token.weight
        if token.key in keys or (verified and token.kind == "figure"):
            got += token.weight
        elif token.kind != "figure":
            if meaning(token.key) and any(not group.isdisjoint(keys) for group in meaning(token.key)):
                got += _SYNONYM * token.weight
            elif len(token.key) >= _SHORTEST_PREFIX:
                prefixes = prefixes if prefixes is not None else _prefixes(keys)
                got += _RELATED * token.weight if token.key[:_SHORTEST_PREFIX] in prefixes else 0.0
    return got / total if total else 0.0


def uncovered(claim: Sentence, keys: frozenset[str]) -> list[str]:
    """The claim's content words that are not among `keys` in any form, the weightiest first."""
    missed = {t.lower: t.weight for t in claim.tokens if t.weight > 0.2 and t.key not in keys}
    return sorted(missed, key=lambda word: (-missed[word], word))


def best_sentences(claim: Sentence, evidence: Evidence, n: int) -> list[tuple[float, Sentence]]:
    """The `n` sentences that share most with the claim, best first, with their coverage."""
    ranked = sorted(
        ((coverage(claim, s.keys), -i, s) for i, s in enumerate(evidence.sentences)), reverse=True, key=_order
    )
    return [(share, s) for share, _, s in ranked[:n]]


def _order(row: tuple[float, int, Sentence]) -> tuple[float, int]:
    return row[0], row[1]


@lru_cache(maxsize=4096)
def compare(claim: Sentence, given: Sentence) -> tuple[float, tuple[Difference, ...]]:
    """Share of the claim's tokens that stand in the sentence in the same order, in [0, 1], and where the two differ."""
    a, b = [t.key for t in claim.tokens], [t.key for t in given.tokens]
    if not a:
        return 0.0, ()
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    differences = tuple(
        Difference(claimed=claim.tokens[i:j], given=given.tokens[k:m])
        for kind, i, j, k, m in matcher.get_opcodes()
        if kind != "equal"
    )
    return sum(block.size for block in matcher.get_matching_blocks()) / len(a), differences


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, tuple[frozenset[str], ...]]:
    table: dict[str, tuple[frozenset[str], ...]] = {}
    for line in SYNONYMS:
        group = frozenset(stem(word) for word in line.replace("-", " ").split())
        for key in group:
            table[key] = (*table.get(key, ()), group)
    return table


def meaning(key: str) -> tuple[frozenset[str], ...]:
    """The groups of words of equal meaning that a key belongs to."""
    return _synonyms().get(key, ())


@lru_cache(maxsize=4096)
def _prefixes(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key[:_SHORTEST_PREFIX] for key in keys if len(key) >= _SHORTEST_PREFIX)
