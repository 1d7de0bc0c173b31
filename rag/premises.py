"""What a question takes for granted and the abstract contradicts.

"Why does KiteNet need labels?" is answered badly by quotes alone when the abstract says "without any labels": then the answer
says so first, and begins with that sentence. The grammar of the question tells what it takes for granted
(`rag.premise.questions`), and each sentence of the best paper is held against it (`rag.premise.rules`). A question corrected
wrongly is worse than one not corrected, so the rules speak only of what stands there in the same words.

What it does not do: synonyms that only an expert knows, inference over sentences, other languages than English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag import quoting
from rag.finding import Finding
from rag.premise.abstract import Abstract, read_abstract
from rag.premise.denials import denials
from rag.premise.lexicon import BEGINS, OF_RECORD, content, keys, plain
from rag.premise.questions import Assumed, assumed
from rag.premise.records import misattributed
from rag.premise.rules import RULES
from rag.question.query import Query
from rag.schema import Paper
from rag.supporting.text import without_markers

if TYPE_CHECKING:
    from rag.reading import PaperMatch

# In words, by the rule that found it; the part of the question stands between quotation marks.
_SAYS = {
    **dict.fromkeys(
        ("another figure", "another unit", "another multiple", "of another"),
        BEGINS + "“{}” for granted; the abstract gives another figure:",
    ),
    "another name": BEGINS + "“{}” for granted; the abstract names another:",
    "another base": BEGINS + "“{}” for granted; the abstract names another:",
}
_RECORDED = BEGINS + "“{}” for granted; " + OF_RECORD + " {}."
_OTHERWISE = BEGINS + "“{}” for granted; the abstract says otherwise:"
_LONGEST = 120
_NEARLY_ALL, _SHORT = 0.8, 8
# Words that a part has at least for a sentence to say all of it, and words of a title that are looked for.
_ENOUGH, _TITLE_WORDS = 4, 20
_DENYING = frozenset({"needed", "lost", "vanished", "unrelated", "opposed", "kept", "blamed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """Something that a question takes for granted, `question[start:end]`, and the sentence of a paper that contradicts it,
    `abstract[sentence_start:sentence_end]`. `kind` is the rule that found it, `line` says so in words.
    """

    kind: str
    start: int
    end: int
    paper: Paper
    sentence_start: int
    sentence_end: int
    line: str

    @property
    def sentence(self) -> str:
        return self.paper.abstract[self.sentence_start : self.sentence_end]


def contradicted(query: Query, finding: Finding) -> Premise | None:
    """What a question takes for granted and the papers found for it contradict, or None.

    Asked of the best paper that would be quoted, and of each side of a comparison. Where none would be quoted, of the nearest
    one, if the question names it: a question that is all mistake shares few words with the abstract that says so.
    """
    question = query.rewritten or query.question
    matches = [group[0].match for group in finding.groups if group]
    if not matches:
        nearest = finding.found.matches[:1]
        matches = [m for m in nearest if finding.named is not None or names_it(question, m.paper)]
    if query.intent != "compare" and matches and (premise := _by_record(question, finding, matches[0])) is not None:
        return premise
    for match in matches if query.intent == "compare" else matches[:1]:
        spans = [(sentence.start, sentence.end) for sentence in match.sentences]
        if (premise := mistaken(question, match.paper, spans)) is not None:
            return premise
    return None


def _by_record(question: str, finding: Finding, match: PaperMatch) -> Premise | None:
    """A wrong author, organisation or year; quoted is what would be anyway, or else how the abstract begins."""
    found = misattributed(question, match.paper)
    if found is None or not match.sentences:
        return None
    first = next((group[0] for group in finding.groups if group), match.sentences[0])
    return Premise(
        kind="record",
        start=found.start,
        end=found.end,
        paper=match.paper,
        sentence_start=first.start,
        sentence_end=first.end,
        line=_RECORDED.format(_quotable(question[found.start : found.end]), found.says),
    )


def corrected(finding: Finding, premise: Premise) -> tuple[tuple[quoting.Quote, ...], ...]:
    """The quotes of an answer, beginning with the sentence that contradicts the premise; its paper comes first."""
    at = premise.paper.paper_id
    read = [*(group[0].match for group in finding.groups), *finding.found.matches]
    match = next(match for match in read if match.paper.paper_id == at)
    first = quoting.Quote(match=match, start=premise.sentence_start, end=premise.sentence_end)
    same = [group for group in finding.groups if group[0].match.paper.paper_id == at]
    others = tuple(group for group in finding.groups if group[0].match.paper.paper_id != at)
    rest = tuple(quote for group in same for quote in group if (quote.start, quote.end) != (first.start, first.end))
    return ((first, *rest), *others)


def mistaken(question: str, paper: Paper, spans: Sequence[tuple[int, int]]) -> Premise | None:
    """The premise of a question that a paper contradicts most clearly, or None. `spans` are the abstract's sentences."""
    parts = assumed(question)
    if not parts or not spans:
        return None
    abstract = read_abstract(paper.title, [paper.abstract[start:end] for start, end in spans])
    titled = _titled(question, paper.title)
    named = keys(plain(question)) & abstract.names
    asked = keys(plain(_without(question, titled))) | named
    judged = []
    for part in parts:
        bare = replace(part, text=_without(part.text, titled))
        judged.append((part, bare, says_so(bare, abstract)))
    best: tuple[float, Premise] | None = None
    for place, (kind, rule) in enumerate(RULES.items()):
        for part, bare, whole in judged:
            for (start, end), text in zip(spans, abstract.sentences, strict=True):
                denying = kind in _DENYING
                if repeats(asked, text) or (whole and denying):
                    continue
                if (strength := rule(bare if denying else part, asked, text, abstract)) <= 0:
                    continue
                rank = strength + len(asked & keys(text)) / 100 - place / 1000
                if best is None or rank > best[0]:
                    said = _quotable(question[part.start if part.shown is None else part.shown : part.end])
                    line = _SAYS.get(kind, _OTHERWISE).format(said)
                    best = (
                        rank,
                        Premise(
                            kind=kind,
                            start=part.start,
                            end=part.end,
                            paper=paper,
                            sentence_start=start,
                            sentence_end=end,
                            line=line,
                        ),
                    )
    return best[1] if best else None


