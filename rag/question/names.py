"""The names that papers go by, for finding a paper that a question names.

A paper's names are its title, the part before the colon ("OpenELM"), an acronym the title gives, its identifiers and,
more weakly, the name under which its abstract introduces its method ("we call this HASTE"). Names are compared without
case, spaces and punctuation. A name that is an ordinary word ("Drama", "CORE") counts where it is written like a name.
A word that occurs nowhere in the library may be a misspelling of a name: one slip in five letters or more, two in nine.

`Shelf` asks the keyword index for the names that the words of a text may be; it never walks the papers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.keyword_fields import folded
from rag.question.naming import HEAD, LATEX, REPORT, edit_distance, key, looks_named
from rag.question.words import QUESTION_WORDS
from rag.schema import Filters, Paper

if TYPE_CHECKING:
    from rag.keywords import KeywordIndex
    from rag.library import Library

_SIZE = re.compile(r"-\d+(?:\.\d+)?[BMKbmk]$")
_SHARED_END = re.compile(
    r"(?:[\s-]+(?:AI|Labs?|Research|Inc\.?|Team|Group|University|Corporation|Technologies|Org)){1,4}$"
)
_WORD = re.compile(r"[^\s,;:?!()\[\]{}\"“”‘]+")
# What many organisations begin with; one of these alone names none.
_ANY_PLACE = frozenset(
    "university institute institut national technical royal college school center centre international federal department max-planck research open"
    " laboratory state hong south north east west united advanced applied global general digital intelligent smart future machine deep data vision".split()
)
_MOST_WORDS = 14
_COMMON_SAMPLE = 8
_TOPIC = 4  # papers from which on a phrase in lower case is a subject, not a title
_FUNCTION_WORDS = QUESTION_WORDS | frozenset(
    """since before after until under over during while because through against across among like more most less least other others another all
    own same few both not no very too ever never again else used using use via his her itself themselves""".split()
)
_VERB_BEFORE = re.compile(r"\b(?:does|do|did|can|could|how|is|are|was|will|would|should)\s+(?:the\s+)?$", re.IGNORECASE)
_ANY_WORK = frozenset("paper method model approach work articl studi framework".split())  # stems
_CLEARLY = 2.0  # nats of shared words that tell one of two papers of the same name
_MOST_INTRODUCERS = 2  # papers that may introduce one name in their abstracts
_LONGEST_MENDED = 26
_RARE = 5  # papers in which a name that only an abstract introduces may occur


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name found in a text, `text[start:end]`, and the papers that go by it.

    `in_title` is false for names that only an abstract introduces; `meant` is the right spelling of a misspelt name.
    """

    start: int
    end: int
    words: str
    paper_ids: tuple[str, ...]
    in_title: bool = True
    meant: str | None = None


