"""An answer as HTML: sentences with numbered chips, marks on what the papers do not say, what was understood. Pure functions.

Everything that comes from papers, questions or models is escaped (`ui.page_text`). `uid` sets the ids of one answer apart from
those of the others on the page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from rag.question.filters import describe
from rag.schema import Answer, Citation, Claim, Filters, Paper
from rag.written import NOT_CITED, NOT_FOUND
from ui.page_markdown import blocks_html
from ui.page_text import Inline, escaped, plain
from ui.render import coverage_text, long_date

_MARKER = re.compile(r"\[(\d{1,3})\](?!\()")
# A number of papers in a coverage line; a year stands behind the name of its month.
# Filters that are understood and removed together, with what a chip's button says of them.
FILTER_GROUPS: tuple[tuple[str, ...], ...] = (
    ("since", "until"),
    ("organisation",),
    ("organisations",),
    ("author",),
    ("source",),
    ("min_authors", "max_authors"),
    ("min_comments", "max_comments"),
    ("min_upvotes", "max_upvotes"),
    ("paper_ids",),
)
_KINDS = {
    "given": "set beside the question",
    "read": "understood from the question",
    "both": "set beside the question, and understood from it",
}
# What the card of a chip says where the cited paper does not bear the sentence out; the quote below it is its nearest one.
DOUBTED = "The cited text does not say this. What comes nearest in it:"


def answer_html(answer: Answer, papers: Mapping[str, Paper], *, uid: str) -> str:
    """The answer's text. `papers` are the cited ones, for what their chips say; those that are missing say less."""
    inline = Inline()

    def chips_of(*, doubted: bool) -> dict[int, str]:
        return {
            citation.marker: chip_html(citation, papers.get(citation.paper_id), uid, doubted=doubted)
            for citation in answer.citations
        }

    chips, doubted_chips = chips_of(doubted=False), chips_of(doubted=True)
    text = _with_claims(inline.prepare(answer.text), answer.claims, inline, doubted_chips)

    def words(piece: str) -> str:
        for name in answer.unknown_markers:
            shown = f"[{inline.prepare(name).strip('[]')}?]"
            mark = f'<span class="unknown">[{escaped(name.strip("[]"))}: no such source]</span>'
            piece = piece.replace(shown, inline.keep(mark))
        return inline.finish(_MARKER.sub(lambda m: _chip(m, chips, inline), piece))

    return blocks_html(text, words)


def doubted_markers(answer: Answer) -> frozenset[int]:
    """The markers that stand only behind sentences which their papers do not bear out."""
    doubted = {marker for claim in answer.claims if claim.support == "not_found" for marker in claim.citations}
    return frozenset(doubted.difference(*(claim.citations for claim in answer.claims if claim.support != "not_found")))


def chip_html(citation: Citation, paper: Paper | None, uid: str, *, doubted: bool = False) -> str:
    """A number in a round; its card holds title, date, organisation, comments and the exact sentence.

    `doubted`: it stands behind a sentence that the paper does not bear out, and its card says so.
    """
    title = plain(citation.title)
    about = " · ".join(meta(paper)) if paper else long_date(citation.published) if citation.published else "no date"
    name = f"{uid}-card-{citation.marker}{'-doubted' * doubted}"
    doubt = f'<span class="card-doubt">{DOUBTED}</span>' if doubted else ""
    said = "Not said by source" if doubted else "Source"
    card = (
        f'<span class="card" role="tooltip" id="{name}" hidden><span class="card-title">{title}</span>'
        f'<span class="card-meta">{escaped(about)}</span>{doubt}<q>{plain(citation.quote)}</q></span>'
    )
    kind = "chip doubted" if doubted else "chip"
    return (
        f'<span class="cite"><button type="button" class="{kind}" data-paper="{escaped(citation.paper_id)}" '
        f'data-marker="{citation.marker}" aria-describedby="{name}" '
        f'aria-label="{said} {citation.marker}: {escaped(citation.title)}">{citation.marker}</button>{card}</span>'
    )


def meta(paper: Paper) -> list[str]:
    """Date, organisation, authors and comments, as far as they are known."""
    facts = [long_date(paper.published) if paper.published else "no date"]
    if paper.organisation:
        facts.append(paper.organisation)
    n_authors = paper.n_authors or len(paper.authors)
    if n_authors:
        facts.append(f"{n_authors} author{'s' * (n_authors != 1)}")
    if paper.n_comments is not None:
        facts.append(f"{paper.n_comments} comment{'s' * (paper.n_comments != 1)}")
    return facts


def understood_html(answer: Answer, given: Filters | None = None) -> str:
    """What was understood, as chips that can be removed: filters, the whole question of a follow-up; then the other notes.

    `given` are the filters set beside the question: their chips say so.
    """
    chips, said = [], set()
    for group in FILTER_GROUPS:
        one = replace(Filters(), **{name: getattr(answer.filters, name) for name in group})
        if not one:
            continue
        words = ", ".join(describe(one)) or _in_words(one)
        said.add(words)
        set_beside = given is not None and any(getattr(given, name) for name in group)
        alone = given is not None and all(getattr(given, name) == getattr(one, name) for name in group)
        kind = "read" if not set_beside else "given" if alone else "both"
        chips.append(_understood(words, kind, " ".join(group)))
    if answer.rewritten:
        chips.append(_understood(f"read as: {answer.rewritten}", "rewritten", "rewritten"))
    notes = [note for note in answer.notes if note not in said and note != answer.rewritten]
    html = f'<ul class="understood" aria-label="Understood">{"".join(chips)}</ul>' if chips else ""
    if notes:
        said_too = "; ".join(plain(note[:1].upper() + note[1:] if not at else note) for at, note in enumerate(notes))
        html += f'<p class="notes">{said_too}.</p>'
    return html


