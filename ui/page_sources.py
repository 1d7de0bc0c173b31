"""The sources panel as HTML: a card for each cited paper, then the other papers found. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from rag.schema import Citation, Paper
from ui.page_answer import meta, passages_marked
from ui.page_text import escaped, plain, safe_link

_ARXIV = re.compile(r"(?:arxiv\.org/(?:abs|pdf)/|huggingface\.co/papers/)(\d{4}\.\d{4,5})")
_ARXIV_ID = re.compile(r"(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?")
_MOST_FOUND = 20


def panel_html(
    citations: Sequence[Citation], found: Sequence[str], papers: Mapping[str, Paper], doubted: Collection[int] = ()
) -> str:
    """Cited papers in the order of their first marker, then the others of `found` (ids, best first).

    `doubted` are markers that stand only behind what the papers do not say.
    """
    by_paper: dict[str, list[Citation]] = {}
    for citation in citations:
        by_paper.setdefault(citation.paper_id, []).append(citation)
    cited = [source_html(papers[name], group, doubted) for name, group in by_paper.items() if name in papers]
    others = [papers[name] for name in found if name in papers and name not in by_paper][:_MOST_FOUND]
    html = f'<ol class="cited">{"".join(cited)}</ol>' if cited else ""
    if others:
        cards = "".join(source_html(paper, ()) for paper in others)
        what = "Also found" if cited else "Nearest papers"
        is_open = "" if cited else " open"
        html += (
            f'<details class="found"{is_open}><summary>{what} <span class="n">{len(others)}</span></summary>'
            f"<ol>{cards}</ol></details>"
        )
    return html or '<p class="quiet">No paper was found for this one.</p>'


def source_html(paper: Paper, citations: Sequence[Citation], doubted: Collection[int] = ()) -> str:
    """One card: number, title, facts, the abstract with what was used marked, links, and what can be done with it."""
    numbers = "".join(_number(citation.marker, citation.marker in doubted) for citation in citations)
    unsaid = [f"[{citation.marker}]" for citation in citations if citation.marker in doubted]
    doubt = f'<p class="doubt">Cited as {", ".join(unsaid)} for what it does not say.</p>' if unsaid else ""
    name = escaped(paper.paper_id)
    title = plain(paper.title)
    body = f'<p class="abstract">{passages_marked(paper.abstract, citations, doubted)}</p>'
    if not citations:
        body = f"<details><summary>Abstract</summary>{body}</details>"
    links = "".join(
        f'<a href="{escaped(address)}" target="_blank" rel="noopener noreferrer">{words}</a>'
        for words, address in links_of(paper)
    )
    label = escaped(paper.title)
    return (
        f'<li class="source" data-paper="{name}" data-title="{label}" tabindex="-1">'
        f'<div class="numbers">{numbers}</div><h3 dir="auto">{title}</h3>'
        f'<p class="meta">{escaped(" · ".join(meta(paper)))}</p>{doubt}{body}'
        f'<div class="acts">{links}'
        f'<button type="button" data-act="about" aria-label="Ask about {label}">Ask about it</button>'
        f'<button type="button" data-act="similar" aria-label="Papers similar to {label}">Similar</button>'
        f'<button type="button" data-act="basket" aria-pressed="false" aria-label="Basket: {label}">Basket</button>'
        f"</div></li>"
    )


def _number(marker: int, doubted: bool) -> str:
    return f'<span class="number{" doubted" * doubted}">{marker}</span>'


def links_of(paper: Paper) -> list[tuple[str, str]]:
    """Where to read it: arXiv and Hugging Face where the id is known, its own address where that is another, its code."""
    links: list[tuple[str, str]] = []
    number = arxiv_number(paper)
    if number:
        links.append(("arXiv", f"https://arxiv.org/abs/{number}"))
        if "/" not in number:
            links.append(("Hugging Face", f"https://huggingface.co/papers/{number.partition('v')[0]}"))
    own = safe_link(paper.url)
    if own and not (number and _ARXIV.search(own)):
        links.append(("Page", own))
    if paper.doi and not own and not number and (address := safe_link(f"https://doi.org/{paper.doi}")):
        links.append(("DOI", address))
    if code := safe_link(paper.code_url):
        links.append(("Code", code))
    return links


def arxiv_number(paper: Paper) -> str | None:
    """The arXiv id of a paper, from its field or its address; None where it has none that reads like one."""
    if paper.arxiv_id and _ARXIV_ID.fullmatch(paper.arxiv_id.strip()):
        return paper.arxiv_id.strip()
    match = _ARXIV.search(paper.url or "")
    return match[1] if match else None


def similar_html(paper: Paper, others: Sequence[Paper]) -> str:
    """Papers like one paper."""
    cards = "".join(source_html(other, ()) for other in others)
    head = f'<p class="quiet">Similar to <strong dir="auto">{plain(paper.title)}</strong></p>'
    return f"{head}<ol>{cards}</ol>" if others else f'{head}<p class="quiet">Nothing else here is like it.</p>'
