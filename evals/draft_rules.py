"""Questions that an abstract answers, found by pattern: sentence in, question and fact out. Pure, no model.

Each rule knows one way in which abstracts state something ("reduces memory by 46%", "we propose Kite, a …") and asks for
the part that is a figure or a name. A sentence must speak of the paper's own work. The rules are made to be right more
often than to find everything; what they draft is for a person to review.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from evals import draft_patterns as patterns
from rag.schema import Paper
from rag.sentences import sentence_spans

_CLOZE_SIDE = 4
_LEAST_COUNT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A drafted question with its facts (groups of alternatives) and its evidence, `abstract[start:end]`.

    `alone` are texts that may stand in no other paper. `names_paper` says whether the question holds the paper's name
    or title; where it does not, its words beyond the template are in `description`.
    """

    rule: str
    kind: str
    question: str
    facts: tuple[tuple[str, ...], ...]
    paper_id: str
    start: int
    end: int
    names_paper: bool = True
    description: str = ""
    alone: tuple[str, ...] = ()


def candidates(paper: Paper, name: str, rng: Random) -> list[Candidate]:
    """Every question that the rules find in an abstract; `name` is what the questions call the paper, `rng` chooses
    among wordings."""
    found: list[Candidate] = []
    for start, end in sentence_spans(paper.abstract):
        sentence = paper.abstract[start:end]
        if "\n" in sentence:
            continue
        own = bool(patterns.OWN.search(sentence)) or name in sentence
        plain = not patterns.OTHERS.search(sentence) and "respectively" not in sentence
        for rule, needs, drafts in _RULES:
            if needs == "nothing" or (own and plain):
                found.extend(
                    Candidate(
                        rule=rule,
                        kind=_KINDS.get(rule, "drafted_figure"),
                        question=draft.question,
                        facts=draft.facts,
                        paper_id=paper.paper_id,
                        start=start,
                        end=end,
                        names_paper=not draft.description,
                        description=draft.description,
                        alone=draft.alone,
                    )
                    for draft in drafts(sentence, name, rng)
                )
    return found


@dataclass(frozen=True, slots=True)
class _Draft:
    question: str
    facts: tuple[tuple[str, ...], ...]
    description: str = ""
    alone: tuple[str, ...] = ()


