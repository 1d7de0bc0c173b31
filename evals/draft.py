"""Drafts a question set from a library without a model: for a person to review before it measures anything.

The rules of `evals/draft_rules.py` find what abstracts state; here each find is checked and a varied set is chosen:

- the fact stands in the abstract, a figure in one sentence only, and not in the question;
- the question names its paper, or what it asks for occurs in no other paper and what it describes fits no other;
- no question repeats nine words in a row of the abstract, the title aside;
- rules take turns, and no paper is asked about twice before every other has been.

The same library, number and seed give the same set. A drafted question is marked by its `kind` ("drafted_figure", …);
its evidence, a slice of an abstract, is in a second file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from evals.answers import fold
from evals.draft_rules import RULES, Candidate, candidates
from evals.files import write_jsonl
from evals.schema import Question
from rag.errors import QuestionFileError
from rag.schema import Paper

SEED = 0
COPIED_WORDS = 9
_FEW = 2
_HEAD = re.compile(r"^([^:]{2,40}?)\s*:\s")
# Words that describe nothing: most abstracts have them.
GENERIC = frozenset(
    """with that this from which into novel simple efficient effective framework method approach model models learning
    training based large language neural network networks data deep general unified system task tasks performance
    generalized scalable solution comprising dataset datasets benchmark complementary that these offers open-source""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where the answer to a drafted question stands: `quote == abstract[start:end]` of the paper."""

    question_id: str
    paper_id: str
    start: int
    end: int
    quote: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A drafted question and its evidence."""

    question: Question
    evidence: Evidence


