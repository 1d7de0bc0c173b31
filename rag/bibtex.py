"""Papers as BibTeX. Pure functions.

An entry says what is known and invents nothing: no year without a date, "3 authors" as a note where only their number is
known. A paper with a DOI of a publisher is an @article, everything else (arXiv above all) @misc, as arXiv itself has it.
What BibTeX has no field for stands, where it is asked for, in fields of askpapers' own (`askpapers_n_comments`), which
BibTeX passes over and `ingest` reads: an export holds everything.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from rag.latex import escaped, latex, latex_title
from rag.schema import Paper

_SMALL = frozenset(
    "a an and are as at be by can do does for from how in into is it its of on or over that the their to towards toward "
    "under use using via we what when where which why with without your".split()
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ARXIV_DOI = "10.48550/arxiv"
_OLD_ARXIV = re.compile(r"^([a-z-]+(?:\.[A-Za-z-]+)?)/\d{7}")
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
# What BibTeX would not give back as one name in this order.
_ODD_NAME = re.compile(r"[,{}\\]|\b(?:and|others|et al)\b|\s\s|^\s|\s$", re.IGNORECASE)


def bibtex(papers: Iterable[Paper], *, abstracts: bool = False, every_field: bool = False) -> str:
    """One entry a paper, in their order; `abstracts` puts those in, too, `every_field` whatever else is known, for `ingest`.
    Ends in a line break; empty for no papers.
    """
    papers = list(papers)
    keys = bibtex_keys(papers)
    return "\n".join(
        _entry(paper, key, abstracts=abstracts, every_field=every_field)
        for paper, key in zip(papers, keys, strict=True)
    )


def bibtex_keys(papers: Sequence[Paper]) -> list[str]:
    """A key for each paper: first author, year and the title's name ("zhao2024galore").

    A key depends on its paper alone, never on the order; papers that would share one all get four digits of their id's hash.
    """
    plain = [_plain_key(paper) for paper in papers]
    shared = Counter(plain)
    keys = [
        key if shared[key] == 1 else f"{key}-{_digest(paper.paper_id)[:4]}"
        for key, paper in zip(plain, papers, strict=True)
    ]
    again = Counter(keys)
    return [
        key if again[key] == 1 else f"{key}-{_digest(paper.paper_id)[4:]}"
        for key, paper in zip(keys, papers, strict=True)
    ]


def _entry(paper: Paper, key: str, *, abstracts: bool, every_field: bool) -> str:
    kind = "article" if paper.doi and not paper.doi.lower().startswith(_ARXIV_DOI) else "misc"
    fields = dict(_fields(paper, abstracts=abstracts)) | (dict(_own_fields(paper)) if every_field else {})
    lines = [f"  {name} = {value}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _fields(paper: Paper, *, abstracts: bool) -> Iterable[tuple[str, str]]:
    yield "title", _braced(latex_title(_line(paper.title)))
    if paper.authors:
        yield "author", _braced(" and ".join(_author(one_line(name)) for name in paper.authors))
    elif paper.n_authors:
        yield "note", _braced(f"{paper.n_authors} author{'s' * (paper.n_authors != 1)}")
    if paper.organisation:
        yield "organization", _braced(latex(_line(paper.organisation)))
    if paper.published:
        yield "year", _braced(str(paper.published.year))
        yield "month", _MONTHS[paper.published.month - 1]
        yield "day", _braced(str(paper.published.day))
    if paper.arxiv_id:
        yield "eprint", _braced(address(paper.arxiv_id))
        yield "archivePrefix", "{arXiv}"
        if old := _OLD_ARXIV.match(paper.arxiv_id):
            yield "primaryClass", _braced(old.group(1))
    if paper.doi:
        yield "doi", _braced(address(paper.doi))
    if url := web_link(paper):
        yield "url", _braced(address(url))
    if abstracts:
        paragraphs = [latex(_line(paragraph)) for paragraph in _BREAK.split(paper.abstract)]
        yield "abstract", _braced(r" \par ".join(paragraph for paragraph in paragraphs if paragraph))


def _own_fields(paper: Paper) -> Iterable[tuple[str, str]]:
    """What BibTeX has no field for, or would not give back as it was; lists as JSON."""
    yield "askpapers_id", _braced(escaped(_line(paper.paper_id)))
    if paper.published:
        yield "date", _braced(paper.published.isoformat())
    if paper.published_inferred:
        yield "askpapers_published_inferred", "{true}"
    if any(_ODD_NAME.search(name) for name in paper.authors):
        yield "askpapers_authors", _listed(paper.authors)
    for name in ("n_authors", "n_comments", "n_upvotes"):
        if (count := getattr(paper, name)) is not None:
            yield f"askpapers_{name}", _braced(str(count))
    for name in ("organisation_slug", "url", "code_url"):
        if text := getattr(paper, name):
            yield f"askpapers_{name}", _braced(escaped(_line(text)))
    if paper.doi and address(paper.doi) != paper.doi:
        yield "askpapers_doi", _braced(escaped(_line(paper.doi)))
    if paper.aliases:
        yield "askpapers_aliases", _listed(paper.aliases)
    yield "askpapers_seen_on", _listed(paper.seen_on)


def _listed(texts: Sequence[str]) -> str:
    return _braced(escaped(json.dumps([_line(text) for text in texts], ensure_ascii=False)))


def _line(text: str) -> str:
    """Text on one line; unlike `one_line` it keeps the double space that some set after a full stop."""
    kept = re.sub(r"[^\S ]+", " ", text)
    return "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cs")).strip()


def one_line(text: str) -> str:
    """Text on one line, without control characters."""
    kept = "".join(char if unicodedata.category(char) not in ("Cc", "Cs") else " " for char in text)
    return _SPACE.sub(" ", kept).strip()


def web_link(paper: Paper) -> str | None:
    """The paper's address if it is one of the web; anything else (javascript:, file:) is none."""
    link = one_line(paper.link or "")
    return link if link.lower().startswith(("https://", "http://")) and " " not in link else None