def repeats(asked: frozenset[str], sentence: str) -> bool:
    """Whether a question has nearly all words of a sentence: then it asks about what stands there."""
    said = keys(sentence)
    return len(said & asked) >= _NEARLY_ALL * max(len(said), _SHORT)


def says_so(part: Assumed, abstract: Abstract) -> bool:
    """Whether a sentence has all words of a part outside of what it denies: then no other one denies them."""
    claim = keys(plain(part.text))
    if len(claim) < _ENOUGH or part.kind != "claim" or part.denied:
        return False
    for text in abstract.sentences:
        if claim <= keys(text) and claim <= keys(text).difference(*(denial.scope for denial in denials(text))):
            return True
    return False


def _titled(question: str, title: str) -> str:
    """The words with which a title begins, as a question has them, when they are three or more; otherwise ''."""
    words = title.split()
    for n in range(min(len(words), _TITLE_WORDS), 2, -1):
        said = " ".join(words[:n]).rstrip(":,.;?")
        if said.lower() in question.lower():
            return said
    return ""


def _without(text: str, said: str) -> str:
    """A text without a title: its words say which paper is meant, and nothing of it."""
    return re.sub(re.escape(said), " it ", text, flags=re.IGNORECASE) if said else text


def names_it(question: str, paper: Paper) -> bool:
    """Whether a question has a name (FoldNet, not Paris) that the paper's title or abstract has."""
    asked = {
        token.key for token in content(plain(question)) if token.kind == "name" and token.strong and not token.figure
    }
    return bool(asked & {token.key for token in content(plain(f"{paper.title}. {paper.abstract}"))})


def _quotable(text: str) -> str:
    """A part of a question as it may stand in an answer: no markers, no mark-up, not long."""
    bare = " ".join(re.sub(r"[\[\]<>*_`#|\\“”\"]", " ", without_markers(text)).split())
    return bare if len(bare) <= _LONGEST else bare[:_LONGEST].rsplit(" ", 1)[0] + " …"
