"""Is the answer right, short, and silent when it should be? Pure functions of one question and its answer.

Text is compared as the question format says: an alternative stands in an answer when it is a substring of its text,
with case, white space and thousands separators ignored; the answer's own citation markers ("[1]") are no part of its
text.

A measure is only asked where it applies (see `evals/measures.py`), and never about an answer that is missing.
"""

from __future__ import annotations

import re

from evals.claims import plain_text
from evals.schema import Outcome, Question
from rag.premise.lexicon import BEGINS, OF_RECORD
from rag.schema import Answer

_THOUSANDS = re.compile(r"(?<=\d)[,'’\u2009\u202f](?=\d{3}(?!\d))")


def fold(text: str) -> str:
    """Text as it is compared.

    >>> fold("Trained on 1,200,000  Tokens")
    'trained on 1200000 tokens'
    """
    return " ".join(_THOUSANDS.sub("", text).casefold().split())


def stated(alternatives: tuple[str, ...], text: str) -> bool:
    """Whether one of the alternatives stands in a text that is folded already."""
    return any(fold(alternative) in text for alternative in alternatives)


def facts_stated(question: Question, answer: Answer) -> Outcome:
    """Groups of facts that the answer states, over all groups. In [0, 1].

    Formula: |{group: an alternative stands in the text}| / |groups|. Source: string recall as in ALCE's `str_em` (Gao
    et al., 2023) after Stelmakh et al., "ASQA", 2022.
    """
    text = fold(plain_text(answer))
    missing = [group for group in question.facts if not stated(group, text)]
    n = len(question.facts)
    lost = "; not: " + ", ".join(f"“{group[0]}”" for group in missing) if missing else ""
    return Outcome(value=(n - len(missing)) / n, reason=f"states {n - len(missing)} of {n} facts{lost}")


def facts_all(question: Question, answer: Answer) -> Outcome:
    """1 when every group of facts is stated, else 0. Source: ALCE's `str_hit`."""
    share = facts_stated(question, answer)
    return Outcome(value=float(share.value == 1.0), reason=share.reason)


def forbidden_absent(question: Question, answer: Answer) -> Outcome:
    """1 when no forbidden string stands in the text, else 0."""
    found = said_forbidden(question, answer)
    return Outcome(value=float(not found), reason=f"says {_listed(found)}" if found else "says nothing forbidden")


def premise_corrected(question: Question, answer: Answer) -> Outcome:
    """Of questions that take something false for granted: 1 when every fact that corrects it is stated, the answer begins with
    the line that says so, and its first citation states one of the facts, else 0.

    Where the line says what the paper's record has (its date, organisation, authors), the line itself may state it. An answer by
    a model has no such line; its first cited sentence has to state one of the facts.
    """
    if answer.abstained:
        return Outcome(value=0.0, reason=_silence(answer))
    share = facts_stated(question, answer)
    if share.value != 1.0:
        return Outcome(value=0.0, reason=share.reason)
    if not (answer.mode == "generation" or begins_with_correction(answer)):
        return Outcome(value=0.0, reason="does not begin with a line of correction")
    cited = {citation.marker: citation for citation in answer.citations}
    first = next((claim for claim in answer.claims if claim.citations), None)
    said = "" if first is None else first.text if answer.mode == "generation" else cited[first.citations[0]].quote
    line = answer.text.split("\n", 1)[0]
    if OF_RECORD in line:
        said = f"{line} {said}"
    right = any(stated(group, fold(said)) for group in question.facts)
    return Outcome(
        value=float(right),
        reason=f"{'corrects' if right else 'what corrects'} {'first' if right else 'does not come first'}",
    )


def true_premise_corrected(question: Question, answer: Answer) -> Outcome:
    """Of answerable questions that take nothing false for granted: 1 when the answer begins with a line of correction, else 0.
    Lower is better.
    """
    found = begins_with_correction(answer)
    return Outcome(value=float(found), reason="begins with a line of correction" if found else "corrects nothing")


def begins_with_correction(answer: Answer) -> bool:
    """Whether an answer says first that the question takes something for granted (`rag.premises`)."""
    line = answer.text.split("\n", 1)[0]
    return line.startswith(BEGINS) and " for granted" in line


def words(question: Question, answer: Answer) -> Outcome:
    """Length: words between white space, markers not counted. At least 0; neither more nor less is better by itself."""
    n = len(plain_text(answer).split())
    return Outcome(value=float(n), reason=f"{n} words")