def address(text: str) -> str:
    """An identifier or address with what would end a field or a link percent-encoded."""
    return "".join(
        char if (char.isascii() and char not in '{}<>"\\^`|% ') or char == "%" else _encoded(char) for char in text
    )


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _braced(text: str) -> str:
    return f"{{{text}}}"


def _author(name: str) -> str:
    """A name; one that BibTeX would take for two ("Research and Development") stands in braces."""
    escaped = latex(name)
    return f"{{{escaped}}}" if re.search(r"\band\b", name, re.IGNORECASE) or name.count(",") > 2 else escaped


def _plain_key(paper: Paper) -> str:
    author = _surname(paper.authors[0]) if paper.authors else ""
    year = str(paper.published.year) if paper.published else ""
    head = re.split(r":\s|\s[-–—]\s", one_line(paper.title), maxsplit=1)[0]
    words = [word for word in re.findall(r"[a-z0-9]+", _ascii(head)) if word not in _SMALL]
    # A title that begins with a name ("GaLore: …") is known by it; another one, and one without author, by more words.
    n_words = 1 if author or (len(words) <= 2 and head != one_line(paper.title)) else 3
    name = "".join(words[:n_words])
    key = f"{author}{year}{name}" if author else f"{name}{year}"
    return key if re.search(r"[a-z]", key) else f"paper{year}{_digest(paper.paper_id)[:6]}"


def _surname(name: str) -> str:
    family = name.split(",")[0] if "," in name else (name.split() or [""])[-1]
    return "".join(re.findall(r"[a-z0-9]+", _ascii(family)))


def _ascii(text: str) -> str:
    replaced = text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L")
    return unicodedata.normalize("NFKD", replaced).encode("ascii", "ignore").decode().lower()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