def _change(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.CHANGE.finditer(sentence):
        if patterns.is_paired(sentence, *match.span("figure")):
            continue
        verb, noun = patterns.VERBS[match["verb"]]
        phrase = _neutral(match["phrase"])
        wording = rng.choice(
            (
                f"By how much does {name} {verb} {phrase}?",
                f"{name}: how large is the {noun} {phrase}?",
                f"How large is the {noun} {phrase} that {name} reports?",
                f"how far does {name} {verb} {phrase}",
            )
        )
        yield _Draft(wording, (patterns.figure_forms(match["figure"]),))


def _fall(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.FALL.finditer(sentence):
        if patterns.is_paired(sentence, *match.span("figure")):
            continue
        phrase = _neutral(match["phrase"][0].lower() + match["phrase"][1:])
        how = patterns.FALLS[match["verb"]]
        wording = rng.choice(
            (
                f"By how much does the {phrase} {how} with {name}?",
                f"{name}: how far does the {phrase} {how}?",
            )
        ).replace("the the ", "the ")
        yield _Draft(wording, (patterns.figure_forms(match["figure"]),))


def _faster(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.FASTER.finditer(sentence):
        if patterns.is_paired(sentence, *match.span("figure")):
            continue
        how, phrase = match["how"], _neutral(match["phrase"])
        wording = rng.choice(
            (
                f"How much {how} than {phrase} is {name}?",
                f"{name} against {phrase}: how much {how}?",
                f"how many times {how} than {phrase}, {name}",
            )
        )
        yield _Draft(wording, (patterns.figure_forms(match["figure"]),))


def _gain(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.GAIN.finditer(sentence):
        if patterns.is_paired(sentence, *match.span("figure")):
            continue
        if not match["link"] and " " not in match["kind"] and not match["kind"].startswith(("speed", "accel")):
            continue  # a reduction of what?
        noun = match["kind"] + (f" {match['link']} {_neutral(match['phrase'])}" if match["link"] else "")
        wording = rng.choice(
            (
                f"How large is the {noun} that {name} reports?",
                f"Which {noun} does {name} report?",
                f"{name}: size of the {noun}?",
            )
        )
        yield _Draft(wording, (patterns.figure_forms(match["figure"]),))


def _score(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.SCORE.finditer(sentence):
        figure, metric = match["a"] or match["b"], match["metric"] or match["other"]
        before, after = sentence[: match.start()], sentence[match.end() :]
        if patterns.is_paired(sentence, *match.span("a" if match["a"] else "b")) or (
            "." not in figure and "%" not in figure
        ):
            continue
        if not patterns.REACHED.search(before) or patterns.BETTERED.search(before) or patterns.A_CHANGE.match(after):
            continue
        on = f" on {match['set']}" if match["set"] else ""
        wording = rng.choice(
            (
                f"What {metric} does {name} reach{on}?",
                f"{name}: {metric}{on}?",
                f"Which {metric}{on} is reported for {name}?",
            )
        )
        yield _Draft(wording, (patterns.figure_forms(figure.strip()),))


def _count(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.COUNT.finditer(sentence):
        figure, phrase = match["figure"], match["phrase"]
        scaled = re.search(r"[A-Za-z]$", figure)
        if not scaled and float(figure.replace(",", "")) < _LEAST_COUNT:
            continue
        wording = rng.choice(
            (
                f"{name}: how many {phrase}?",
                f"How many {phrase} are there in {name}?",
                f"number of {phrase}, {name}",
            )
        )
        large = scaled or "," in figure or len(figure) > 3
        forms = (
            patterns.figure_forms(figure)
            if large
            else tuple(dict.fromkeys((f"{figure} {phrase}", f"{figure} {phrase.split()[-1]}")))
        )
        yield _Draft(wording, (forms,))


def _method(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in (*patterns.PROPOSED.finditer(sentence), *patterns.CALLED.finditer(sentence)):
        method, what = match["name"], patterns.shortened(match["what"])
        if what is None or method.casefold() in what.casefold():
            continue
        the = re.sub(r"^an?\s", "the ", what)
        forms = (method, match["short"]) if match["short"] else (method,)
        if any(form.casefold() in name.casefold() for form in forms):
            wording = rng.choice(
                (
                    f"I am looking for {what}. What is it called?",
                    f"What is the name of {the}?",
                    f"Is there {what}, and what is it called?",
                    f"{re.sub(r'^(?:an?|the) ', '', what)}: what is it called?",
                )
            )
            yield _Draft(wording, (forms,), what, (method,))
        else:
            wording = rng.choice((f"{name}: what do they call {the}?", f"What is {the} of {name} called?"))
            yield _Draft(wording, (forms,))


def _dataset(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    if match := patterns.TESTED.search(sentence):
        names = [part for part in re.split(r",\s(?:and\s)?(?:the\s)?|\sand\s(?:the\s)?", match["list"]) if part]
        if any(patterns.METRICS.match(part) for part in names):
            return
        wording = rng.choice(
            (
                f"What is {name} evaluated on?",
                f"On what is {name} tested?",
                f"{name}: tested on which data or models?",
            )
        )
        yield _Draft(wording, tuple((part,) for part in names))


def _short_form(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.SHORT_FORM.finditer(sentence):
        if (words := patterns.spelt_out(match["long"], match["short"])) is None:
            continue
        short = match["short"]
        hyphenless = (words.replace("-", " "),) if "-" in words else ()
        wording = rng.choice((f"What does {short} stand for?", f"{short} is short for what?", f"meaning of {short}"))
        if short != name:
            wording = f"{name}: {wording.replace('What', 'what')}"
        yield _Draft(wording, ((words, *hyphenless),), alone=(short,))


def _cloze(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in re.finditer(patterns.AMOUNT, sentence):
        gap = _gap(sentence, *match.span())
        if gap is None or patterns.is_paired(sentence, *match.span("figure")):
            continue
        wording = rng.choice((f"{name}: which figure is missing in “{gap}”?", f"Fill the gap for {name}: “{gap}”"))
        yield _Draft(wording, (patterns.figure_forms(match["figure"]),))


def _cloze_name(sentence: str, name: str, rng: Random) -> Iterator[_Draft]:
    for match in patterns.MADE_UP.finditer(sentence):
        gap = _gap(sentence, *match.span())
        if gap is None or len(match[0]) < 4 or sentence.count(match[0]) > 1 or match[0].casefold() in name.casefold():
            continue
        wording = rng.choice((f"{name}: which name is missing in “{gap}”?", f"Fill the gap for {name}: “{gap}”"))
        yield _Draft(wording, ((match[0],),))


def _gap(sentence: str, start: int, end: int) -> str | None:
    """The words around a place, with the place left blank; None where they are too few or hold signs."""
    before, after = sentence[:start].split()[-_CLOZE_SIDE:], sentence[end:].split()[:_CLOZE_SIDE]
    around = [*before, *after]
    if start == 0 or not sentence[start - 1].isspace() or len(before) < 2 or not after:
        return None
    if any(re.search(r"[$\\()<>+~=]", word) for word in around) or sum(len(word) > 4 for word in around) < 3:
        return None
    return " ".join([*before, "___", *after]).rstrip(".,;: ")


_KINDS = {
    "method": "drafted_method",
    "dataset": "drafted_dataset",
    "short_form": "drafted_short_form",
    "cloze": "drafted_cloze",
    "cloze_name": "drafted_cloze",
}
# Rule, what the sentence must be ("plain": of the paper's own work, not of others', not of two things in one), and how
# it drafts.
_RULES: tuple[tuple[str, str, Callable[[str, str, Random], Iterator[_Draft]]], ...] = (
    ("change", "plain", _change),
    ("fall", "nothing", _fall),
    ("faster", "plain", _faster),
    ("gain", "plain", _gain),
    ("score", "plain", _score),
    ("count", "plain", _count),
    ("method", "nothing", _method),
    ("dataset", "plain", _dataset),
    ("short_form", "nothing", _short_form),
    ("cloze", "nothing", _cloze),
    ("cloze_name", "nothing", _cloze_name),
)
RULES: tuple[str, ...] = tuple(rule for rule, _, _ in _RULES)


def _neutral(phrase: str) -> str:
    """ "our memory use" asked about from outside is "the memory use"."""
    return re.sub(r"^(?:its|our|their)\s", "the ", phrase)
