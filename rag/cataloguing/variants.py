"""Other spellings and names of a topic: "quantisation" for "quantization", "MoE" for "mixture of experts".

Spellings follow rules (British and American English, with and without a hyphen) and count only where a paper has them. An
acronym and what it stands for are those that the papers have (`rag.abbreviation_meanings`).
"""

from __future__ import annotations

import re
from itertools import product

from rag.abbreviation_meanings import meanings
from rag.library import Library
from rag.question.names import content_stems

_MOST_VARIANTS = 4  # other names of one topic
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


def other_names(topic: str, library: Library) -> tuple[str, ...]:
    """Other spellings of a topic, and its acronym or what it stands for, that occur in papers here."""
    words = topic.split()
    own = tuple(content_stems(topic, library))
    if not own or len(words) > 6:
        return ()
    choices = [[word, *_spelt_otherwise(word, library), *_stands_for(word, library)] for word in words]
    found = [" ".join(one) for one in product(*(choice[:3] for choice in choices))][1:] if len(words) <= 4 else []
    found += _shortened(topic, library)
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
    """What an acronym stands for here."""
    return [
        one.written[0]
        for one in meanings(word, library.keywords)
        if one.is_short and one.written and (one.start, one.end) == (0, len(word))
    ]


def _shortened(topic: str, library: Library) -> list[str]:
    """The topic with the acronym that papers have for words of it."""
    return [
        f"{topic[: one.start]}{short}{topic[one.end :]}"
        for one in meanings(topic, library.keywords)
        if not one.is_short
        for short in one.written
    ]
