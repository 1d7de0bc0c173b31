"""Questions for papers that do without something: "which methods need no labels?", "which papers did not release weights?".

Search finds what speaks of labels, needed or not; `negated` reads what must be denied, `denying` finds the sentences of an
abstract that deny it. An ablation ("without labels, accuracy falls") denies nothing. Pure functions.

>>> negated("Which detection methods need no labels?").what, denying("No labels are used.", negated("methods without labels"))
('labels', [(0, 19)])
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rag.premise.denials import Denial, denials
from rag.premise.lexicon import OURS, keys
from rag.schema import Paper
from rag.sentences import sentence_spans

Span = tuple[int, int]

# Where nothing is left but what is asked for, the things are of the paper's own.
_GENERIC = (
    r"(?:papers?|articles?|works?|stud(?:y|ies)|publications?|preprints?|abstracts?|methods?|approach(?:es)?|techniques?|models?"
    r"|systems?|frameworks?|algorithms?|ideas?|ways?|strateg(?:y|ies)|solutions?|tools?|schemes?|projects?|ones?|of them|of these"
    r"|of those|authors|teams|groups)"
)
_NEED = (
    r"(?:need|requir|us(?:e|es|ed|ing)\b|rel(?:y|ies|ied|ying)\b|depend|employ|involv|assum|ha(?:s|ve|d|ving)\b|contain|includ"
    r"|tak(?:e|es|ing)\b|call|demand|necessitat|access|exploit|leverag|appl(?:y|ies|ied)|want|train|learn|work|run|operat|get"
    r"|make use|resort|expect|retrain|fine-?tun|tun(?:e|ed|ing)\b|updat)"
)
_GIVE = r"(?:releas|publish|provid|shar(?:e|es|ed|ing)\b|open|disclos|stat(?:e|es|ed|ing)\b|report|giv|list|mak|offer)"
# What is found or brought is not the paper's own: "which papers report no gain?" is answered by "there is no gain".
_FINDS = r"(?:report|find|found|show|observ|see|saw|bring|yield|giv|offer|achiev|lead|caus|mak)"
# What goes wrong without a thing needs it.
_BREAKS = r"(?:fail|collaps|struggl|suffer|break|degrad|diverg|happen|not\b|los|drop|fall|worse)"
_ASKS = (
    r"^\W*(?:(?:and|so|but|ok|please|can you|could you|now)\s+)*"
    r"(?P<asks>(?:which|what|are there(?: any)?|is there(?: an?| any)?|list|find|show(?: me)?|give me|name|any"
    r"|do you have(?: any| an?)?|have you(?: got)?(?: any)?)\s+(?:all\s+|the\s+)*)?"
)
_DENIED = (
    r"(?:(?:(?:do|does|did|are|is|was|were|can|could|have|has|will|would)(?:\s+not|n['’]t)|cannot)\s+(?:actually\s+|really\s+|even\s+)?"
    r"(?P<verb>(?!only\b|just\b)[\w-]+)(?:\s+(?:on|upon|for|of))?(?P<obj>(?:\s+[^\s,;:]+){0,5})"
    r"|(?P<verb2>[\w-]+)\s+(?:on\s+|upon\s+)?(?:no|zero)\s+(?!longer\b|more\b|less\b|fewer\b)(?P<obj2>[^\s,;:]+(?:\s+[^\s,;:]+){0,3})"
    r"|(?:(?P<verb3>[\w-]+)\s+(?P<extra>(?:[\w-]+\s+){0,4}))?without\s+(?P<obj3>[^\s,;:]+(?:\s+[^\s,;:]+){0,3})"
    r"|(?:are|is)\s+(?P<obj4>[\w-]+)[- ]free)"
)
_QUESTION = re.compile(
    rf"{_ASKS}(?P<topic>(?:[\w+/.-]+\s+){{0,6}}?)(?P<noun>of (?:them|these|those)|[\w-]+)\s+(?:(?:that|which|who)\s+)?"
    rf"{_DENIED}\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_LIGHT = re.compile(
    r"^(?:(?:to|be|been|being|any|an?|the|their|its|own|some|such|further|extra|additional|more|new|at all|explicit|using|needing"
    r"|requiring|having|access to|need for|relying on|kind of|sort of|use of)\s+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s+(?:at all|either|anymore|whatsoever|yet)$", re.IGNORECASE)
_DOING = re.compile(r"(?!(?:re|pre)?train|fine-?tun|tun|learn|prompt|sampl)\w{3,}ing\s+\w", re.IGNORECASE)
_JOINED = re.compile(r"\b(?:and|or|but|nor|that|which|how|what|why|who|when|than|much|as)\b", re.IGNORECASE)
# What stands for the same where it is done without.
_ALIKE = (
    ("labels", "labelled", "annotations", "annotated", "annotators"),
    ("training", "retraining", "fine-tuning", "finetuning", "tuning"),
    ("weights", "checkpoints"),
    ("code", "implementation"),
    ("gpu", "gpus"),
    ("images", "pictures"),
)
_LABELLED = r"(?:labell?ed|annotated|label) (?:data|datasets?|examples?|samples?|images?|training data)"
_UNLABELLED = re.compile(
    r"\b(?:unsupervised|self-supervised) (?:method|approach|framework|manner|way|fashion|algorithm)s?\b", re.IGNORECASE
)
# A thing whose name goes on is another: "training data" is no training. It ends before these words.
_GOES_ON = re.compile(
    r"^[\s-]+(?!(?:for|in|on|to|from|with|by|at|across|during|as|via|through|between|over|under|per|before|after|against|and|or|nor|but"
    r"|while|is|are|was|were|be|needed|required|used|than|when|of|that|which|compared|so|yet|beyond|within|into|because|whatsoever|using"
    r"|thus|even|itself|altogether|either|free|unlike|where|until|if|can|has|have|it|they|we|this|still|remains|works|runs|reaches|achieves|keeps)\b)\w",
    re.IGNORECASE,
)
# "away from zero during training" denies nothing.
_FIGURE_ZERO = re.compile(
    r"\bzero(?=\s+(?:during|in|for|by|at|to|on|when|with|after|before|as|and|or|is|are)\b)", re.IGNORECASE
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were)\s+(?:not|never|no longer)\s+(?:\w+ly\s+)?(?:used|employed|involved|assumed|needed"
    r"|required|necessary)\b",
    re.IGNORECASE,
)
# "without altering the schedule" keeps the schedule.
_DOES = re.compile(
    r"\b(?:without|instead of|rather than)\s+(?!(?:using|requiring|needing|having|relying|accessing|involving"
    r"|employing|performing|doing|any)\b)"
    r"(?:\w+ly\s+)?(?P<doing>[\w-]+ing)\s+(?:[\w-]+\s+){0,3}$",
    re.IGNORECASE,
)
_OF_LABELS = re.compile(
    r"^[\s-]+(?:smoothing|noise|errors?|distributions?|embeddings?|loss(?:es)?|shift|spaces?|names?|sets?)\b",
    re.IGNORECASE,
)
# What is itself done: "is not trained", "does not fine-tune".
_NOT_DONE = re.compile(
    r"(?:\bnot|n['’]t|never|no longer)\s+(?:\w+ly\s+|been\s+|be\s+)?((?:re)?train\w*|fine-?tun\w*|tun(?:e|ed)|updat\w+)\b",
    re.IGNORECASE,
)
_SUFFERS = (
    r"(?:falls?|fell|drops?|dropped|declin\w+|collaps\w+|diverg\w+|degrad\w+|worse\w*|lower|fails?|failed|los(?:es|t)|suffers?"
    r"|deteriorat\w+|unstable|impossible|rises? to|grows? to|increases? to|decreas\w+)"
)
_ABLATION = re.compile(
    rf"^\W*without\b(?!.*\b(?:even|still|already)\b)(?=.*(?:\d|\b{_SUFFERS}\b))|\b{_SUFFERS}\b[^;:,]*\bwithout\b"
    rf"|\bwithout\b[^;:]*\b{_SUFFERS}\b|\b(?:outperform\w*|surpass\w*|baselines?|than)\b[^;:,]*\bwithout\b",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"\b(?:requires?|needs?|(?:is|are) (?:still )?(?:required|needed|necessary|essential|indispensable)|must)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Negated:
    """What papers are asked to do without, or not to do: `what`, as the question words it, `verb`, where it is another one than
    to need or use ("release"), and `topic`, what the papers are to be on. `plain`: where no abstract denies it, none is to be
    named.
    """

    what: str
    verb: str = ""
    topic: str = ""
    plain: bool = True


def negated(question: str) -> Negated | None:
    """What a question for papers denies of them; None when it denies nothing, or asks for something else."""
    match = _QUESTION.match(question.strip())
    if match is None:
        return None
    noun = match["noun"].lower()
    generic = re.fullmatch(_GENERIC, noun) is not None
    asks = (match["asks"] or "").strip().lower()
    if not generic and not (asks and asks != "what" and noun.endswith("s")):
        return None
    verb = match["verb"] or match["verb2"] or match["verb3"] or ""
    what = match["obj"] or match["obj2"] or match["obj3"] or match["obj4"] or ""
    what = _TAIL.sub("", _LIGHT.sub("", what.strip(" ?.!")))
    if _JOINED.search(what) or _DOING.match(what) or re.match(r"(?:without|no|not)\b", what, re.IGNORECASE):
        return None
    finds = bool(match["verb2"]) and re.match(_FINDS, verb, re.IGNORECASE) is not None
    extra = (match["extra"] or "").strip()
    needs = re.match(_NEED, verb, re.IGNORECASE) is not None or match["obj4"] is not None
    if match["obj3"]:
        if re.match(_BREAKS, verb, re.IGNORECASE):
            return None
        if verb and not needs:
            extra, verb = f"{verb} {extra}".strip(), ""
        needs = True
    elif match["verb2"] and re.fullmatch(_GENERIC, verb, re.IGNORECASE):
        return None  # "which papers no …": not a question that is understood
    if not what:
        what, needs = verb, needs or verb.lower().endswith("ed")
    topic = " ".join(
        [match["topic"].strip()] * bool(match["topic"].strip()) + ([] if generic else [noun]) + [extra] * bool(extra)
    )
    topic = re.sub(r"^(?:(?:of|the|other|all|any|papers?|on|about|for)\s+)+", "", topic, flags=re.IGNORECASE).strip()
    if not keys(what):
        return None
    return Negated(
        what=what,
        verb="" if needs or finds else verb,
        topic=topic,
        plain=not finds and ((needs and not extra) or re.match(_GIVE, verb, re.IGNORECASE) is not None),
    )


def spellings(what: str) -> tuple[str, ...]:
    """What stands for a thing, itself first."""
    wanted = keys(what)
    for group in _ALIKE:
        if any(wanted == keys(word) for word in group):
            return tuple(dict.fromkeys((what, *group)))
    if re.fullmatch(_LABELLED, what, re.IGNORECASE):
        return tuple(dict.fromkeys((what, *_ALIKE[0])))
    last = what.split()[-1]
    if any(keys(last) == keys(word) for word in _ALIKE[0]):  # "human labels" are "human annotations"
        return (what, *(f"{what[: -len(last)]}{word}" for word in _ALIKE[0]))
    return (what,)


def without(papers: Mapping[str, Paper], asked: Negated, on_topic: Callable[[Paper], bool]) -> dict[str, list[Span]]:
    """The papers that say the negated thing, and where: those that say it in the question's words first, those that demand it
    elsewhere last."""
    said = {
        key: spans for key, paper in papers.items() if on_topic(paper) and (spans := denying(paper.abstract, asked))
    }
    wanted = keys(asked.what)

    def place(row: tuple[str, list[Span]]) -> tuple[bool, bool, bool]:
        paper = papers[row[0]]
        sentences = [paper.abstract[start:end] for start, end in row[1]]
        name = re.split(r"[:,]| - ", paper.title)[0].casefold()
        return (
            demanding(paper.abstract, asked),
            not any(wanted <= keys(sentence) for sentence in sentences),
            not any(name in one.casefold() or OURS & set(re.findall(r"[a-z]+", one.lower())) for one in sentences),
        )

    return dict(sorted(said.items(), key=place))


def denying(abstract: str, asked: Negated) -> list[tuple[int, int]]:
    """The sentences of an abstract that say the negated thing."""
    return [(start, end) for start, end in sentence_spans(abstract) if _denies(abstract[start:end], asked)]


def demanding(abstract: str, asked: Negated) -> bool:
    """Whether an abstract says somewhere that it needs the thing."""
    return not asked.verb and any(
        _MUST.search(abstract[start:end])
        and _speaks(abstract[start:end], asked)
        and not _denies(abstract[start:end], asked)
        for start, end in sentence_spans(abstract)
    )


def none_says(asked: Negated, n: int, looked_at: int) -> str:
    """That none of n papers says the negated thing, as far as `looked_at` of them tell."""
    which = f"{n:,} papers searched" if looked_at >= n else f"{looked_at:,} papers looked at, the nearest of {n:,},"
    searched = "The one paper searched does not say" if n == 1 else f"None of the {which} says"
    if asked.topic and n != 1:
        searched = f"None of the {which} is on “{asked.topic}” and says"
    if asked.verb:
        return (
            f"{searched} that it does not {_base(asked.verb)} “{asked.what}”. What an abstract leaves out is not known."
        )
    return f"{searched} that it does without “{asked.what}”. What an abstract does not mention may still be needed."


def _base(verb: str) -> str:
    """ "releases", "released" as "release"."""
    return re.sub(r"(?<=[^aeious])ed$|(?<=e)d$|(?<=[^s])s$", "", verb.lower())


def _speaks(sentence: str, asked: Negated) -> bool:
    said = keys(sentence)
    return any(keys(thing) <= said for thing in spellings(asked.what))


@lru_cache(maxsize=4096)
def _denies(sentence: str, asked: Negated) -> bool:
    things = [found for thing in spellings(asked.what) if (found := keys(thing))]
    if not asked.verb:
        if _ABLATION.search(sentence):
            return False
        if "labelled" in spellings(asked.what) and _UNLABELLED.search(sentence):
            return True
    return any(
        _is_of(denial, things, asked, sentence)
        for denial in denials(_FIGURE_ZERO.sub("nought", sentence))
        if not (denial.others or denial.contrast)
    )


def _is_of(denial: Denial, things: list[frozenset[str]], asked: Negated, sentence: str) -> bool:
    if asked.verb:
        said = denial.scope | denial.before
        return bool(keys(asked.verb) & said) and any(thing <= said for thing in things)
    if denial.by_verb:
        if not denial.scope & _needs():
            done = " ".join(match[1] for match in _NOT_DONE.finditer(sentence))
            return any(thing <= keys(done) for thing in things)
        if _PASSIVE.search(sentence) and any(thing <= denial.before for thing in things):
            return True
    return any(thing <= one and not _goes_on(thing, one, sentence) for thing in things for one in denial.things)


def _goes_on(thing: frozenset[str], said: frozenset[str], sentence: str) -> bool:
    """Whether what is said is no such thing but one that is named after it: "no training data"."""
    goes_on = _OF_LABELS if any(thing == keys(word) for word in _ALIKE[0]) else _GOES_ON
    places = [match for match in re.finditer(r"[A-Za-z]+(?:-[A-Za-z]+)*", sentence) if keys(match[0]) & thing]
    return bool(places) and all(
        goes_on.match(sentence[place.end() :]) or _DOES.search(sentence[: place.start()]) for place in places
    )


@lru_cache(maxsize=1)
def _needs() -> frozenset[str]:
    return keys(
        "need needed require required requires use used uses using rely relies depend depends necessary involve assume employ"
    )
