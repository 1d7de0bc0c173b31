"""What abbreviations of a question mean in a library, and which abbreviations its phrases have there.

The papers decide: of what they spell out ("differential privacy (DP)", kept in the keyword index) counts what most of them
mean; where none does, of the meanings that are known those that occur here. Nothing here walks the papers: a question costs a
few look-ups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.abbreviation_list import KNOWN, WRITTEN
from rag.abbreviations import is_telling, keys_of, short_key

if TYPE_CHECKING:
    from rag.keywords import KeywordIndex

Stems = tuple[str, ...]

_TOKEN = re.compile(r"[^\W_]+(?:(?<=\d)[.,](?=\d)[^\W_]+)*")
_MARK = "xqxq"
# Words without stems that part what stands around them; others stand in phrases ("mixture of experts").
_PARTING = frozenset(
    "a an the or but not no if is are was be it this that these they as at their there will such then".split()
)
_LONGEST = 7  # stems of a phrase that is looked up
_MOST = 6  # ways to say the same that are followed
_REMEMBERED = 64
_TIE = 2  # a meaning counts that has at least one in so many of the papers of the most frequent one


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A place of a text, its stems, and what says the same there: as stems (`others`) and in words (`written`).

    `is_short`: the place holds an abbreviation, and the others are phrases; else the other way round.
    """

    start: int
    end: int
    stems: Stems
    others: tuple[Stems, ...]
    written: tuple[str, ...]
    is_short: bool


def meanings(text: str, index: KeywordIndex) -> tuple[Meaning, ...]:
    """Abbreviations and abbreviated phrases of a text, in order, where the papers have their other forms."""
    remembered: dict[str, tuple[Meaning, ...]] = index.derived("meanings", dict)
    found = remembered.get(text)
    if found is None:
        found = tuple(sorted([*_of_shorts(text, index), *_of_phrases(text, index)], key=lambda one: one.start))
        if len(remembered) >= _REMEMBERED:
            remembered.clear()
        remembered[text] = found
    return found


def _of_shorts(text: str, index: KeywordIndex) -> Iterable[Meaning]:
    shouted = text.isupper()
    for match in _TOKEN.finditer(text):
        keys = keys_of(match[0].lower() if shouted else match[0])
        stems = tuple(index.stems(match[0])) if keys else ()
        for key in keys:
            senses = _senses(key, index)
            own = tuple(index.stems(key))
            others = [sense for sense, _ in senses if sense != stems]
            if own != stems and own and index.document_frequency(own[0]):
                others.append(own)  # "llms" in small letters
            if stems and others:
                yield Meaning(
                    start=match.start(),
                    end=match.end(),
                    stems=stems,
                    others=tuple(dict.fromkeys(others))[:_MOST],
                    written=tuple(written for _, written in senses),
                    is_short=True,
                )
                break


def _of_phrases(text: str, index: KeywordIndex) -> Iterable[Meaning]:
    stems: list[tuple[str, int, int]] = []
    for match in _TOKEN.finditer(text):
        stems += [(stem, *match.span()) for stem in index.stems(match[0])]
    at = 0
    while at + 1 < len(stems):
        found = _longest_phrase([stem for stem, *_ in stems[at : at + _LONGEST]], index)
        if found is None:
            at += 1
            continue
        n, shorts = found
        between = text[stems[at][1] : stems[at + n - 1][2]].lower()
        if not _PARTING.isdisjoint(_TOKEN.findall(between)):
            at += 1
            continue
        yield Meaning(
            start=stems[at][1],
            end=stems[at + n - 1][2],
            stems=tuple(stem for stem, *_ in stems[at : at + n]),
            others=tuple(dict.fromkeys((index.stems(short)[0],) for short in shorts))[:_MOST],
            written=tuple(shorts),
            is_short=False,
        )
        at += n


def _longest_phrase(stems: Sequence[str], index: KeywordIndex) -> tuple[int, list[str]] | None:
    """How many of the first stems make a phrase that is abbreviated here, and how."""
    start = " ".join(stems[:2])
    phrases: dict[Stems, set[str]] = {}
    for phrase, short in [*index.abbreviated(start), *_known_phrases(index).get(start, ())]:
        phrases.setdefault(tuple(phrase.split()), set()).add(short)
    for phrase in sorted(phrases, key=len, reverse=True):
        if tuple(stems[: len(phrase)]) != phrase:
            continue
        shorts = {
            key: short
            for short in sorted(phrases[phrase])
            if is_telling(key := short_key(short))
            and index.n_with_phrase(short)
            and len(index.stems(short)) == 1
            and any(sense == phrase for sense, _ in _senses(key, index))
        }
        if shorts:
            return len(phrase), list(shorts.values())
    return None


def _senses(key: str, index: KeywordIndex) -> list[tuple[Stems, str]]:
    """What an abbreviation means here, as stems and in words, the most usual first."""
    remembered: dict[str, list[tuple[Stems, str]]] = index.derived("senses", dict)
    if key not in remembered:
        remembered[key] = _senses_anew(key, index)
    return remembered[key]


def _senses_anew(key: str, index: KeywordIndex) -> list[tuple[Stems, str]]:
    spelt: dict[Stems, tuple[int, str]] = {}
    for phrase, n in sorted(index.spelt_out(key), key=lambda one: -one[1]):
        stems = tuple(index.stems(phrase))
        if stems:
            known = spelt.get(stems)
            spelt[stems] = (n + (known[0] if known else 0), known[1] if known else phrase)
    known_ways = [[(tuple(index.stems(way)), way) for way in meaning] for meaning in KNOWN.get(key, ())]
    meant: list[tuple[int, list[tuple[Stems, str]]]] = []
    for ways in known_ways:
        # The ways to say one thing stand together, those that papers spell out first.
        said = {stems for stems, _ in ways}
        n = sum(spelt[stems][0] for stems in said if stems in spelt)
        meant.append((n, ways))
    for stems, (n, phrase) in spelt.items():
        if not any(stems == other for ways in known_ways for other, _ in ways):
            meant.append((n, [(stems, phrase)]))
    if not spelt:
        meant = [(max((index.n_with_phrase(way) for _, way in ways), default=0), ways) for ways in known_ways]
    most = max((n for n, _ in meant), default=0)
    chosen = [ways for n, ways in sorted(meant, key=lambda one: -one[0]) if n and n * _TIE >= most]
    ways = [(stems, way) for ways in chosen for stems, way in ways if stems and index.n_with_phrase(way)]
    return [(stems, way) for i, (stems, way) in enumerate(ways) if all(stems != other for other, _ in ways[:i])]


def _known_phrases(index: KeywordIndex) -> dict[str, list[tuple[str, str]]]:
    """The known phrases, as stems, with their abbreviation, by their first two stems."""

    def make() -> dict[str, list[tuple[str, str]]]:
        ways = [(way, WRITTEN[key]) for key, senses in KNOWN.items() for meaning in senses for way in meaning]
        found: dict[str, list[tuple[str, str]]] = {}
        stems: list[str] = []
        shorts = iter(short for _, short in ways)
        # All at once, for speed: a mark that no way has stands behind each.
        for stem in index.stems(" ".join(f"{way} {_MARK}" for way, _ in ways)):
            if stem != _MARK:
                stems.append(stem)
                continue
            short = next(shorts)
            if len(stems) > 1:
                found.setdefault(" ".join(stems[:2]), []).append((" ".join(stems), short))
            stems = []
        return found

    return index.derived("known phrases", make)
