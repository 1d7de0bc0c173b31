"""Slips of spelling in a question: names of papers ("OpenELLM"), and words that the library spells otherwise
("quantizaton", "Graden checkpointing").

Only a word that occurs nowhere in the library is mended. A word is taken for another when one letter is missing, doubled, too
many or changed places in seven letters or more, or when the library has the other beside the word's neighbour (then two
letters may be missing in six). What was mended is said, but for "-ise" and "-our".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.library import Library
from rag.question_names import Named, Shelf
from rag.question_naming import edit_distance, looks_named

_WORD = re.compile(r"[A-Za-z]{5,30}")
_NEIGHBOUR = re.compile(r"[A-Za-z]{3,30}")
_LONG, _LONG_ENOUGH_BESIDE = 7, 6
_MOST_READ = 2_000  # papers of which the abstracts are read for their words, too
_FEWEST = 2  # papers that must have the word that is meant, when nothing beside it tells


def mended(text: str, shelf: Shelf, library: Library) -> tuple[str, list[str]]:
    """The text with its slips mended, and a note on each."""
    names = shelf.find(text, library)
    slips = shelf.misspelt(text, library, names)
    changes = []
    for slip in slips:
        if slip.meant is not None:  # a subject in lower case stays one: "federted learning"
            plain = slip.words.islower() and " " in slip.words
            changes.append((slip.start, slip.end, slip.words, slip.meant.lower() if plain else slip.meant))
    for name in names:  # "SampleFactory" for "Sample Factory": the same name, but no word of the library
        unknown = any(not library.keywords.document_frequency(stem) for stem in library.keywords.stems(name.words))
        if unknown and (form := shelf.form(name.words)) is not None and form.casefold() != name.words.casefold():
            changes.append((name.start, name.end, name.words, form))
    taken = [*names, *slips]
    changes += [(at.start(), at.end(), at[0], meant) for at, meant in _words(text, shelf, library, taken)]
    notes = [
        f"“{words}” was read as “{meant}”" for _, _, words, meant in sorted(changes) if not _same_word(words, meant)
    ]
    for start, end, _, meant in sorted(changes, reverse=True):
        text = f"{text[:start]}{meant}{text[end:]}"
    return text, notes


def _words(text: str, shelf: Shelf, library: Library, taken: Sequence[Named]) -> list[tuple[re.Match[str], str]]:
    index = library.keywords
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        if any(name.start < match.end() and match.start() < name.end for name in taken) or looks_named(word):
            continue
        if text[match.start() - 1 : match.start()] in ("-", "/", ".") or text[match.end() : match.end() + 1] in (
            "-",
            "/",
            "_",
        ):
            continue
        stems = index.stems(word)
        if len(stems) != 1 or index.document_frequency(stems[0]):
            continue
        if (meant := _meant(match, text, shelf, library)) is not None:
            found.append((match, meant))
    return found


def _meant(match: re.Match[str], text: str, shelf: Shelf, library: Library) -> str | None:
    word = match[0].lower()
    before = _NEIGHBOUR.findall(text[: match.start()])[-1:]
    after = _NEIGHBOUR.findall(text[match.end() :])[:1]
    best: tuple[int, int, str] | None = None
    for known, n in _known_words(shelf, library).get(word[0], {}).items():
        distance = edit_distance(word, known, 2)
        if distance > 2 or not _is_slip(word, known):
            continue
        alone = distance == 1 and len(word) >= _LONG and n >= _FEWEST and not match[0][0].isupper()
        near = distance == 1 or len(word) >= _LONG_ENOUGH_BESIDE
        if not alone and not (near and _stand_together(known, before, after, library)):
            continue
        if best is None or (distance, -n) < best[:2]:
            best = (distance, -n, known)
    return best[2] if best else None


def _is_slip(word: str, known: str) -> bool:
    """Letters missing, too many or swapped; another letter in their place makes another word, but for "-ise" and "-ize"."""
    if len(word) == len(known):
        return sorted(word) == sorted(known) or word.replace("s", "z") == known.replace("s", "z")
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    letters = iter(longer)
    return all(letter in letters for letter in shorter)


def _same_word(word: str, known: str) -> bool:
    """Two spellings of one word, neither of them a slip."""
    return word.lower().replace("s", "z").replace("our", "or") == known.lower().replace("s", "z").replace("our", "or")


def _stand_together(known: str, before: Sequence[str], after: Sequence[str], library: Library) -> bool:
    index = library.keywords
    pairs = [f"{one} {known}" for one in before] + [f"{known} {one}" for one in after]
    return any(len(index.stems(pair)) == 2 and index.n_with_phrase(pair) > 0 for pair in pairs)


def _known_words(shelf: Shelf, library: Library) -> dict[str, dict[str, int]]:
    """How many papers have each word in their title, or in a library that is not large in their abstract; by first letter."""

    def make() -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        small = len(shelf.titles) <= _MOST_READ
        texts = (f"{paper.title} {paper.abstract}" for paper in library.papers()) if small else iter(shelf.titles)
        for text in texts:
            for word in {found.lower() for found in _WORD.findall(text)}:
                letter = counts.setdefault(word[0], {})
                letter[word] = letter.get(word, 0) + 1
        return counts

    return library.keywords.derived("known words", make)