def unanswerable_refused(question: Question, answer: Answer) -> Outcome:
    """Of questions that cannot be answered from the papers: 1 when the answer abstains, else 0."""
    return Outcome(value=float(answer.abstained), reason=_silence(answer))


def answerable_refused(question: Question, answer: Answer) -> Outcome:
    """Of questions that can be answered: 1 when the answer abstains, else 0. Lower is better. LitQA2's refusal rate."""
    return Outcome(value=float(answer.abstained), reason=_silence(answer))


def answer_accuracy(question: Question, answer: Answer) -> Outcome:
    """Right answers over all questions: 1 when the answer does not abstain, states every fact and nothing forbidden.

    Source: LitQA2 (Skarlinski et al., "Language agents achieve superhuman synthesis of scientific knowledge", 2024),
    which reports accuracy, precision and refusals side by side because each alone can be had for nothing. Applies, as
    there, to answerable questions with a known answer.
    """
    if answer.abstained:
        return Outcome(value=0.0, reason=_silence(answer))
    if found := said_forbidden(question, answer):
        return Outcome(value=0.0, reason=f"says {_listed(found)}")
    return facts_all(question, answer)


def answer_precision(question: Question, answer: Answer) -> Outcome:
    """Right answers over answers given: as `answer_accuracy`, with refusals left out instead of counted wrong.

    Source: LitQA2, as above.
    """
    if answer.abstained:
        return Outcome(value=None, reason=f"{_silence(answer)}: no answer was given")
    return answer_accuracy(question, answer)


def quality(question: Question, answer: Answer) -> Outcome:
    """One figure a question, to sort and plot by. In [0, 1].

    Not answerable: 1 when the answer abstains. Answerable: 0 when it abstains or says something forbidden; else the
    share of facts stated; where no facts are known, the share of relevant papers that it cites. This is a convention
    of this project; the other measures say what is behind it.
    """
    if not question.answerable:
        return unanswerable_refused(question, answer)
    if answer.abstained:
        return Outcome(value=0.0, reason=_silence(answer))
    if found := said_forbidden(question, answer):
        return Outcome(value=0.0, reason=f"says {_listed(found)}")
    if question.facts:
        return facts_stated(question, answer)
    if question.relevant_papers:
        from evals.citations import gold_paper_recall

        return gold_paper_recall(question, answer)
    return Outcome(value=None, reason="neither facts nor relevant papers are known")


def prompt_tokens(question: Question, answer: Answer) -> Outcome:
    """Tokens sent to a language model; 0 without one."""
    return Outcome(value=float(answer.usage.prompt_tokens), reason=f"{answer.usage.prompt_tokens} tokens")


def completion_tokens(question: Question, answer: Answer) -> Outcome:
    """Tokens written by a language model; 0 without one."""
    return Outcome(value=float(answer.usage.completion_tokens), reason=f"{answer.usage.completion_tokens} tokens")


def cost_usd(question: Question, answer: Answer) -> Outcome:
    """Price of the tokens in US dollars; applies where the price is known, and is 0 where no model was asked."""
    cost = answer.usage.cost_usd
    if cost is None and answer.model is None:
        cost = 0.0
    return Outcome(value=cost, reason="the price is not known" if cost is None else f"${cost:.6f}")


def search_s(question: Question, answer: Answer) -> Outcome:
    """Seconds to search, as the engine measured them."""
    return _seconds(answer, "search")


def answer_s(question: Question, answer: Answer) -> Outcome:
    """Seconds to write the answer once the papers were found, as the engine measured them."""
    return _seconds(answer, "answer")


def said_forbidden(question: Question, answer: Answer) -> list[str]:
    text = fold(plain_text(answer))
    return [string for string in question.forbidden if fold(string) in text]


def _seconds(answer: Answer, name: str) -> Outcome:
    seconds = answer.timings_s.get(name)
    return Outcome(value=seconds, reason="not measured" if seconds is None else f"{seconds:.3f} s")


def _silence(answer: Answer) -> str:
    if not answer.abstained:
        return "answers"
    return f"abstains ({answer.reason.replace('_', ' ')})" if answer.reason else "abstains"


def _listed(strings: list[str]) -> str:
    return ", ".join(f"“{string}”" for string in strings)
