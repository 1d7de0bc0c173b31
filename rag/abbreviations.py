"""Abbreviations and what they stand for: found in texts that spell them out, and known ones. Pure.

>>> definitions("We study retrieval-augmented generation (RAG) with VQ (vector quantization).")
[('RAG', 'retrieval-augmented generation'), ('VQ', 'vector quantization')]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.abbreviation_list import CLASSES, KNOWN, MEASURES, SPOKEN
from rag.question.words import QUESTION_WORDS

_SHORT = r"[^\W_][\w+-]{1,11}"
_BRACKETED = re.compile(rf"\(\s*(?P<short>{_SHORT})\s*[),;]")
_SPELT_AFTER = re.compile(rf"(?<![\w-])(?P<short>{_SHORT})\s*\(\s*(?P<long>[^\W\d_][\w' -]{{3,80}}?)\s*[),;]")
_BEFORE = re.compile(r"[^.;:()\[\]!?]*$")
_PARTS = re.compile(r"[^\W_]+")
_WORDS = re.compile(r"[^\W_]+(?:['’‐‑-]+[^\W_]+)*")
_FURTHEST = 160
# Words of a phrase that its abbreviation may pass over.
_SMALL = frozenset("of the and for in with to a an on from by as at via or".split())
_SOUNDS = {"2": "to", "4": "for"}
_VOWELS = re.compile(r"[aeiouy]")
# English words that are abbreviations only in capitals: who reads for one of these in a text cannot tell.
_ENGLISH = frozenset(
    """
    it is as at am an on or of so to us we me my he be by do go if in no up ad all any art aim ace act age ago air ale and ant
    ape are arm ate bar bat bed bet big bit bus but can cap car cast cat cell code cot cut day dim dot due end era eye far fast
    few fig fit fly for fun gap gas get got had has her hit hot how ice its job key lab let lift lip log lot low map mas mat may
    men mix near net new nor not now odd off old one our out own par pass path pay pet pin pop pot pro raft ran rat raw red rim
    row run sat saw say see set she sit six ski sky sum sun tail tag tap tax tea ten the tie tip top two use van via was way who
    why win yes yet you
    """.split()
)


def definitions(text: str) -> list[tuple[str, str]]:
    """What a text spells out: "large language models (LLMs)" or "RAG (retrieval-augmented generation)", each as the
    abbreviation without the s of a plural, and the phrase in small letters.
    """
    found = []
    for match in _BRACKETED.finditer(text):
        before = _BEFORE.search(text, max(0, match.start() - _FURTHEST), match.start())
        if looks_short(match["short"]) and before and (phrase := _phrase_before(before[0], short_key(match["short"]))):
            found.append((_singular(match["short"]), phrase))
    for match in _SPELT_AFTER.finditer(text):
        if looks_short(match["short"]) and stands_for(short_key(match["short"]), _PARTS.findall(match["long"])):
            found.append((_singular(match["short"]), " ".join(match["long"].lower().split())))
    return list(dict.fromkeys(found))


def short_key(word: str) -> str:
    """An abbreviation without case, marks and the s of a plural: "LLMs" and "llm" are one.

    >>> short_key("LLMs"), short_key("3D-GS"), short_key("VLAs")
    ('llm', '3dgs', 'vla')
    """
    return re.sub(r"[\W_]", "", _singular(word)).lower()


def keys_of(word: str) -> list[str]:
    """The keys that a word of a question may have as an abbreviation; none when it is written as a plain word.

    >>> keys_of("RAG"), keys_of("llms"), keys_of("sat"), keys_of("GRPO"), keys_of("grpo"), keys_of("As")
    (['rag'], ['llms', 'llm'], [], ['grpo'], ['grpo'], [])
    """
    if not word[1:].islower():
        return [short_key(word)] if looks_short(word) else []
    low = word.lower()
    keys = [low, low[:-1]] if low.endswith("s") and len(low) > 3 else [low]
    return [key for key in keys if is_unspeakable(key)]


def looks_short(word: str) -> bool:
    """Whether a word is written as abbreviations are: short, with two capitals, or one after a small letter or a digit."""
    letters = short_key(word)
    capitals = sum(char.isupper() for char in word)
    return 2 <= len(letters) <= 10 and (capitals > 1 or (capitals == 1 and word[-1].isupper() and len(letters) > 1))


def is_unspeakable(key: str) -> bool:
    """Whether what is written in small letters is an abbreviation all the same: no word can be spoken without vowels, and some
    are known.
    """
    if key in SPOKEN:
        return True
    return len(key) > 1 and not _VOWELS.search(key[:-1]) and is_telling(key)


def is_telling(key: str) -> bool:
    """Whether an abbreviation, found in a text whose capitals are not seen, is the abbreviation and no other word."""
    return key not in _ENGLISH and key not in QUESTION_WORDS


def is_common(word: str) -> bool:
    """Whether a word is a common abbreviation of a subject, which names no paper, method or data set: "LLMs", "qa"."""
    return any(key in KNOWN and key not in MEASURES for key in keys_of(word))


def is_class(word: str) -> bool:
    """Whether a word is an abbreviation of a kind of models that have names: "LLMs"."""
    return any(key in CLASSES for key in keys_of(word))


def spells_out(word: str, text: str) -> bool:
    """Whether a text has what a common abbreviation stands for.

    >>> spells_out("LLMs", "Language models invent references."), spells_out("ASR", "We synthesize speech.")
    (True, False)
    """
    plain = f" {' '.join(_PARTS.findall(text.lower()))}"
    return any(
        f" {' '.join(_PARTS.findall(way.lower()))}" in plain
        for key in keys_of(word)
        for meaning in KNOWN.get(key, ())
        for way in meaning
    )


def stands_for(key: str, parts: Sequence[str]) -> bool:
    """Whether an abbreviation can stand for words: its letters stand in them in order, the first of every word among them
    (little words may have none).

    >>> stands_for("rlhf", "reinforcement learning from human feedback".split()), stands_for("fid", "a model".split())
    (True, False)
    """
    if not parts or parts[0].lower() in _SMALL or parts[-1].lower() in _SMALL or len(parts) > 2 * len(key):
        return False
    return _matches(key, tuple(part.lower() for part in parts))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 2 and word[-1] == "s" and not word[-2].islower() else word


def _matches(letters: str, parts: tuple[str, ...]) -> bool:
    if not parts:
        return not letters
    first = parts[0]
    if first in _SMALL and _matches(letters, parts[1:]):
        return True
    if letters and _SOUNDS.get(letters[0]) == first:
        return _matches(letters[1:], parts[1:])
    if not letters or letters[0] != first[0]:
        return False
    # The first letter, then as many more of the word as are wanted.
    rest, at = letters[1:], 1
    while True:
        if _matches(rest, parts[1:]):
            return True
        if not rest or (at := first.find(rest[0], at) + 1) == 0:
            return False
        rest = rest[1:]


def _phrase_before(text: str, key: str) -> str | None:
    """The shortest run of words at the end of a text that an abbreviation can stand for."""
    words = _WORDS.findall(text)
    for n in range(1, min(len(words), len(key) + 4) + 1):
        phrase = " ".join(words[-n:])
        if stands_for(key, _PARTS.findall(phrase)) and len(phrase) > len(key) + 2:
            return phrase.lower()
    return None
