"""A sentence with several citations: what each of the cited papers carries of it.

All cited abstracts together must say the sentence. Then each paper must carry a part: the words before its marker where
markers stand within the sentence, the whole of it where the sentence speaks of "both" or joins the papers' names by "and",
and elsewhere something that the others do not already say, or all of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.citations import Marks, Part, numbers_of, words_of
from rag.schema import Paper
from rag.support import Similarity, Verdict, check, contradiction
from rag.supporting.match import coverage, read_evidence
from rag.supporting.text import Sentence, clean, name_key, sentence

# A paper of the prompt in a reason, until the answer's own markers for it are known.
FAULTY = re.compile(r"\[paper (\d+)\]")
_DATED = re.compile(
    r"\b(?:published|appeared|came out|(?:19|20)\d\d|january|february|march|april|may|june|july|august|september|october|"
    r"november|december)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\b(?:both|all (?:of them|papers|methods|three|two|these)|each of|the two (?:papers|methods)|neither)\b", re.I
)
_SHARED_PART = 0.4  # share of the words that a paper must have of what is said of it and of others
_OWN_PART = 0.3  # … and of the words before its own marker
_GAIN = 0.1  # share of the words that a paper adds to what the others say
_LONG_ENOUGH = 3  # content words before a marker that are a statement of their own


def cited_verdict(parts: Sequence[Part], papers: Mapping[int, Paper], similarity: Similarity | None = None) -> Verdict:
    """Whether the cited abstracts together say a sentence, and each of them its part.

    A reason names a paper that does not as `[paper 2]`, by its number in the prompt.
    """
    words, numbers = words_of(parts), numbers_of(parts)
    together = _check(words, numbers, papers, similarity)
    if len(numbers) < 2 or together.support == "unchecked":
        return together
    joined = _BOTH.search(words) is not None or _names_joined(words, numbers, papers)
    if together.support == "not_found":
        return together
    for said, group in _clauses(parts):
        for number in group:
            if (reason := _lacking(said, number, group, numbers, papers, similarity, joined=joined)) is not None:
                return Verdict(support="not_found", reason=f"[paper {number}] does not say this: {reason}")
    return together


def _check(
    words: str, numbers: Sequence[int], papers: Mapping[int, Paper], similarity: Similarity | None, context: str = ""
) -> Verdict:
    cited = [papers[number] for number in numbers]
    dated = _DATED.search(words) is not None
    titles = "\n".join([context, *(_context(paper, dated=dated) for paper in cited)]).strip()
    return check(words, [paper.abstract for paper in cited], similarity=similarity, context=titles)


def _context(paper: Paper, *, dated: bool) -> str:
    return f"{paper.title}. {paper.published:%B %Y}." if dated and paper.published else paper.title


def _clauses(parts: Sequence[Part]) -> list[tuple[str, tuple[int, ...]]]:
    """The words before each mark with the numbers in it; too few words go with the mark before them."""
    clauses: list[tuple[str, tuple[int, ...]]] = []
    text = ""
    for part in parts:
        if not isinstance(part, Marks):
            text += part
        elif part.numbers:
            content = [token for token in sentence(clean(text) or "-").tokens if token.weight > 0.2]
            if clauses and len(content) < _LONG_ENOUGH:
                clauses[-1] = (f"{clauses[-1][0]}{text}", tuple(dict.fromkeys(clauses[-1][1] + part.numbers)))
            else:
                clauses.append((text, part.numbers))
            text = ""
    if clauses and text.strip(" .,;:!?*_|"):
        clauses[-1] = (f"{clauses[-1][0]}{text}", clauses[-1][1])
    return clauses


def _lacking(
    said: str,
    number: int,
    group: Sequence[int],
    numbers: Sequence[int],
    papers: Mapping[int, Paper],
    similarity: Similarity | None,
    *,
    joined: bool,
) -> str | None:
    """Why a paper does not carry its part of a clause that `group` is cited for, or None when it does."""
    paper = papers[number]
    others = "\n".join(papers[other].title for other in numbers if other != number)
    alone = _check(said, [number], papers, similarity)
    if alone.support != "not_found":
        return None
    if joined and len(group) == len(numbers):
        plain = _without_names(said, others, paper)
        share = coverage(sentence(clean(plain)), _keys(paper))
        reason = contradiction(plain, paper.abstract, f"{paper.title}\n{others}")
        return reason or (None if share >= _SHARED_PART else "its abstract has little of the sentence")
    if len(group) == 1:
        share = coverage(sentence(clean(_without_names(said, others, paper))), _keys(paper))
        if share < _OWN_PART:
            return "its abstract has little of the words before this marker"
        reason = contradiction(said, paper.abstract, f"{paper.title}\n{others}")
        return reason if reason is not None and _is_own(said, paper, others) else None
    rest = frozenset[str]().union(*(_keys(papers[other]) for other in group if other != number))
    claim = sentence(clean(said))
    gain = coverage(claim, rest | _keys(paper)) - coverage(claim, rest)
    others_say = _check(said, [other for other in group if other != number], papers, similarity).support == "supported"
    if others_say and gain < _GAIN:
        return alone.reason
    return None


def _is_own(said: str, paper: Paper, others: str) -> bool:
    """Whether a clause names no other of the cited papers, so that its figures and names must be this paper's."""
    foreign = _names(sentence(clean(others))) - _names(sentence(clean(f"{paper.title}. {paper.abstract}")))
    return not any(token.key in foreign for token in sentence(clean(said)).tokens)


def _without_names(said: str, others: str, paper: Paper) -> str:
    """A clause without the names of the other papers and the "and" or "both" that joins them."""
    own = _names(sentence(clean(f"{paper.title}. {paper.abstract}")))
    foreign = {key for key in _names(sentence(clean(others))) if key not in own}
    kept = [word for word in said.split() if name_key(word.strip(" ,.;:()*")) not in foreign]
    return re.sub(r"\b(?:and|both|Both)\b\s?|^\W+", "", " ".join(kept), count=2)


def _names_joined(words: str, numbers: Sequence[int], papers: Mapping[int, Paper]) -> bool:
    """Whether the sentence begins with the names of several cited papers, joined by "and"."""
    leads = [papers[number].title.split(":")[0].strip() for number in numbers]
    alternatives = "|".join(re.escape(lead) for lead in leads if 1 < len(lead) < 40)
    joined = (
        re.search(rf"(?:{alternatives})(?:,\s|,?\s(?:and|as well as)\s)(?:{alternatives})\b", words)
        if alternatives
        else None
    )
    return joined is not None


def _names(said: Sentence) -> frozenset[str]:
    return frozenset(token.key for token in said.tokens if token.kind == "name" and token.strong)


def _keys(paper: Paper) -> frozenset[str]:
    return read_evidence((paper.abstract,), paper.title).keys
