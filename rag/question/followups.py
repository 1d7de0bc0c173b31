"""Follow-ups: what "it", "that paper", "the second one" and "and on ImageNet?" point at, by rule.

A conversation is read turn by turn into a `Talk`: the last question standing alone, its filters and topic, and the papers of
the last answer in the order of their markers. `reference` says how a question leans on it, or that it does not: a question
that names its own subject is a new one. `rag.question.standalone` writes it out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.library import Library
from rag.question.dates import PAPERS
from rag.question.kind import Intent
from rag.question.names import Named, content_stems
from rag.question.naming import looks_named
from rag.question.talk import Reference, Talk
from rag.schema import Filters

STARTER = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|hm+|well|thanks|thank you|great|nice|cool|right|alright|i see|got it|yes|no)[\s,.!]+)*"
    r"(?:(?:and|but|or|also|plus|so|then|now)\b[\s,]*)*(?:(?:what|how) about\b\s*|what of\b\s*"
    r"|(?:the )?same (?:question |thing )?(?:for|with|about)\b\s*)?",
    re.IGNORECASE,
)
_AUX = r"(?:does|do|did|is|are|was|were|can|could|will|would|should|has|have|had|must|might|may)"
_NOUNS = (
    r"(?:paper|article|work|study|method|approach|technique|model|framework|system|algorithm|scheme|optimizer"
    r"|architecture|report|publication|preprint|tool|one|trick|strategy|procedure|defen[cs]e|attack|benchmark"
    r"|dataset|tokenizer|design|idea|setup|variant)"
)
_NUMBERED = {
    "first": 0,
    "1st": 0,
    "former": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "last": -1,
    "latter": -1,
}
_ORDINAL = re.compile(
    rf"\b(?:the|its|that)\s+(?P<n>first|second|third|fourth|fifth|last|1st|2nd|3rd|4th"
    rf"|5th)(?:\s+(?:\w+\s+)?(?P<noun>{_NOUNS}))(?:\s+(?:of (?:them|these|those)|you (?:named|listed|mentioned)"
    rf"|listed|named|above))?"
    rf"|\b(?:does|did|do|is|has|can|about|of|with|from|in|for|than|to)\s+(?P<ref6>the\s+(?P<n6>first|second"
    rf"|third|fourth|fifth|last))(?=\s+(?:say|report|claim|do|need|use|work|compare|get|reach|achieve|differ"
    rf"|train|propose|show|find|handle|perform|cost|require|blame|mean|help|any|better|faster)\b|\W*$)"
    rf"|\bthe\s+(?P<n2>former|latter)\b(?:\s+{_NOUNS})?|\b(?:paper|number|no\.?|item|result"
    rf"|#)\s*\[?(?P<n3>[1-9])\]?(?=\W|$)|(?<!\w)\[(?P<n4>[1-9])\]|^\W*(?:and "
    rf"|what about )?(?:the )?(?P<n5>first|second|third|last|former|latter)(?: one)?\W*$",
    re.IGNORECASE,
)
_THESE = re.compile(
    rf"\b(?:which|any|all|both|each|some|most|none|one|two|how many|either|neither) of (?:these|those|them"
    rf"|the (?:two|three|four|five|papers|methods|approaches|ones))\b"
    rf"|\b(?:these|those|the (?:two|three|four|five)|both)\s+(?:two |three )?(?:{PAPERS}|methods|approaches"
    rf"|models|techniques|systems|ones)\b|\bbetween (?:them|the two|these|those)\b|\bthe (?:two"
    rf"|three)\b(?=\W*$)|\bboth\b(?= |\W*$)(?!\s+\w+\s+and\b)|\beach (?:one|of them)\b|\bthe others?\b",
    re.IGNORECASE,
)
_WHICH_IS = re.compile(
    r"^\W*(?:(?:and|so|but)\s+)*which(?: one| paper)?(?: of the two)?\s+(?:is|was|came|has|have|got|appeared|needs|uses|gets|works"
    r"|does)\s+(?:\w+\s+){0,2}?(?:newer|older|earlier|later|more|fewer|less|first|last|better|worse|faster|slower|smaller|larger"
    r"|bigger|cheaper|simpler|stronger)\b[^,]{0,40}$",
    re.IGNORECASE,
)
_THE_ONE = re.compile(
    r"^\W*(?:(?:no|and|so|i mean|i meant|about|what about)\W+)*(?P<ref>the (?P<x>[\w-]+(?: [\w-]+)?) (?:one|paper))\W*$",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"\bthe other(?: one| {_NOUNS})?\b(?!s)", re.IGNORECASE)
THE_PAPER = re.compile(
    r"\b(?:(?:this|that|the same|said|these|those)\s+(?:\w+\s+)?(?:paper|article|study|work|method|approach"
    r"|technique)|the\s+(?:paper|article|study))(?:['’]s)?\b(?!s)(?!\s+(?:that|which|on|about|for|from|with|by"
    r"|of|in|called|named|to)\b)",
    re.IGNORECASE,
)
PRONOUN = re.compile(
    rf"\b(?P<its>its|their)\b|\b(?P<it>it|itself|they|them|theirs)\b(?!\s+(?:possible|true|known|better to"
    rf"|worth|necessary|common|safe|feasible)\b)"
    rf"|\b(?:{_AUX}|about|than|of|with|on|for|to|like|from|by|and|beyond|without|after|before|against|in|over"
    rf"|beat|beats|use|uses|used|using|apply|do|did)\s+(?P<that>that|this|these"
    rf"|those)\b(?:\s+one\b)?(?!\s+(?:the|a|an|is|are|can|was|were|will|would|we|they|you)\b)"
    rf"|^\W*(?:and |so |but )?(?P<that2>that|this)\s+(?:one|is|was|does|has)\b|\b(?P<det>this|that|these"
    rf"|those)\s+(?:\w+\s+)?{_NOUNS}s?\b|\b(?P<det2>those|these)\s+\w+s\b"
    r"|\b(?P<authors>the authors?|the researchers|the team)\b",
    re.IGNORECASE,
)
_FRESH = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|now|so|well|right|alright|thanks|great|good|and|but|then|let's (?:talk about|try|do|ask|take)|on to|for)\b[\s,.!]*)*"
    r"(?:(?:something|anything) (?:else|different|new)|(?:a |an )?(?:new|another|different|other|unrelated|separate|next)"
    r" (?:question|topic|subject)|(?:change of|changing the|different) (?:topic|subject)|unrelated|on another note|by the way|btw)"
    r"\s*[:,.!;–-]+\s*(?=\w)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:ok(?:ay)?|well|now|so|hi|hello|hey|please|thanks|thank you|great|right)\b[\s,.!:]+)+(?=\w)", re.IGNORECASE
)
_THEY_DIFFER = re.compile(r"\b(?:they|them)\b", re.IGNORECASE)
_ELSE = re.compile(
    r"\b(?:something|anything) (?:else|different|new)\s*[:,.!-]|\b(?:new|another|different|other|unrelated"
    r"|separate) (?:question|topic|subject)\b|\bunrelated\b"
    r"|\b(?:change of|changing the|different) (?:topic|subject)\b",
    re.IGNORECASE,
)
_NARROWER = re.compile(
    r"^\W*(?:and |or |so |but )*(?:(?:any(?:thing|one)?|some(?:thing)?|the ones?|ones?|others?|more"
    r"|another)(?: (?:others?|more|ones?|else|of those))?\s+(?:on|about|for|that|which|who|with|without|in"
    r"|using|from|by|to)\b|which ones?\b|what else\b|any (?:others?|more)\b)",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\b(?:than|with|to|against|from|over|vs\.?|versus|and|or)\s*$", re.IGNORECASE)
_EXPLETIVE = re.compile(
    r"\b(?:is|was) it (?:\w+ )?(?:possible|true|known|better|worth|necessary|common|safe|feasible|enough|ok"
    r"|okay|that)\b|\bhow (?:hard|easy|long|likely|much) (?:is|does|was|did|would) it (?:take )?(?:to|for)\b"
    r"|\bdoes it (?:take|matter|make sense|help to|pay to)\b|\bit takes? to\b|\bit (?:is"
    r"|was) (?:\w+ )?(?:possible|known|true|that)\b",
    re.IGNORECASE,
)
# "now tell me about X" goes on to another paper; it is no ellipsis of the question before.
_ON_TO = re.compile(
    r"^\W*(?:please |can you |could you )*(?:tell|explain|describe|summari[sz]e|show|give|talk|let's|let us|look at|go (?:on )?to|move on"
    r"|switch|turn|on to|list|find|compare|search)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:?!]\s|,\s|\s[-–—]\s|\s(?:and|so|but)\s")
_VERB = re.compile(rf"\b(?:{_AUX}|is|are)\b|\b(?:what|which|how|why|who|when|where)\b", re.IGNORECASE)
_DEFINITION = re.compile(
    r"^\W*(?:so )?(?:what(?:'s| is| are)|who (?:is|are)|explain|define|tell me about|describe)\s+(?!the\b|its\b"
    r"|it\b|that\b|this\b)",
    re.IGNORECASE,
)
_GENERIC = set(
    """accuraci achiev addit advantag ani appli approach architectur author avail averag base baselin batch benchmark better big bigger bit cheaper claim code
    compar comparison comput cost data dataset demonstr disadvantag does drawback effect efficienc efficient epoch evalu exactli experi extra fast faster figur final
    fine flop further gain gener gpu gpus hardwar help higher hour idea import improv inference infer janguag kind languag larg larger latenc layer learn limit
    long loss lower main mani mean measur memori method metric model much nam need network new novel number onli open opensourc origin overhead paramet
    perform possibl practic precis problem proof prove public quick rate reach reason reduc reduct releas requir result retrain run save scale score see
    seed setup show size slow slower small smaller sourc speed speedup state step stori take task techniqu test theori thing time token train tri tune use
    used valid variant version weak weight well win work works wors actual still also else instead there anoth other tell detail more explain exampl strong conclus
    summari summaris summar contribut question answer""".split()
)


def without_lead(text: str) -> str:
    """A question without what only leads over to it: "ok, now tell me about X"."""
    return _LEAD.sub("", text)


def fresh(text: str) -> str | None:
    """What follows "something else:"; None when a text does not begin anew."""
    match = _FRESH.match(text)
    return text[match.end() :] if match else None


def reference(text: str, names: Sequence[Named], intent: Intent, talk: Talk, library: Library) -> Reference | None:
    """How a question leans on the conversation; None when it stands alone (a new topic)."""
    if _ELSE.search(text):
        return None
    starter = STARTER.match(text)
    opened = starter is not None and bool(re.search(r"[a-z]", starter[0], re.IGNORECASE))
    rest = text[starter.end() :] if starter else text
    named_first = min((name.start for name in names if name.in_title), default=None)
    if (match := _ORDINAL.search(text)) and talk.papers and (named_first is None or match.start() < named_first):
        g = match.groupdict()
        word = next((g[name] for name in ("n", "n2", "n5", "n6") if g[name]), None)
        cited = dict(talk.by_marker).get(int(g["n4"])) if g["n4"] else None
        which = (
            _NUMBERED[word.lower()]
            if word
            else talk.several().index(cited)
            if cited in talk.several()
            else int(g["n3"] or g["n4"]) - 1
        )
        start = match.start("ref6") if g["n6"] else max(match.start(), starter.end() if starter and g["n5"] else 0)
        if which < len(talk.several()):
            return Reference(how="ordinal", start=start, end=match.end(), which=which)
        if g["n"] or g["n2"] or g["n5"] or g["n6"]:
            return Reference(how="ordinal", start=start, end=match.end(), absent=True)
    if (
        (match := _OTHER.search(text))
        and named_first is None
        and len(talk.several()) == 2
        and talk.focus in talk.several()
    ):
        return Reference(
            how="ordinal", start=match.start(), end=match.end(), which=1 - talk.several().index(talk.focus)
        )
    if (
        (match := _THE_ONE.match(text))
        and named_first is None
        and (fits := _titled_so(match["x"], talk, library)) is not None
    ):
        return Reference(how="ordinal", start=match.start("ref"), end=match.end("ref"), which=fits)
    if (match := _THESE.search(text)) and (talk.papers or talk.topic) and named_first is None:
        return Reference(how="these", start=match.start(), end=match.end())
    if named_first is None and len(talk.group()) > 1 and _WHICH_IS.match(text):
        return Reference(how="these")
    if (
        named_first is None
        and talk.intent in ("several", "list", "count", "extreme", "timeline")
        and _NARROWER.match(text)
    ):
        among = len(talk.papers) > 1 and re.search(r"\bwhich ones?\b", text, re.IGNORECASE) is not None
        return Reference(how="these" if among else "narrower")
    if opened and not _VERB.search(rest) and len(rest.split()) <= 9 and not _ON_TO.match(rest):
        return Reference(how="ellipsis", start=0, end=len(text) - len(rest))
    pronoun = _anaphor(text)
    if pronoun is not None and not _has_own_subject(text, pronoun.start(), named_first, opened, library):
        several = len(talk.group()) > 1 and (
            (len(talk.papers) > 1 and talk.intent in ("several", "compare", "list"))
            or re.search(r"\b(?:compare|contrast|differ|versus|vs)\b|\bdifferences?\b|\bboth\b", text, re.IGNORECASE)
        )
        if several and _THEY_DIFFER.search(pronoun[0]) and named_first is None:
            return Reference(how="these", start=pronoun.start("it"), end=pronoun.end("it"))
        return Reference(how="pronoun", start=pronoun.start(), end=pronoun.end())
    if named_first is not None or pronoun is not None:
        fills = opened and named_first is not None and not _VERB.search(rest) and not _ON_TO.match(rest)
        return Reference(how="ellipsis") if fills else None
    if (
        not _VERB.search(text)
        and not re.search(rf"\b{PAPERS}\b", text)
        and re.match(r"^\W*(?:on|for|at|in|with|without|under|using|by|to|from|over|against)\s", text, re.IGNORECASE)
    ):
        return Reference(how="ellipsis") if len(text.split()) <= 8 else None
    if _subjectless(text, intent, talk, library, opened=opened):
        return Reference(how="subjectless")
    return None


def _titled_so(words: str, talk: Talk, library: Library) -> int | None:
    """Which of the papers named before is "the optimizer one": the only one with the words in its title."""
    papers = talk.several()
    wanted = set(library.keywords.stems(words))
    found = library.get_many(papers) if wanted and len(papers) > 1 else {}
    fits = [
        n for n, one in enumerate(papers) if one in found and wanted <= set(library.keywords.stems(found[one].title))
    ]
    return fits[0] if len(fits) == 1 else None


def _anaphor(text: str) -> re.Match[str] | None:
    expletives = [match.span() for match in _EXPLETIVE.finditer(text)]
    matches = [match for pattern in (THE_PAPER, PRONOUN) for match in pattern.finditer(text)]
    for match in sorted(matches, key=lambda one: (one.start(), -one.end())):
        if not any(start <= match.start() < end for start, end in expletives):
            return match
    return None


def _has_own_subject(text: str, at: int, named_first: int | None, opened: bool, library: Library) -> bool:
    """Whether what a pronoun stands for is said earlier in the same question."""
    if named_first is not None and named_first < at:
        return _AGAINST.search(text[:at]) is None
    clauses = [match.end() for match in _CLAUSE.finditer(text, 0, at)]
    if not clauses:
        return False
    earlier = content_stems(text[: clauses[-1]], library)
    own = [stem for stem in earlier if stem not in _GENERIC]
    if opened or re.match(r"^\W*(?:is|are|does|do|did|can|was|were)\s+the\b", text, re.IGNORECASE):
        return len(own) >= 5
    return len(own) >= 3 or (len(own) == 2 and len(earlier) >= 4)


def _subjectless(text: str, intent: Intent, talk: Talk, library: Library, *, opened: bool) -> bool:
    """ "How many GPUs were used?": a question about a fact that names no subject of its own."""
    if intent not in ("one", "several", "field") or talk.focus is None or _DEFINITION.match(text):
        return False
    if re.search(rf"\b{PAPERS}\b|\banything\b|\bis there\b|\bare there\b|\blist\b", text, re.IGNORECASE):
        return False
    stems = set(content_stems(text, library))
    own = [stem for stem in stems if stem not in _GENERIC]
    if any(looks_named(word) and not word.rstrip("s").isupper() for word in re.findall(r"[\w-]+", text)) and not opened:
        return False
    n_papers = max(1, library.keywords.n_matching(Filters()))
    rare = [stem for stem in own if library.keywords.document_frequency(stem) < max(2, 0.02 * n_papers)]
    if (
        re.match(
            r"^\W*(?:which|what) (?:\w+ )?\w+s\b(?! (?:was|were|is|are|did|do|does|should|can|has|have)\b)",
            text,
            re.IGNORECASE,
        )
        and rare
    ):
        return False  # "which optimizer halves memory?" asks for a paper
    return len(own) <= (4 if opened else 2) and len(rare) <= (2 if opened else 1) and len(stems) <= 8
