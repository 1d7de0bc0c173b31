"""How often the support checker is wrong: on expert claims (SciFact) and on quotes with one thing changed.

SciFact (Wadden et al., 2020, arXiv:2004.14974): a claim and a document it cites; the document supports it, contradicts
it, or says nothing of it. Here: SUPPORT against the rest, per (claim, document) pair.

Perturbed quotes: sentences of abstracts, true by construction, are changed so that they become false: a figure, a method's
name, the direction of a comparison, or the paper that they cite. Each change is drawn with a seed, so that a run can be
repeated. The changes are made by rules of this file, which share no word list with the checker.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import SourceError
from rag.schema import Paper
from rag.sentences import sentence_spans
from rag.support import Similarity, check

Change = Literal["none", "rephrased", "figure", "method", "comparison", "citation"]
CHANGES: tuple[Change, ...] = ("none", "rephrased", "figure", "method", "comparison", "citation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A claim, the text that it cites, the title of that text, whether the text supports it, and how it was made."""

    claim: str
    text: str
    title: str
    supported: bool
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Outcome of a measurement over `n` pairs; all shares in [0, 1], 0 where there is nothing to divide by.

    `f1` is of the class "supported"; `balanced_accuracy` the mean of `accepted` (supported pairs found supported) and
    `caught` (the others found not supported). `unchecked` pairs count as not supported.
    """

    n: int
    n_supported: int
    accepted: float
    caught: float
    precision: float
    f1: float
    balanced_accuracy: float
    unchecked: float


def scifact_pairs(folder: Path, split: Literal["train", "dev"]) -> list[Pair]:
    """The (claim, cited document) pairs of a SciFact folder (`corpus.jsonl`, `claims/claims_<split>.jsonl`).

    Raises:
        SourceError: a file is missing or a line is not what it should be.
    """
    documents = {str(row["_id"]): row for row in _rows(folder / "corpus.jsonl")}
    pairs = []
    for row in _rows(folder / "claims" / f"claims_{split}.jsonl"):
        for cited in row["cited_doc_ids"]:
            evidence = row["evidence"].get(str(cited))
            label = evidence[0]["label"] if evidence else "NONE"
            text = documents[str(cited)]
            claim = Pair(
                claim=row["claim"], text=text["text"], title=text["title"], supported=label == "SUPPORT", change=label
            )
            pairs.append(claim)
    return pairs


def perturbed_pairs(papers: Sequence[Paper], *, seed: int = 0, per_paper: int = 2) -> list[Pair]:
    """Quotes as they are, rephrased by rule, and changed; up to `per_paper` of each kind of change from each paper.

    Changes are made to the quote or, every other time, to its rephrasing. The text is always the whole abstract.
    """
    rng = random.Random(seed)
    all_names = sorted({name for paper in papers for name in _names(paper.abstract)})
    pairs: list[Pair] = []
    for index, paper in enumerate(papers):
        quotes = [paper.abstract[start:end] for start, end in sentence_spans(paper.abstract)]
        quotes = [quote for quote in quotes if 6 <= len(quote.split()) <= 60]
        rng.shuffle(quotes)
        other = papers[(index + 1 + rng.randrange(max(1, len(papers) - 1))) % len(papers)]
        makers: dict[Change, Callable[[str], str | None]] = {
            "none": lambda quote: quote,
            "rephrased": lambda quote: rephrase(quote, rng),
            "figure": lambda quote, paper=paper: change_figure(quote, paper.abstract, rng),  # type: ignore[misc]
            "method": lambda quote, paper=paper: change_name(quote, paper.abstract, all_names, rng),  # type: ignore[misc]
            "comparison": lambda quote: reverse(quote, rng),
            "citation": lambda quote: quote,
        }
        for change in CHANGES:
            made = 0
            for quote in quotes:
                start = (
                    rephrase(quote, rng)
                    if change in ("figure", "method", "comparison") and rng.random() < 0.5
                    else None
                )
                claim = makers[change](start or quote)
                if claim is None or (made := made + 1) > per_paper:
                    continue
                source = other if change == "citation" else paper
                true = change in ("none", "rephrased")
                pairs.append(Pair(claim=claim, text=source.abstract, title=source.title, supported=true, change=change))
    return pairs


def measure(pairs: Sequence[Pair], similarity: Similarity | None = None) -> Rates:
    """Judge every pair and count."""
    verdicts = [check(p.claim, [p.text], similarity=similarity, context=p.title).support for p in pairs]
    said = [verdict == "supported" for verdict in verdicts]
    hits = sum(1 for pair, yes in zip(pairs, said, strict=True) if pair.supported and yes)
    n_true, n_said = sum(pair.supported for pair in pairs), sum(said)
    accepted = hits / n_true if n_true else 0.0
    n_false = len(pairs) - n_true
    caught = 1 - (n_said - hits) / n_false if n_false else 0.0
    precision = hits / n_said if n_said else 0.0
    return Rates(
        n=len(pairs),
        n_supported=n_true,
        accepted=accepted,
        caught=caught,
        precision=precision,
        f1=2 * precision * accepted / (precision + accepted) if precision + accepted else 0.0,
        balanced_accuracy=(accepted + caught) / 2,
        unchecked=verdicts.count("unchecked") / len(pairs) if pairs else 0.0,
    )


def measure_changes(pairs: Sequence[Pair], similarity: Similarity | None = None) -> dict[str, Rates]:
    """`measure` for each kind of change on its own."""
    kinds = {pair.change: [other for other in pairs if other.change == pair.change] for pair in pairs}
    return {change: measure(some, similarity) for change, some in kinds.items()}


# --- rephrasing that keeps the meaning -------------------------------------------------------------------------------

_OPENING = re.compile(
    r"^(?:in (?:this|our) \w+|furthermore|moreover|additionally|in addition|however|finally|specifically|to (?:this end|"
    r"address \w+ \w+)|therefore|thus|in particular|notably|as a result|recently|for example|experimentally"
    r"|extensive experiments (?:show|demonstrate) that|our experiments show that|experimental results \w+ that"
    r"|we (?:show|demonstrate|find|observe) that)\b,?\s+(?=\S)",
    re.IGNORECASE,
)
_PARENTHESIS = re.compile(r"\s\((?![^)]*\d)[^()]{2,40}\)")
_PERSON = ((r"\bWe\b", "The authors"), (r"\bwe\b", "they"), (r"\bOur\b", "Their"), (r"\bour\b", "their"))


def rephrase(quote: str, rng: random.Random) -> str | None:
    """The quote without its opening clause, in the third person, without an aside, its figures written otherwise."""
    text = quote
    opening = _OPENING.match(text)
    if opening and text[opening.end() :][:1].isalnum():
        text = text[opening.end()].upper() + text[opening.end() + 1 :]
    text = _PARENTHESIS.sub("", text)
    for pattern, plain in _PERSON:
        text = re.sub(pattern, plain, text)
    text = re.sub(r"(?<=\d)\s?\\?%", rng.choice([" percent", " per cent", "%"]), text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = re.sub(r"(?<=\d)\s?x\b(?! \d)", rng.choice(["×", " times", "x"]), text)
    return f"{text.rstrip('.')} [1]." if text != quote else None


# --- changes that make it false --------------------------------------------------------------------------------------

_DIGITS = re.compile(r"(?<![\w.,^{/\[-])(\d+(?:,\d{3})*(?:\.\d+)?)(?![\d^}/)-]|[.,]\d)")
_COUNT_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = re.compile(rf"\b({'|'.join(_COUNT_WORDS)})\b")
_NAME = re.compile(r"(?<![\w-])(?=[\w+-]*[A-Z0-9])(?=[\w+-]*[A-Za-z])[A-Za-z][\w]*(?:-\w+)*\+?(?![\w-])")
_OPPOSITES = """increases:decreases increased:decreased increase:decrease increasing:decreasing improves:degrades
improved:degraded improving:degrading improvement:degradation improvements:degradations higher:lower faster:slower
better:worse more:less larger:smaller stronger:weaker outperforms:underperforms outperform:underperform
outperforming:underperforming surpasses:trails surpassing:trailing reduces:increases reducing:increasing reduced:increased
reduce:increase superior:inferior best:worst enhances:impairs enhancing:impairing greater:smaller boosts:hurts
accelerates:slows fewer:more exceeds:lags-behind"""
_OPPOSITE = dict(pair.split(":") for pair in _OPPOSITES.split())
_OPPOSITE |= {b: a for a, b in _OPPOSITE.items() if b not in _OPPOSITE}
_BEATS = re.compile(
    r"(?P<a>\b[A-Z][\w+-]*[A-Z0-9+][\w+-]*)(?P<verb> (?:significantly |consistently )?(?:outperforms|surpasses|beats|exceeds) )"
    r"(?P<b>[\w+-]*[A-Z][\w+-]*)"
)


def change_figure(quote: str, abstract: str, rng: random.Random) -> str | None:
    """Another value for one figure: a digit changed, a value nearby, or (one time in five) a figure from elsewhere in the
    abstract."""
    found = [*_DIGITS.finditer(quote), *_COUNTS.finditer(quote)]
    if not found:
        return None
    match = rng.choice(found)
    old = match[1]
    if not old[0].isdigit():
        new = rng.choice([word for word in _COUNT_WORDS if word != old])
        return quote[: match.start()] + new + quote[match.end() :]
    others = sorted({m[1] for m in _DIGITS.finditer(abstract)} - {m[1] for m in _DIGITS.finditer(quote)})
    if others and rng.random() < 0.2:
        new = rng.choice(others)
    elif "." in old:
        whole = float(old.replace(",", ""))
        new = f"{whole * rng.choice([0.5, 0.8, 0.93, 1.1, 1.4, 2.0]) + 0.1:.{len(old.split('.')[1])}f}"
    else:
        digit = rng.randrange(len(old.replace(",", "")))
        plain = old.replace(",", "")
        new = plain[:digit] + rng.choice([d for d in "123456789" if d != plain[digit]]) + plain[digit + 1 :]
    if float(new.replace(",", "")) == float(old.replace(",", "")):
        return None
    return quote[: match.start()] + new + quote[match.end() :]


def change_name(quote: str, abstract: str, all_names: Sequence[str], rng: random.Random) -> str | None:
    """Another name in place of one: half the time one that the abstract mentions elsewhere, else one of other papers."""
    names = sorted(_names(quote))
    if not names:
        return None
    old = rng.choice(names)
    near = sorted(name for name in _names(abstract) if not _alike(name, old) and name not in names)
    far = [name for name in all_names if not _alike(name, old) and name.lower() not in abstract.lower()]
    pool = near if near and rng.random() < 0.5 else far
    return (
        re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", lambda _: new, quote)
        if pool and (new := rng.choice(pool))
        else None
    )


def reverse(quote: str, rng: random.Random) -> str | None:
    """The comparison the other way round: an opposite word, or, where two names are compared, the names exchanged."""
    if (beats := _BEATS.search(quote)) is not None and rng.random() < 0.5:
        return quote[: beats.start()] + beats["b"] + beats["verb"] + beats["a"] + quote[beats.end() :]
    found = [match for match in re.finditer(r"[A-Za-z]+", quote) if match[0] in _OPPOSITE]
    if not found:
        return None
    match = rng.choice(found)
    return quote[: match.start()] + _OPPOSITE[match[0]].replace("-", " ") + quote[match.end() :]


def _names(text: str) -> set[str]:
    """Names by their form: inner capitals, or capitals and digits, as in SmoothQuant+, LLaMA-7B, GPT-4."""
    found = set()
    for match in _NAME.finditer(text):
        name = match[0]
        if re.search(r"[A-Z].*[A-Z]|[A-Z].*\d|[a-z][A-Z]", name) and len(name) > 2:
            found.add(name)
    return found


def _alike(a: str, b: str) -> bool:
    plain = [re.sub(r"[^a-z0-9+.]", "", name.lower()).rstrip("s") for name in (a, b)]
    return plain[0] in plain[1] or plain[1] in plain[0]


def _rows(path: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    if not path.is_file():
        raise SourceError("no such file; give a SciFact folder with corpus.jsonl and claims/", path=str(path))
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise SourceError("not a JSON object", path=str(path), line=number) from error
