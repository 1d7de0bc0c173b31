"""Other spellings and names of a topic: "quantisation" for "quantization", "MoE" for "mixture of experts".

Spellings follow rules (British and American English, with and without a hyphen) and count only where a paper has them. An
acronym and what it stands for are taken from the papers: one must write "mixture of experts (MoE)".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from rag.library import Library
from rag.question.names import content_stems
from rag.schema import Filters

_MOST_VARIANTS = 4  # other names of one topic
_MOST_READ = 300  # papers that are read for what an acronym stands for
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"(?<=\w\w)is(?=(?:e[drs]?|ers|ing|ations?|ational|able)$)", "iz"),
    (r"(?<=\w\w)iz(?=(?:e[drs]?|ers|ing|ations?|ational|able)$)", "is"),
    (r"(?<=\w)ys(?=(?:e[drs]?|ers|ing)$)", "yz"),
    (r"(?<=\w)yz(?=(?:e[drs]?|ers|ing)$)", "ys"),
    (r"(?<=\w\w)our(?=(?:s|al|ed|ing|able|ful)?$)", "or"),
    (r"(?<=\w\w)or(?=(?:s|al|ed|ing|able|ful)?$)", "our"),
    (r"(?<=\w{3}[aeiou])ll(?=(?:ing|ed|ers?)$)", "l"),
    (r"(?<=\w{3}[aeiou])l(?=(?:ing|ed|ers?)$)", "ll"),
    (r"(?<=\w[bt])re(?=s?$)", "er"),
    (r"(?<=\w[bt])er(?=s?$)", "re"),
    (r"(?<=\w)ogue(?=s?$)", "og"),
    (r"(?<=\w)og(?=s?$)", "ogue"),
    (r"(?<=fen)c(?=e)", "s"),
    (r"(?<=fen)s(?=e)", "c"),
)
_RULES = tuple((re.compile(pattern, re.IGNORECASE), other) for pattern, other in _SPELLINGS)
_ACRONYM = re.compile(r"[A-Za-z][A-Za-z0-9-]*[A-Z][A-Za-z0-9-]*|[A-Z]{2,}s?")


def other_names(topic: str, library: Library) -> tuple[str, ...]:
    """Other spellings of a topic, and its acronym or what it stands for, that occur in papers here."""
    words = topic.split()
    own = tuple(content_stems(topic, library))
    if not own or len(words) > 6:
        return ()
    choices = [[word, *_spelt_otherwise(word, library), *_stands_for(word, library)] for word in words]
    found = [" ".join(one) for one in product(*(choice[:3] for choice in choices))][1:] if len(words) <= 4 else []
    found += _shortened(topic, own, library)
    seen = {own}
    names = []
    for name in found:
        stems = tuple(content_stems(name, library))
        if stems and stems not in seen:
            seen.add(stems)
            names.append(name)
    return tuple(names[:_MOST_VARIANTS])


def _spelt_otherwise(word: str, library: Library) -> list[str]:
    """Other spellings of a word that a paper has."""
    if len(word) < 5:
        return []
    forms = [pattern.sub(other, word) for pattern, other in _RULES if pattern.search(word)]
    if "-" in word.strip("-"):
        forms.append(word.replace("-", ""))
    own = library.keywords.stems(word)
    return [
        form
        for form in dict.fromkeys(forms)
        if (stems := library.keywords.stems(form))
        and stems != own
        and all(map(library.keywords.document_frequency, stems))
    ]


def _stands_for(word: str, library: Library) -> list[str]:
    """What most papers that spell an acronym out say that it stands for."""
    if not _ACRONYM.fullmatch(word):
        return []
    short = word.rstrip("s") if word[:-1].isupper() else word
    said: Counter[tuple[str, ...]] = Counter()
    words: dict[tuple[str, ...], str] = {}
    for text in _texts([tuple(library.keywords.stems(word))], library):
        for phrase in _spelt_out(text, short):
            stems = tuple(content_stems(phrase, library))
            said[stems] += 1
            words.setdefault(stems, phrase)
    best = said.most_common(1)
    return [words[best[0][0]]] if best and best[0][1] * 2 >= sum(said.values()) else []


def _shortened(topic: str, own: Sequence[str], library: Library) -> list[str]:
    """The acronym that papers give for a topic of several words."""
    if len(own) < 2:
        return []
    said: Counter[str] = Counter()
    for text in _texts([tuple(own)], library):
        for match in re.finditer(r"\(\s*([A-Za-z][\w-]*[A-Z][\w-]*)\s*\)", text):
            short = match[1].rstrip("s") if match[1][:-1].isupper() else match[1]
            for phrase in _spelt_out(text, short):
                if tuple(content_stems(phrase, library)) == tuple(own):
                    said[short] += 1
    return [short for short, _ in said.most_common(1)]


def _spelt_out(text: str, short: str) -> Iterator[str]:
    """The words before "(SHORT)", or in brackets after it, whose initials are its letters.

    >>> list(_spelt_out("a sparse mixture of experts (MoE) layer", "MoE"))
    ['mixture of experts']
    """
    letters = re.sub(r"[^a-z]", "", short.lower())
    for match in re.finditer(rf"\(\s*{re.escape(short)}s?\s*\)", text):
        words = re.findall(r"[\w'-]+", text[max(0, match.start() - 120) : match.start()])
        for n in range(1, min(len(words), len(letters) + 3) + 1):
            phrase = words[-n:]
            parts = [part for word in phrase for part in word.split("-") if part]
            if _initials(parts, letters):
                yield " ".join(phrase)
                break
    for match in re.finditer(rf"(?<!\w){re.escape(short)}s?\s*\(\s*([A-Za-z][\w' -]{{3,80}}?)\s*\)", text):
        if _initials([part for part in re.split(r"[\s-]+", match[1]) if part], letters):
            yield match[1]


def _initials(parts: Sequence[str], letters: str) -> bool:
    """Whether words begin with the letters, one each; little words ("of") may have none."""
    if not parts or not letters or parts[0][0].lower() != letters[0]:
        return False
    own = "".join(part[0].lower() for part in parts)
    without = "".join(
        part[0].lower() for part in parts if part.lower() not in ("of", "the", "and", "for", "in", "with", "to", "a")
    )
    return letters in (own, without)


def _texts(groups: Sequence[Sequence[str]], library: Library) -> Iterator[str]:
    ids = library.keywords.matching(Filters(), _MOST_READ, groups=groups) if groups and groups[0] else []
    for paper in library.get_many(ids).values():
        yield f"{paper.title}\n{paper.abstract}"
