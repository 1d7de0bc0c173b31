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
from rag.question.names import Named, Shelf
from rag.question.naming import edit_distance, looks_named

_WORD = re.compile(r"[A-Za-z]{5,30}")
_DOUBLED = re.compile(r"(.)\1+")
_NEIGHBOUR = re.compile(r"[A-Za-z]{3,30}")
_LONG, _LONG_ENOUGH_BESIDE = 7, 6
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
    changes += [(at.start(), at.end(), at[0], meant) for at, meant in _words(text, library, taken)]
    notes = [
        f"“{words}” was read as “{meant}”" for _, _, words, meant in sorted(changes) if not _same_word(words, meant)
    ]
    for start, end, _, meant in sorted(changes, reverse=True):
        text = f"{text[:start]}{meant}{text[end:]}"
    return text, notes


def _words(text: str, library: Library, taken: Sequence[Named]) -> list[tuple[re.Match[str], str]]:
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
        if (meant := _meant(match, text, library)) is not None:
            found.append((match, meant))
    return found


def _meant(match: re.Match[str], text: str, library: Library) -> str | None:
    word = match[0].lower()
    before = _NEIGHBOUR.findall(text[: match.start()])[-1:]
    after = _NEIGHBOUR.findall(text[match.end() :])[:1]
    best: tuple[int, int, str] | None = None
    for known, n in library.keywords.words_from(word[0]).items():
        if abs(len(known) - len(word)) > 2 or not _is_slip(word, known):
            continue
        distance = 1 if _doubled_otherwise(word, known) else edit_distance(word, known, 2)
        if distance > 2 or (best is not None and (distance, -n) >= best[:2]):
            continue
        alone = distance == 1 and len(word) >= _LONG and not match[0][0].isupper()
        near = distance == 1 or len(word) >= _LONG_ENOUGH_BESIDE
        n_having = library.keywords.n_with_word(known)  # the list may still count papers that were taken out
        if n_having and ((alone and n_having >= _FEWEST) or (near and _stand_together(known, before, after, library))):
            best = (distance, -n, known)
    return best[2] if best else None


def _is_slip(word: str, known: str) -> bool:
    """Letters missing, too many or swapped; another letter in their place makes another word, but for "-ise" and "-ize"."""
    if _doubled_otherwise(word, known):
        return True
    if len(word) == len(known):
        return sorted(word) == sorted(known) or word.replace("s", "z") == known.replace("s", "z")
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    letters = iter(longer)
    return all(letter in letters for letter in shorter)


def _doubled_otherwise(word: str, known: str) -> bool:
    """The same letters, but others are doubled: "difussion" and "diffusion"."""
    return _DOUBLED.sub(r"\1", word) == _DOUBLED.sub(r"\1", known)


def _same_word(word: str, known: str) -> bool:
    """Two spellings of one word, neither of them a slip."""
    return word.lower().replace("s", "z").replace("our", "or") == known.lower().replace("s", "z").replace("our", "or")


def _stand_together(known: str, before: Sequence[str], after: Sequence[str], library: Library) -> bool:
    index = library.keywords
    pairs = [f"{one} {known}" for one in before] + [f"{known} {one}" for one in after]
    return any(len(index.stems(pair)) == 2 and index.n_with_phrase(pair) > 0 for pair in pairs)
