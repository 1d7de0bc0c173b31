"""Do the citations hold? ALCE's citation recall and precision, and what can be checked to the letter.

Source of `citation_recall` and `citation_precision`: Gao, Yen, Yu and Chen, "Enabling large language models to generate
text with citations", 2023 (ALCE), section 4. Its script is departed from where it contradicts its paper:

- marker 0 (or any that names nothing) never supports: the script takes `[0]` for the last document;
- a marker behind a full stop belongs to the sentence that it closes, not to the next one;
- a marker that names nothing counts against precision: the script leaves its whole sentence out of the denominator;
- an answer that makes claims and cites nothing has recall 0 and no precision (there is nothing to be precise about), an
  answer that abstains has neither; the script gives both 0 and forgets empty answers;
- a marker repeated in one sentence is one citation, and all citations are looked at, not the first three.

Whether a text supports a claim is for the judge to say: `rag.support.check`, unless another is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.claims import CitedClaim, claims_of, markers_in
from evals.schema import Outcome, Question
from rag.schema import Answer

if TYPE_CHECKING:
    from rag.support import Verdict

_CUT = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedText:
    """What a marker points at: the quotes under it, joined by lines, and the title of their paper."""

    title: str
    text: str


# Whether the cited texts, taken together, say what the claim says.
Judge = Callable[[str, Sequence[CitedText]], bool]


def support_judge(claim: str, cited: Sequence[CitedText]) -> bool:
    """The deterministic judge, `rag.support.check`; what it leaves unchecked is no support."""
    return support_verdict(claim, cited).support == "supported"


def support_verdict(claim: str, cited: Sequence[CitedText]) -> Verdict:
    """The same with its third value, `unchecked`, and its reason."""
    from rag.support import check

    titles = "\n".join(dict.fromkeys(part.title for part in cited))
    return check(claim, [part.text for part in cited], context=titles)


def citation_recall(answer: Answer, judge: Judge) -> Outcome:
    """Claims that are supported by all that they cite together, over all claims. In [0, 1].

    Formula: |{claim: it cites, every marker resolves, judge(claim, all its cited texts)}| / |claims|.
    """
    claims, why = _claims(answer)
    if not claims:
        return Outcome(value=None, reason=why)
    texts = cited_texts(answer)
    failed = [(claim, reason) for claim in claims if (reason := _why_unsupported(claim, texts, judge))]
    n = len(claims)
    lost = "".join(f"; “{_cut(claim.text)}”: {reason}" for claim, reason in failed)
    return Outcome(value=(n - len(failed)) / n, reason=f"{n - len(failed)} of {n} claims are supported{lost}")


def citation_precision(answer: Answer, judge: Judge) -> Outcome:
    """Citations that are needed, over all citations. In [0, 1].

    A citation is needed when its claim is supported (as for recall) and it either supports the claim alone or the
    others do not support it without it. Formula: |needed| / |(claim, marker) pairs|.
    """
    claims, why = _claims(answer)
    if not claims:
        return Outcome(value=None, reason=why)
    n = sum(len(claim.markers) for claim in claims)
    if n == 0:
        return Outcome(value=None, reason="the answer cites nothing, which is counted by citation_recall")
    texts = cited_texts(answer)
    lost: list[str] = []
    for claim in claims:
        if reason := _why_unsupported(claim, texts, judge):
            lost.extend(f"[{marker}] at “{_cut(claim.text)}”: {reason}" for marker in claim.markers)
        elif len(claim.markers) > 1:
            lost.extend(
                f"[{marker}] at “{_cut(claim.text)}”: not needed"
                for marker in claim.markers
                if _is_superfluous(marker, claim, texts, judge)
            )
    return Outcome(value=(n - len(lost)) / n, reason="; ".join([f"{n - len(lost)} of {n} citations are needed", *lost]))


def citation_validity(answer: Answer) -> Outcome:
    """Markers that resolve to a citation, over all different markers. In [0, 1].

    Markers are those of the claims, those that the answer reports as unknown, and those in its text; a bracketed number
    in the text that is part of a cited quote is the paper's own.
    """
    texts = cited_texts(answer)
    quotes = " ".join(citation.quote for citation in answer.citations)
    in_text = {str(marker) for marker in markers_in(answer.text, outside=quotes)}
    in_claims = {str(marker) for claim in answer.claims for marker in claim.citations}
    markers = in_text | in_claims | {marker.strip("[] ") for marker in answer.unknown_markers}
    unresolved = sorted(marker for marker in markers if not (marker.isdecimal() and int(marker) in texts))
    n = len(markers)
    if not n:
        return Outcome(value=None, reason="the answer has no markers")
    lost = f"; not: {', '.join(f'[{marker}]' for marker in unresolved)}" if unresolved else ""
    return Outcome(value=(n - len(unresolved)) / n, reason=f"{n - len(unresolved)} of {n} markers resolve{lost}")


def gold_paper_precision(question: Question, answer: Answer) -> Outcome:
    """Relevant papers among those cited, over all cited. In [0, 1]; does not apply where nothing is cited."""
    cited = _cited_papers(answer)
    if not cited:
        return Outcome(value=None, reason="the answer cites no paper")
    wrong = [title for paper_id, title in cited.items() if not {paper_id, title} & question.relevant_papers]
    lost = "; not relevant: " + ", ".join(f"“{title}”" for title in wrong) if wrong else ""
    n = len(cited)
    return Outcome(value=(n - len(wrong)) / n, reason=f"{n - len(wrong)} of {n} papers cited are relevant{lost}")


def gold_paper_recall(question: Question, answer: Answer) -> Outcome:
    """Relevant papers that are cited, over all relevant ones. In [0, 1]; 0 for an answer that cites nothing."""
    cited = _cited_papers(answer)
    names = set(cited) | set(cited.values())
    missing = sorted(question.relevant_papers - names)
    n = len(question.relevant_papers)
    lost = "; not: " + ", ".join(f"“{paper}”" for paper in missing) if missing else ""
    return Outcome(value=(n - len(missing)) / n, reason=f"{n - len(missing)} of {n} relevant papers are cited{lost}")


def quote_fidelity(answer: Answer, abstracts: Mapping[str, str]) -> Outcome:
    """Quotes that are the slice of the abstract that they say they are, over all quotes. In [0, 1].

    Formula: |{citation: abstract[start:end] == quote}| / |citations with a quote|. A citation without words (of a paper
    that was counted or listed) is no quote.
    """
    quoted = [citation for citation in answer.citations if citation.quote]
    n = len(quoted)
    if not n:
        return Outcome(value=None, reason="the answer quotes nothing")
    unknown = sorted({citation.paper_id for citation in quoted} - set(abstracts))
    if unknown:
        return Outcome(value=None, reason=f"the abstract of {unknown[0]!r} is not kept with the run")
    wrong = [
        f"[{citation.marker}]"
        for citation in quoted
        if abstracts[citation.paper_id][citation.start : citation.end] != citation.quote
    ]
    lost = f"; not: {', '.join(wrong)}" if wrong else ""
    return Outcome(value=(n - len(wrong)) / n, reason=f"{n - len(wrong)} of {n} quotes are true slices{lost}")


def cited_texts(answer: Answer) -> dict[int, CitedText]:
    """What each marker points at. Markers count from 1: a citation numbered 0 is none."""
    texts: dict[int, CitedText] = {}
    for citation in answer.citations:
        if citation.marker >= 1:
            before = texts.get(citation.marker)
            text = f"{before.text}\n{citation.quote}" if before else citation.quote
            texts[citation.marker] = CitedText(title=before.title if before else citation.title, text=text)
    return texts


def _claims(answer: Answer) -> tuple[tuple[CitedClaim, ...], str]:
    if answer.abstained:
        return (), "the answer abstains"
    return claims_of(answer), "the answer makes no claim that a text could bear out"


def _why_unsupported(claim: CitedClaim, texts: Mapping[int, CitedText], judge: Judge) -> str:
    if not claim.markers:
        return "cites nothing"
    unresolved = [marker for marker in claim.markers if marker not in texts]
    if unresolved:
        return f"[{unresolved[0]}] names nothing"
    return "" if judge(claim.text, [texts[marker] for marker in claim.markers]) else "not in what it cites"


def _is_superfluous(marker: int, claim: CitedClaim, texts: Mapping[int, CitedText], judge: Judge) -> bool:
    if judge(claim.text, [texts[marker]]):
        return False
    return judge(claim.text, [texts[other] for other in claim.markers if other != marker])


def _cited_papers(answer: Answer) -> dict[str, str]:
    """Title by id of the papers cited, in order."""
    return {citation.paper_id: citation.title for citation in answer.citations}


def _cut(text: str) -> str:
    return text if len(text) <= _CUT else text[: _CUT - 1].rstrip() + "…"
