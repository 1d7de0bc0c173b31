"""One question in the report: a line that unfolds to the answer, its quotes, the gold facts and the points lost."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evals.answers import fold, stated
from evals.claims import plain_text
from evals.measures import BY_NAME
from evals.plots import escape, number
from evals.retrieval import ranked_names
from evals.schema import Question, Score
from rag.schema import Answer, Citation

_MARKER = re.compile(r"\[(\d{1,3})\]")
_MOST_PAPERS = 5


def question_entry(index: int, question: Question, answer: Answer | None, scores: Mapping[str, Score]) -> str:
    """A `<details>` element. `index` makes its ids unique in the page, whatever the question's own id is."""
    quality = scores["quality"].value
    mark = "bad" if (quality or 0.0) < 0.5 else "fair" if (quality or 0.0) < 1.0 else "good"
    badge = (
        f'<span class="mark {mark}">{number(quality)}</span>' if quality is not None else '<span class="mark">–</span>'
    )
    parts = [
        _history(question),
        _answer(index, answer),
        _lost(scores),
        _facts(question, answer),
        _relevant(question, answer),
        _quotes(index, answer),
        _papers(answer),
    ]
    return (
        f'<details id="q{index}"><summary>{badge}{escape(question.question)} '
        f'<span class="soft">{escape(question.kind)} · {escape(question.question_id)}</span></summary>'
        f'<div class="inside">{"".join(parts)}</div></details>\n'
    )


def _history(question: Question) -> str:
    if not question.history:
        return ""
    turns = "".join(
        f'<li><b>{turn.role}</b> <span class="text">{escape(turn.text)}</span></li>' for turn in question.history
    )
    return f"<h3>Said before</h3><ul>{turns}</ul>"


def _answer(index: int, answer: Answer | None) -> str:
    if answer is None:
        return '<h3>Answer</h3><p class="warn">The run did not reach this question.</p>'
    if answer.error is not None:
        return f'<h3>Answer</h3><p class="warn">Failed: <span class="text">{escape(answer.error)}</span></p>'
    known = {citation.marker for citation in answer.citations}

    def link(match: re.Match[str]) -> str:
        return f'<a href="#q{index}c{int(match[1])}">{match[0]}</a>' if int(match[1]) in known else match[0]

    text = _MARKER.sub(link, escape(answer.text))
    silence = (
        f' <span class="soft">abstained: {escape(answer.reason or "no reason given")}</span>'
        if answer.abstained
        else ""
    )
    return f'<h3>Answer{silence}</h3><div class="answer text">{text}</div>'


def _lost(scores: Mapping[str, Score]) -> str:
    """The shares that are below their best; those that lost for the same reason share a line."""
    lost: dict[str, list[str]] = {}
    for name, score in scores.items():
        measure = BY_NAME[name]
        if score.value is None or not measure.is_share:
            continue
        if score.value < 1.0 if measure.better == "higher" else score.value > 0.0:
            lost.setdefault(score.reason, []).append(f"<b>{measure.title}</b> {number(score.value)}")
    if not lost:
        return '<h3 class="good">No points lost</h3>'
    items = (f'<li><span class="text">{escape(why)}</span><br>{", ".join(what)}</li>' for why, what in lost.items())
    return f"<h3>Why points were lost</h3><ul>{''.join(items)}</ul>"


def _facts(question: Question, answer: Answer | None) -> str:
    if not question.facts and not question.forbidden:
        note = "" if question.answerable else "<p>Nothing in the papers answers it: the right answer is to say so.</p>"
        return f"<h3>What a right answer states</h3>{note}" if note else ""
    text = fold(plain_text(answer)) if answer is not None else ""
    items = [_fact("states", " / ".join(group), stated(group, text)) for group in question.facts]
    items += [_fact("does not say", string, fold(string) not in text) for string in question.forbidden]
    return f"<h3>What a right answer states</h3><ul>{''.join(items)}</ul>"


def _fact(what: str, string: str, met: bool) -> str:
    sign = '<span class="good">✓</span>' if met else '<span class="bad">✗</span>'
    return f'<li>{sign} {what} <span class="text">{escape(string)}</span></li>'


def _relevant(question: Question, answer: Answer | None) -> str:
    if not question.relevant_papers:
        return ""
    ranking = ranked_names(question, answer) if answer is not None else []
    items = "".join(
        f'<li><span class="text">{escape(paper)}</span> '
        f'<span class="soft">{f"rank {ranking.index(paper) + 1}" if paper in ranking else "not found"}</span></li>'
        for paper in sorted(question.relevant_papers)
    )
    return f"<h3>Relevant papers</h3><ul>{items}</ul>"


def _quotes(index: int, answer: Answer | None) -> str:
    if answer is None or not answer.citations:
        return ""
    seen: set[int] = set()
    blocks = []
    for citation in answer.citations:
        anchor = "" if citation.marker in seen else f' id="q{index}c{citation.marker}"'
        seen.add(citation.marker)
        day = f' <span class="soft">{citation.published.isoformat()}</span>' if citation.published else ""
        blocks.append(
            f"<div{anchor}>[{citation.marker}] {_title(citation)}{day}"
            f'<blockquote class="text">{escape(citation.quote)}</blockquote></div>'
        )
    return f"<h3>What it cites</h3>{''.join(blocks)}"


def _title(citation: Citation) -> str:
    title = f'<span class="text">{escape(citation.title)}</span>'
    if citation.url and re.match(r"https?://", citation.url, re.IGNORECASE):
        return f'<a href="{escape(citation.url)}" rel="noreferrer noopener">{title}</a>'
    return title


def _papers(answer: Answer | None) -> str:
    if answer is None or not answer.papers:
        return ""
    items = "".join(f'<li class="text">{escape(paper.title)}</li>' for paper in answer.papers[:_MOST_PAPERS])
    return f'<h3>First papers found</h3><ol class="soft">{items}</ol>'