class Shelf:
    """Names and organisations of a library's papers, as its keyword index has them."""

    def __init__(self, index: KeywordIndex) -> None:
        self._index = index
        self._common: dict[str, bool] = {}

    @property
    def n_papers_by_organisation(self) -> dict[str, int]:
        """How many papers each organisation has, those with most first."""
        return self._index.derived("papers by organisation", self._count_organisations)

    @property
    def organisations(self) -> dict[str, str]:
        """Organisations as papers name them, by every folded name that they go by."""
        return self._index.derived("organisations", self._name_organisations)

    def title(self, paper_id: str) -> str | None:
        return next((card.title for card in self._index.cards("paper_id", paper_id, 1)), None)

    def titled(self, title: str) -> str | None:
        """The paper with exactly this title (but for case and punctuation)."""
        cards = self._index.cards("name", folded(title))
        return next((card.paper_id for card in cards if key(card.title) == key(title)), None)

    def label(self, paper_id: str) -> str:
        """A short name for a paper: what stands before the colon of its title, else the title."""
        title = self.title(paper_id) or paper_id
        short = REPORT.sub("", title)
        match = HEAD.match(title)
        if match and len(match[1].split()) <= 5:
            short = REPORT.sub("", match[1])
        return LATEX.sub("", short).strip()

    def form(self, name: str) -> str | None:
        """A name as its paper writes it: "Sample Factory" for "samplefactory"."""
        cards = self._index.cards("name", folded(name))
        return next((one for card in cards for one in card.names if key(one) == key(name)), None)

    def find(self, text: str, library: Library, *, weak: bool = True) -> list[Named]:
        """The names in a text, in order and without overlaps; longer names win. `weak` takes abstracts' names too."""
        words = _words(text)
        found: list[Named] = []
        at = 0
        while at < len(words):
            for n in range(min(_MOST_WORDS, len(words) - at), 0, -1):
                named = self._named(text, words[at : at + n], library, weak=weak)
                if named is not None:
                    found.append(named)
                    at += n
                    break
            else:
                at += 1
        return found

    def misspelt(self, text: str, library: Library, taken: Sequence[Named]) -> list[Named]:
        """Words that occur nowhere in the library and are close to a name of one paper or a few."""
        found = []
        words = [
            word for word in _words(text) if not any(name.start < word[1] and word[0] < name.end for name in taken)
        ]
        for position, (start, end, word) in enumerate(words):
            if len(key(word)) < 5 or not _unknown(word, library):
                continue
            runs = [(start, end, word)]
            for other in (position - 1, position + 1):
                if 0 <= other < len(words) and abs(words[other][0] - end) + abs(words[other][1] - start) < 60:
                    low, high = min(start, words[other][0]), max(end, words[other][1])
                    runs.append((low, high, text[low:high]))
            for low, high, run in runs:
                if (near := self._nearest(key(run))) is not None:
                    owners, form = self._owners(near), self.form(near)
                    found.append(Named(start=low, end=high, words=text[low:high], paper_ids=owners, meant=form))
                    break
        return found

    def _count_organisations(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for (name, _), n in self._index.organisations().items():
            counts[name] = counts.get(name, 0) + n
        return counts

    def _name_organisations(self) -> dict[str, str]:
        found: dict[str, str] = {}
        short: dict[str, set[str]] = {}
        for name, slug in self._index.organisations():
            for one in (name, slug):
                if key(one):
                    found.setdefault(key(one), name)
            short.setdefault(key(_SHARED_END.sub("", name)), set()).add(name)
        for name in {name for name, _ in self._index.organisations()}:  # "Karolinska" for "Karolinska Institutet"
            first, _, more = name.partition(" ")
            if more and len(first) >= 5 and first.casefold() not in _ANY_PLACE:
                short.setdefault(key(first), set()).add(name)
        for one, names in short.items():  # "NAVER" for "NAVER AI Lab", where one organisation only can be meant
            if len(names) == 1 and len(one) >= 3:
                found.setdefault(one, next(iter(names)))
        return found

    def _named(self, text: str, words: Sequence[tuple[int, int, str]], library: Library, *, weak: bool) -> Named | None:
        start, end = words[0][0], words[-1][1]
        run = text[start:end]
        name = folded(run)
        owners = self._owners(name)
        if not owners and len(words) == 1:
            name = folded(_SIZE.sub("", run))
            owners = self._owners(name)
        if len(name) < 2:
            return None
        in_title = True
        if len(words) == 1 and weak and len(name) > 2 and looks_named(run):
            # An abstract's name counts where hardly another paper uses it, also beside a title that has it.
            others = self._index.cards("introduced", name, _MOST_INTRODUCERS + 1)
            if others and len(others) <= _MOST_INTRODUCERS and self._is_rare(run, library):
                in_title = bool(owners)
                owners = tuple(dict.fromkeys((*owners, *(card.paper_id for card in others))))
        if not owners:
            return None
        if len(words) == 1 and not self._is_name(text, start, run, name, library):
            return None
        plain = 2 <= len(words) <= 4 and not _title_case(run) and not any(looks_named(word) for _, _, word in words)
        if plain and self._is_topic(run, library):  # words that many papers share are a topic, not the name of one
            return None
        return Named(start=start, end=end, words=run, paper_ids=owners, in_title=in_title)

    def _owners(self, name: str) -> tuple[str, ...]:
        return tuple(card.paper_id for card in self._index.cards("name", name))

    def _is_name(self, text: str, start: int, word: str, name: str, library: Library) -> bool:
        if looks_named(word):
            return True
        if not library.keywords.stems(word):
            return False
        capital_inside = (
            word[:1].isupper() and bool(text[:start].strip()) and not re.search(r"[.?!:]\s*$", text[:start])
        )
        return (capital_inside and not text.istitle()) or not self._is_common(name, word, library)

    def _is_common(self, name: str, word: str, library: Library) -> bool:
        """Whether other papers use the word, in lower case, as an ordinary one."""
        if name not in self._common:
            owners = self._owners(name)
            hits = [paper_id for paper_id, _ in library.keywords.search(word, _COMMON_SAMPLE + len(owners), Filters())]
            others = library.get_many([paper_id for paper_id in hits if paper_id not in owners])
            pattern = re.compile(rf"(?<![\w-]){re.escape(word.lower())}(?![\w-])")
            self._common[name] = any(pattern.search(paper.abstract) for paper in others.values())
        return self._common[name]

    @staticmethod
    def _is_rare(word: str, library: Library) -> bool:
        return any(library.keywords.document_frequency(stem) <= _RARE for stem in library.keywords.stems(word))

    def _is_topic(self, run: str, library: Library) -> bool:
        return len(set(library.keywords.stems(run))) < 2 or library.keywords.n_with_phrase(run) > _TOPIC

    def _nearest(self, word: str) -> str | None:
        """The name that a folded word misspells, folded; None when there is none, or when the word has no letters."""
        if word.isdigit() or len(word) > _LONGEST_MENDED:
            return None
        slips = 1 if len(word) < 9 else 2
        digits = re.sub(r"\D", "", word)
        best: tuple[int, int, str] | None = None
        for name in {folded(one) for card in self._index.cards_near(word, slips) for one in card.names}:
            if not 4 <= len(name) <= _LONGEST_MENDED - 2 or re.sub(r"\D", "", name) != digits:
                continue
            # One slip leaves the first two letters as they are, or what comes after the third.
            shift = len(word) - len(name)
            if name[:2] != word[:2] and name[3:6] != word[3 + shift : 6 + shift]:
                continue
            distance = edit_distance(word, name, slips)
            if distance <= slips and (best is None or (distance, len(name), name) < best):
                best = (distance, len(name), name)
        return best[2] if best else None


def shelf_of(library: Library) -> Shelf:
    """The library's shelf as of now; what it found out is kept until papers change."""
    index = library.keywords
    return index.derived("shelf", lambda: Shelf(index))


def choose(named: Named, text: str, library: Library, papers: Mapping[str, Paper]) -> tuple[str, ...]:
    """Which of the papers that share a name a text means: the one whose words it uses clearly more, else all."""
    if len(named.paper_ids) < 2:
        return named.paper_ids
    index = library.keywords
    beside = index.stems(" ".join(text[named.end :].split()[:1]))  # "the COSMOS optimizer"
    if _VERB_BEFORE.search(text[: named.start]):  # "does COSMOS optimize …"
        beside = []
    of_title = [
        one
        for one in named.paper_ids
        if beside and one in papers and set(beside) <= set(index.stems(papers[one].title))
    ]
    if len(of_title) == 1 and beside[0] not in _ANY_WORK:
        return (of_title[0],)
    n_papers = max(2, index.n_papers)
    weights = {
        stem: math.log(n_papers / max(1, index.document_frequency(stem)))
        for stem in content_stems(text[: named.start] + " " + text[named.end :], library)
    }
    shared = {}
    for paper_id in named.paper_ids:
        if (paper := papers.get(paper_id)) is not None:
            own, titled = set(index.stems(paper.abstract)), set(index.stems(paper.title))
            shared[paper_id] = sum(weight * ((stem in own) + (stem in titled)) for stem, weight in weights.items())
    order = sorted(shared, key=lambda paper_id: -shared[paper_id])
    if len(order) > 1 and shared[order[0]] >= shared[order[1]] + _CLEARLY:
        return (order[0],)
    return named.paper_ids


def content_stems(text: str, library: Library) -> list[str]:
    """The stems of a text's content words: without articles, pronouns, question words, auxiliaries and prepositions."""
    return library.keywords.stems(
        " ".join(word for word in re.findall(r"[\w+'-]+", text) if word.lower() not in _FUNCTION_WORDS)
    )


def _words(text: str) -> list[tuple[int, int, str]]:
    words = []
    for match in _WORD.finditer(text):
        word = re.sub(r"(?:['’]s|['’.,/-]+)$", "", match[0])
        if word:
            words.append((match.start(), match.start() + len(word), word))
    return words


def _title_case(run: str) -> bool:
    long_words = [word for word in run.split() if len(word) > 3]
    return bool(long_words) and all(word[0].isupper() or word[0].isdigit() for word in long_words)


def _unknown(word: str, library: Library) -> bool:
    stems = library.keywords.stems(word)
    return bool(stems) and any(not library.keywords.document_frequency(stem) for stem in stems)