class Shelf:
    """What the drafts of a library are checked against: the names and the words of its papers."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.papers = {paper.paper_id: paper for paper in sorted(papers, key=lambda paper: paper.paper_id)}
        self._titles = Counter(fold(paper.title) for paper in self.papers.values())
        self._heads = Counter(fold(head[1]) for p in self.papers.values() if (head := _HEAD.match(p.title)))
        self._texts = {name: fold(f"{paper.title}\n{paper.abstract}") for name, paper in self.papers.items()}

    def name(self, paper: Paper) -> str:
        """What a question calls a paper: a name before the colon of its title that no other has, else the title."""
        head = _HEAD.match(paper.title)
        if head and looks_like_a_name(head[1]) and self._heads[fold(head[1])] == 1:
            return head[1]
        return f"“{paper.title}”"

    def key(self, paper: Paper) -> str:
        """What `relevant` calls a paper: its title, or its id where another paper has the same title."""
        return paper.title if self._titles[fold(paper.title)] == 1 else paper.paper_id

    def n_others(self, text: str, paper: Paper) -> int:
        """How many other papers have a text in title or abstract, as a word or words, singular or plural."""
        wanted = re.compile(rf"(?<!\w){re.escape(fold(text))}s?(?!\w)")
        return sum(name != paper.paper_id and wanted.search(other) is not None for name, other in self._texts.items())

    def fits_only(self, description: str, paper: Paper) -> bool:
        """Whether the telling words of a description are three or more and stand together in no other paper."""
        words = {word for word in re.findall(r"[a-z][a-z-]{3,}", fold(description))} - GENERIC
        if len(words) < 3:
            return False
        others = (other for name, other in self._texts.items() if name != paper.paper_id)
        return not any(all(word in other for word in words) for other in others)


def draft_questions(papers: Iterable[Paper], n: int, *, seed: int = SEED) -> list[Draft]:
    """Up to `n` drafted questions, fewer where the abstracts do not give them; in order of rules taking turns."""
    shelf = Shelf(papers)
    rng = Random(seed)
    order = list(shelf.papers)
    rng.shuffle(order)
    waiting: dict[str, list[Candidate]] = {rule: [] for rule in RULES}
    for paper_id in order:
        paper = shelf.papers[paper_id]
        for found in candidates(paper, shelf.name(paper), Random(f"{seed} {paper_id}")):
            waiting[found.rule].append(found)
    return numbered([(one, shelf) for one in _chosen(waiting, shelf, n)])


def numbered(chosen: Sequence[tuple[Candidate, Shelf]]) -> list[Draft]:
    """Candidates as questions d001, d002, … with their evidence."""
    drafts = []
    for index, (one, shelf) in enumerate(chosen, 1):
        paper = shelf.papers[one.paper_id]
        question_id = f"d{index:03d}"
        drafts.append(
            Draft(
                question=Question(
                    question_id=question_id,
                    question=one.question,
                    kind=one.kind,
                    relevant={shelf.key(paper): 1},
                    facts=one.facts,
                ),
                evidence=Evidence(
                    question_id=question_id,
                    paper_id=paper.paper_id,
                    start=one.start,
                    end=one.end,
                    quote=paper.abstract[one.start : one.end],
                ),
            )
        )
    return drafts


def why_unfit(candidate: Candidate, shelf: Shelf) -> str:
    """Why a candidate is no question for the set; empty when it is."""
    paper = shelf.papers[candidate.paper_id]
    quote, abstract = fold(paper.abstract[candidate.start : candidate.end]), fold(paper.abstract)
    asked = fold(candidate.question)
    for group in candidate.facts:
        fact = fold(group[0])
        if fact not in quote:
            return f"the fact “{group[0]}” does not stand in the evidence"
        if fact[0].isdigit() and abstract.count(fact) != quote.count(fact):
            return f"the fact “{group[0]}” stands elsewhere in the abstract too"
        if any(fold(form) in asked for form in group):
            return f"the question gives the fact “{group[0]}” away"
    if not candidate.facts:
        return "there is no fact"
    if copied := copied_words(candidate.question.replace(paper.title, "…"), paper.abstract):
        return f"the question copies the abstract: “{copied}”"
    if shared := [text for text in candidate.alone if shelf.n_others(text, paper)]:
        return f"“{shared[0]}” occurs in other papers too"
    if candidate.rule == "cloze_name" and shelf.n_others(candidate.facts[0][0].removesuffix("s"), paper) > _FEW:
        return "too many papers have that name for it to be anybody's own"
    if not candidate.names_paper and not shelf.fits_only(candidate.description, paper):
        return "what it describes fits other papers too"
    return ""


def copied_words(text: str, source: str, n: int = COPIED_WORDS) -> str:
    """The first `n` words in a row of `text` that stand so in `source`, or nothing.

    >>> copied_words("We say a b c d.", "Look: a, b, c.", n=3)
    'a b c'
    """
    words, others = (re.findall(r"\w+", part.casefold()) for part in (text, source))
    runs = {tuple(others[at : at + n]) for at in range(len(others) - n + 1)}
    for at in range(len(words) - n + 1):
        if tuple(words[at : at + n]) in runs:
            return " ".join(words[at : at + n])
    return ""


def evidence_path(path: Path) -> Path:
    """The file of the evidence: `questions.evidence.jsonl` beside `questions.jsonl`."""
    return path.with_name(path.name.removesuffix(".jsonl") + ".evidence.jsonl")


def write_drafts(path: Path, drafts: Sequence[Draft]) -> Path:
    """Writes the question set and its evidence, and says where the evidence is.

    Raises QuestionFileError when one of the files is there already: it may have been reviewed.
    """
    for there in (path, evidence_path(path)):
        if there.exists():
            raise QuestionFileError(f"{there} exists already: choose another file, or delete it first")
    if not path.parent.is_dir():
        raise QuestionFileError(f"{path} cannot be written: there is no folder {path.parent}")
    write_jsonl(evidence_path(path), (draft.evidence.to_dict() for draft in drafts))
    write_jsonl(path, (draft.question.to_dict() for draft in drafts))
    return evidence_path(path)


def drafts_as_jsonl(drafts: Sequence[Draft]) -> str:
    return "".join(json.dumps(draft.question.to_dict(), ensure_ascii=False) + "\n" for draft in drafts)


def looks_like_a_name(text: str) -> bool:
    """Written like a name: up to three words, one of them with a capital inside or a digit, and no formula."""
    words = text.split()
    return (
        len(words) <= 3 and not re.search(r"[$\\^{}]", text) and any(re.search(r"\w[A-Z]|\d", word) for word in words)
    )


def _chosen(waiting: dict[str, list[Candidate]], shelf: Shelf, n: int) -> list[Candidate]:
    """Rules take turns; of a rule's candidates the one whose paper was asked about least comes first."""
    chosen: list[Candidate] = []
    asked: Counter[str] = Counter()
    facts: set[tuple[str, str]] = set()
    while len(chosen) < n and any(waiting.values()):
        for rule in RULES:
            rows = waiting[rule]
            while rows and len(chosen) < n:
                index = min(range(len(rows)), key=lambda at: asked[rows[at].paper_id])
                one = rows.pop(index)
                fact = (one.paper_id, fold(one.facts[0][0]) if one.facts else "")
                if fact in facts or why_unfit(one, shelf):
                    continue
                facts.add(fact)
                asked[one.paper_id] += 1
                chosen.append(one)
                break
    return chosen
