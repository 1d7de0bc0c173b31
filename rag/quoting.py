"""An answer without a model: the sentences that answer, verbatim.

Papers found by the search are read with the question in mind (`rag.reading`), ranked again, and judged (`rag.judging`). The
sentences of one that answers are weighed and the best are quoted in the order of the abstract, from one paper or, where the
question asks for several, from each that comes near the best.

All constants below were fitted by logistic regression on the development questions (`evals/questions/seeds.jsonl`) and
rounded; `python -m evals.calibrate` fits them again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.reading import PaperMatch, Word
from rag.supporting.orders import is_order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How many papers are read for a question at most and at least, and what a match of 1.0 adds to a paper's search score.
N_READ, LEAST_READ = 12, 3
MATCH_WEIGHT = 20.0
# Words quoted from one paper when the question is about one, from each of several, and for each side of a comparison.
WORDS_ONE, WORDS_EACH, WORDS_SIDE = 135, 55, 90
# Several papers: those within this distance of the best one's score.
NEAR_BEST, MOST_PAPERS, FEWEST_PAPERS = 8.0, 6, 2
# A word of the title says which paper is meant, not what is asked of it: it counts for this much among sentences.
_TITLED = 0.3

# What a sentence gains by speaking of words that the sentences chosen before it do not speak of.
_COVERAGE = 2.0
# A sentence this much less likely (in log-odds) than the best one is not quoted, except to give at least two. On the
# development questions 4.0 keeps every fact that filling the budget would state, 3.0 loses 2 % of them for 20 words less.
_WORSE_THAN_BEST, _LEAST = 4.0, 2

SENTENCE = {
    "bias": -4.42, "asked": 5.27, "near": -1.53, "place": 1.73, "number": 1.1, "proposes": 0.35,
    "finding, number asked": 0.12, "finding": 0.41, "cause": 0.53, "code": -0.55, "first": -0.89, "last": -0.43,
    "late": 1.38,
}  # fmt: skip

NUMERIC = re.compile(
    r"\b(?:how (?:much|many|big|large|long|well|often|far|small|fast|strong|\w+er)\b|by (?:what|how)\b|percent\w*|rates?\b|"
    r"what (?:share|fraction|percentage|factor|number)\b|numbers?\b|figures?\b|score[sd]?\b|accurac\w+|error\b|speed-?ups?\b|"
    r"gains?\b|reduc\w+|savings?\b|results?\b|factor\b|mAP\b|BLEU\b|AUC\b|F1\b|FID\b|WER\b|MFU\b|size\b|cost\b)",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:why|reasons?|causes?|because|limitations?|weakness\w*|problems?|issues?|challenges?)\b", re.IGNORECASE
)
DIGIT = re.compile(
    r"(?<![A-Za-z\-])\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|twice|double)\b", re.IGNORECASE
)
_PROPOSES = re.compile(
    r"\b(?:we|this (?:paper|work|study)|here)\b[^.]{0,40}\b(?:propos|introduc|present|develop|describ|design|explor|study|show)",
    re.IGNORECASE,
)
_FINDS = re.compile(
    r"\b(?:outperform|achiev|result|experiment|improv|reduc|surpass|yield|demonstrat|attain|reach|accura|faster|speed|evaluat|"
    r"compared|state-of-the-art|only)\w*",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:because|due to|since|however|unfortunately|limit|problem|challeng|suffer|issue|lead|caus|drawback)\w*",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?:code|github|project page)\b|https?://", re.IGNORECASE)
# A sentence on where to get something, which answers only who asks for that.
_WHERE = re.compile(
    r"\b(?:code|models?|data(?:sets?)?|weights|checkpoints|demos?|videos?)\b[^.]{0,80}\b(?:available|released?|found|open-?sourced?)\b|https?://",
    re.IGNORECASE,
)
_ASKS_WHERE = re.compile(
    r"\b(?:codes?|github|repo\w*|links?|urls?|website|available|availability|releas\w*|open[- ]?sourc\w*|weights|checkpoints?"
    r"|downloads?|where|data ?sets?|public\w*|demos?)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d\s?(?:%|×|[xX]\b|percent|times|fold|-fold|GB|MB|ms|hours?|points?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence chosen for an answer: its paper's place among the matches and its span in the abstract."""

    match: PaperMatch
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.match.paper.abstract[self.start : self.end]


def order(scores: Sequence[float], matches: Sequence[PaperMatch]) -> list[int]:
    """Places of papers from best to worst: search score and match together; ties keep the search's order."""
    return sorted(range(len(matches)), key=lambda i: (-combined(scores[i], matches[i]), i))


def combined(score: float, match: PaperMatch) -> float:
    return score + MATCH_WEIGHT * match.score


def select(
    question: str,
    words: Sequence[Word],
    matches: Sequence[PaperMatch],
    scores: Sequence[float],
    *,
    several: bool,
) -> list[list[Quote]]:
    """The quotes of an answer, by paper, best paper first. `scores` are `combined` scores in the order of `matches`."""
    if not several:
        return [pick(question, words, matches[0], budget=WORDS_ONE)]
    near = [match for match, score in zip(matches, scores, strict=True) if score > scores[0] - NEAR_BEST][:MOST_PAPERS]
    near = list(matches[: max(len(near), FEWEST_PAPERS)])
    groups = [quotes for match in near if (quotes := pick(question, words, match, budget=WORDS_EACH))]
    if NUMERIC.search(question):  # "by how much": those who say so come first
        groups.sort(key=lambda quotes: not any(_FIGURE.search(quote.text) for quote in quotes))
    return groups