def footer_html(answer: Answer) -> str:
    """What was searched, who wrote, and what it took."""
    seconds = sum(answer.timings_s.values())
    wrote = f"written by {short_model(answer.model)}" if answer.model else "quoted, no model"
    whole = answer.coverage.n_searched == answer.coverage.n_papers
    searched = f"{answer.coverage.n_papers:,} papers" if whole else coverage_text(answer.coverage)
    parts = [] if answer.reason == "no_question" else [f"searched {searched}"]
    parts.append(wrote)
    if answer.model or answer.usage.prompt_tokens:
        parts.append(usage_words(answer))
    parts.append(f"{seconds:.2f} s")
    return escaped(" · ".join(parts))


def short_model(name: str) -> str:
    """A model's name without the address that it is reached at."""
    return name.partition("@")[0]


def usage_words(answer: Answer) -> str:
    """Tokens and money: "1,572 + 119 tokens, $0.0021"."""
    usage = answer.usage
    if not usage.prompt_tokens and not usage.completion_tokens:
        return "no tokens"
    tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens"
    return f"{tokens}, price not known" if usage.cost_usd is None else f"{tokens}, ${usage.cost_usd:.4f}"


def _understood(words: str, kind: str, fields: str) -> str:
    said = _KINDS.get(kind, "a follow-up")
    return (
        f'<li class="tag {kind}" title="{said}"><span>{plain(words)}</span><button type="button" data-act="drop" '
        f'data-kind="{kind}" data-fields="{fields}" aria-label="Remove: {escaped(words)}">×</button></li>'
    )


def _in_words(filters: Filters) -> str:
    if filters.organisations:
        return f"from {' or '.join(filters.organisations)}"
    if filters.source:
        return f"out of {filters.source.rpartition('/')[2]}"
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in filters.to_dict().items())


def _chip(match: re.Match[str], chips: Mapping[int, str], inline: Inline) -> str:
    html = chips.get(int(match[1]))
    return match[0] if html is None else inline.keep(html)


def _with_claims(text: str, claims: Sequence[Claim], inline: Inline, doubted_chips: Mapping[int, str]) -> str:
    """The text with stand-ins around the sentences that their papers do not bear out, and their marks in words."""
    at = 0
    for claim in claims:
        words = inline.prepare(claim.text)
        start = text.find(words, at) if words.strip() else -1
        if start < 0:
            continue
        end = start + len(words)
        if claim.support != "supported" and "\n" not in words:
            mark = next((mark for mark in (NOT_FOUND, NOT_CITED) if text.startswith(f" {mark}", end)), None)
            cut = end + len(mark) + 1 if mark else end
            marked = _marked(words, claim, inline, doubted_chips)
            text = text[:start] + marked + text[cut:]
            end = start + len(marked)
        at = end
    return text


def _marked(words: str, claim: Claim, inline: Inline, doubted_chips: Mapping[int, str]) -> str:
    if claim.support == "not_found":
        words = _MARKER.sub(lambda match: _chip(match, doubted_chips, inline), words)
    said = "not checked" if claim.support == "unchecked" else "not found in the source"
    if claim.support == "not_found" and not claim.citations:
        said = "no source given"
    kind = "unchecked" if claim.support == "unchecked" else "unsupported"
    why = f" · {claim.reason}" if claim.reason not in ("", said, "no paper is cited for it") else ""
    note = f'<span class="verdict {kind}">{escaped(said)}<span class="why">{escaped(why)}</span></span>'
    if words.startswith("|"):
        return f"{words.rstrip().removesuffix('|')} {inline.keep(note)} |"
    opening, closing = inline.keep(f'<span class="claim {kind}">'), inline.keep("</span>")
    lead = re.match(r"\s*(?:[-*•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+)?", words)
    cut = lead.end() if lead else 0
    return f"{words[:cut]}{opening}{words[cut:]}{closing} {inline.keep(note)}"


def partial_html(
    text: str,
    claims: Sequence[Claim],
    citations: Sequence[Citation],
    papers: Mapping[str, Paper],
    like: Answer,
    *,
    uid: str,
) -> str:
    """What has been written so far of an answer; `like` is any answer (of the same library)."""
    return answer_html(replace(like, text=text, claims=tuple(claims), citations=tuple(citations)), papers, uid=uid)


def passages_marked(abstract: str, citations: Sequence[Citation], doubted: Collection[int] = ()) -> str:
    """An abstract with the cited slices marked, each with its markers; overlapping ones are joined.

    A slice of which all markers are `doubted` is not marked as one that an answer rests on.
    """
    spans: list[tuple[int, int, list[int]]] = []
    for one in sorted(citations, key=lambda one: (one.start, one.end)):
        if not 0 <= one.start < one.end <= len(abstract):
            continue
        if spans and one.start < spans[-1][1]:
            start, end, markers = spans[-1]
            spans[-1] = (start, max(end, one.end), [*markers, one.marker])
        else:
            spans.append((one.start, one.end, [one.marker]))
    out, at = [], 0
    for start, end, markers in spans:
        numbers = " ".join(map(str, markers))
        tag = 'span class="doubted"' if all(marker in doubted for marker in markers) else "mark"
        out.append(plain(abstract[at:start]))
        out.append(f'<{tag} data-markers="{numbers}">{plain(abstract[start:end])}</{tag.partition(" ")[0]}>')
        at = end
    return "".join([*out, plain(abstract[at:])])
