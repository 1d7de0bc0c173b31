"""Whether an abstract says that its code is there to be had, and the sentence that says so. Pure."""

from __future__ import annotations

import re

from rag.sentences import sentence_spans

_ANY = re.compile(r"\bcodes?\b|github|gitlab|bitbucket|codeberg", re.IGNORECASE)
_HOST = r"(?:https?://)?(?:www\.)?(?:github|gitlab|bitbucket|codeberg)\.(?:com|org|io)/\S+"
# "code" by itself, not the first half of "code generation" or "code models"
_CODE = (
    r"(?:\b(?:source[- ])?codes?\b(?!-|\s+(?:generation|(?:large )?language|models?|L?LMs?"
    r"|completion|search|review|refactoring|reasoning"
    r"|optimi[sz]ation|tasks?|snippets?|understanding|editing|agents?|repair|quality|changes?)\b)|\bimplementations?\b)"
)
_OUT = (
    r"(?:available|releas\w*|open[- ]?sourc\w*|public(?:ly)?|accessible|can be found|(?:is|are) at|provided|published"
    r"|shared|https?:|github)"
)
_GIVES = (
    r"\b(?:releas\w*|open[- ]?sourc\w*|publish\w*|shar(?:e|es|ed|ing)|mak(?:e|es|ing) (?:public|available)"
    r"|provid\w* (?:our|the|all|source|open)|made)\b"
)
_SAYS = re.compile(rf"{_HOST}|{_CODE}[^.;]{{0,90}}\b{_OUT}|{_GIVES}[^.;]{{0,70}}{_CODE}", re.IGNORECASE)
_DENIES = re.compile(
    rf"\bno (?:source )?code\b|\b(?:not|never|cannot|can't|won't|n't)\b[^.;]{{0,40}}\b{_OUT}|\bwithout (?:releasing|code)\b"
    rf"|\bunable to (?:release|share)|\b(?:not|never|cannot|n't)\b[^.;]{{0,20}}{_GIVES}",
    re.IGNORECASE,
)


def code_sentence(abstract: str) -> tuple[int, int] | None:
    """The sentence of an abstract that says whether its code is released, `abstract[start:end]`.

    >>> code_sentence("We fold nets. Code is available at https://github.com/a/b.")
    (14, 58)
    """
    if not _ANY.search(abstract):
        return None
    spans = sentence_spans(abstract)
    found = [(start, end) for start, end in spans if _tells(abstract[start:end])]
    return found[-1] if found else None


def says_code(abstract: str) -> bool:
    """Whether an abstract says that its code is released, or will be."""
    span = code_sentence(abstract)
    return span is not None and not _DENIES.search(abstract[span[0] : span[1]])


def _tells(sentence: str) -> bool:
    return _ANY.search(sentence) is not None and (
        _SAYS.search(sentence) is not None or re.search(r"\bno (?:source )?code\b", sentence, re.IGNORECASE) is not None
    )