def pick(question: str, words: Sequence[Word], match: PaperMatch, *, budget: int) -> list[Quote]:
    """The sentences of a paper that answer best, in the order of the abstract, at most `budget` words but at least one."""
    import numpy as np

    if not match.sentences:
        return []
    scores = sentence_scores(question, words, match)
    weights = _weights(words, match)
    covered = np.zeros(len(words), np.float32)
    abstract = match.paper.abstract
    rest = {
        i
        for i, sentence in enumerate(match.sentences)
        if len(match.sentences) == 1 or not is_order(abstract[sentence.start : sentence.end])
    }
    if not _ASKS_WHERE.search(question):
        rest = {i for i in rest if not _says_where(abstract[match.sentences[i].start : match.sentences[i].end])} or rest
    chosen: list[int] = []
    used, top = 0, 0.0
    while rest:
        gains = {
            i: scores[i]
            + _COVERAGE * float((np.maximum(covered, match.sentences[i].near) - covered) @ weights) * bool(chosen)
            for i in rest
        }
        best = max(rest, key=lambda i: (gains[i], -i))
        rest.discard(best)
        sentence = match.sentences[best]
        length = len(match.paper.abstract[sentence.start : sentence.end].split())
        top = gains[best] if not chosen else top
        worse = len(chosen) >= _LEAST and gains[best] < top - _WORSE_THAN_BEST
        if chosen and (used + length > budget or worse):
            continue
        chosen.append(best)
        used += length
        covered = np.maximum(covered, sentence.near)
    return [Quote(match=match, start=match.sentences[i].start, end=match.sentences[i].end) for i in sorted(chosen)]


def _says_where(sentence: str) -> bool:
    """Whether a sentence only says where to get something."""
    return bool(_WHERE.search(sentence)) and not DIGIT.search(re.sub(r"https?://\S+", "", sentence))


def on_topic(question: str, words: Sequence[Word], match: PaperMatch) -> list[Quote]:
    """What a paper says on a topic that papers are asked on: its best sentences, with the one that comes nearest to the topic."""
    import numpy as np

    quotes = pick(question, words, match, budget=WORDS_EACH)
    weights = np.array([word.weight for word in words], np.float32)
    near = max(match.sentences, key=lambda sentence: float(sentence.near @ weights), default=None)
    if near is None or near.start in {quote.start for quote in quotes}:
        return quotes
    nearest = Quote(match=match, start=near.start, end=near.end)
    length = len(nearest.text.split())
    kept = [quote for quote in quotes[:1] if length + len(quote.text.split()) <= WORDS_EACH]
    return sorted([*kept, nearest], key=lambda quote: quote.start)


def sentence_scores(question: str, words: Sequence[Word], match: PaperMatch) -> list[float]:
    """How well each sentence of a paper answers, as log-odds."""
    return [
        SENTENCE["bias"] + sum(SENTENCE[name] * value for name, value in features.items())
        for features in sentence_features(question, words, match)
    ]


def sentence_features(question: str, words: Sequence[Word], match: PaperMatch) -> list[dict[str, float]]:
    """What `sentence_scores` weighs, for each sentence.

    `asked` and `near`: how near it comes to the words that say what is asked, and to all; `place`: 1 for the nearest
    sentence of the paper, 1/2 for the next, …; the others are 0 or 1, and `late` where in the abstract it stands.
    """
    import numpy as np

    weights = _weights(words, match)
    everything = np.array([word.weight for word in words], np.float32)
    everything = everything / max(float(everything.sum()), 1e-9)
    numeric, why = bool(NUMERIC.search(question)), bool(_WHY.search(question))
    near = np.array([float(sentence.near @ weights) for sentence in match.sentences])
    places = (-near).argsort(kind="stable").argsort()
    rows = []
    for i, sentence in enumerate(match.sentences):
        text = match.paper.abstract[sentence.start : sentence.end]
        finds = bool(_FINDS.search(text))
        rows.append(
            {
                "asked": float(near[i]),
                "near": float(sentence.near @ everything),
                "place": 1 / (1 + int(places[i])),
                "number": float(numeric and bool(DIGIT.search(text))),
                "proposes": float(bool(_PROPOSES.search(text))),
                "finding, number asked": float(numeric and finds),
                "finding": float(not numeric and finds),
                "cause": float(why and bool(_CAUSE.search(text))),
                "code": float(bool(_CODE.search(text))),
                "first": float(i == 0),
                "last": float(i == len(match.sentences) - 1),
                "late": i / len(match.sentences),
            }
        )
    return rows


def _weights(words: Sequence[Word], match: PaperMatch) -> NDArray[np.float32]:
    """What each word of the question counts among the sentences of a paper; sums to 1 (or 0)."""
    import numpy as np

    rarity = np.array([word.weight for word in words], np.float32)
    weights = rarity * np.where(match.titled, np.float32(_TITLED), np.float32(1.0))
    scaled: NDArray[np.float32] = weights / max(float(weights.sum()), 1e-9)
    return scaled
