"""Questions for several papers, lists of papers, and the topic of a question about the library."""

from __future__ import annotations

import re
from typing import Literal

from rag.question.dates import PAPERS

_MANY_THINGS = (
    rf"(?:{PAPERS.replace('|works?', '|works')}|methods|approaches|techniques|models|datasets|benchmarks"
    rf"|systems|frameworks|algorithms|ideas|ways|strategies|optimizers|solutions|projects|teams|groups|tools"
    rf"|libraries|defen[cs]es|attacks|architectures|tokenizers|surveys|proposals|results|people)"
)
SEVERAL = re.compile(
    rf"\b(?:which|what|any|some|list|find|show(?: me)?|give(?: me)?|name|all|other|more|these|those|are there"
    rf"|recommend|suggest)\s+(?:\S+\s+){{0,4}}?{_MANY_THINGS}\b(?!['’]s)"
    rf"|^\W*(?:which|what) {PAPERS}\b|\b(?:papers|studies|publications|works) (?:on|about|that|which|for|in"
    rf"|with|from|by|dealing|using|covering)\b"
    r"|\b(?:any|some)(?:thing| work| works| research| papers?| stud(?:y|ies)| literature)?\b(?: \w+){0,3} (?:on"
    r"|about|for|that|in here)\b|\b(?:is there|do you have|have you got|are there) (?:an? )?(?:paper|article"
    r"|study|work|papers|any|some|anything|work|research|other)\b|\bhas (?:any(?:one|body)|some(?:one|body))\b"
    rf"|\b(?:compare|contrast)\b.{{0,200}}\b{_MANY_THINGS}\b|\bhow do\b.{{0,80}}\b{PAPERS}\b.{{0,80}}\b(?:differ|compare)"
    r"|^\W*who (?:has|have|else|all|works?|trained|uses?|does|studies|proposes?)\b|\bwhat (?:is|are) there\b"
    r"|\bwhich ones (?:are there|exist)\b|\bwhat(?:'s| is| has been| was) (?:new|known|done|tried|published"
    r"|reported|available|out there)\b"
    r"|\b(?:approaches|methods|techniques|works|systems|frameworks) (?:for|to|that|of|against)\b(?!.{0,200}\b(?:does"
    r"|did|is it|it)\b)|\bwhat work\b|\boverview of\b|\bstate of the art (?:in|on|for)\b"
    r"|^\W*(?!(?:how|is|are|was|were|do|does|did|why|when|where|who|can|has|have|in|of|by)\b)(?:[\w+-]+\s+){1,4}"
    r"(?:papers|articles|publications|preprints)\b(?!['’])"
    r"|\blist\b(?!.{0,80}\bof\b.{0,80}\b(?:modules|components|stages|steps)\b)(?=.{0,200}\bpapers\b)",
    re.IGNORECASE,
)
_THEIR = (
    r"(?:from|by|of|since|in|on|about|published|we have|you have|there is|that (?:was|is|came)|until|before"
    r"|after|between|with)"
)
_LIST_ALL = re.compile(
    rf"\b(?:list|show|give|enumerate|display|print|name|get|find|output|return)\b(?: me"
    rf"| us)?\s+(?:please\s+)?(?:(?:a|the) (?:complete|full|whole|entire) list of|all|every"
    rf"|each)\b(?: of)?(?: the| your| our)?(?:\s+[\w'-]+){{0,3}}?\s+{PAPERS}\b"
    rf"|\b(?:list|show|give|enumerate|display|print|get|find|output|return)\b(?: me"
    rf"| us)?\s+(?:please\s+)?(?:everything|all)\s+{_THEIR}\b"
    rf"|^\W*(?:all|every|complete list|full list)\b(?:\s+(?:the|of))*(?:\s+[\w'-]+){{0,3}}?\s*{PAPERS}\b"
    rf"|^\W*everything\s+(?:from|by|since|we have|you have|published)\b|\bwhat are all (?:the "
    rf"|your )?(?:\w+ )?{PAPERS}\b"
    rf"|\b(?:list|show) (?:me )?the \d* ?{PAPERS}\b",
    re.IGNORECASE,
)
_LIST_BARE = re.compile(
    rf"^\W*(?:(?:please|can you|could you|now|ok|so|and|then|just|only|hi|hello|hey)[\s,]+)*(?:(?:list|show"
    rf"|give|enumerate|display|name|find|get|see|tell)\b(?: me| us)?(?: about)?|which|what|whose|any|the"
    rf"|who)?(?:\s*\b[\w'-]+){{0,3}}?\s*\b{PAPERS}\b"
    rf"|^\W*(?:and |so |now |ok )?what (?:do (?:you|we) have|have you got|is there|came out|come out"
    rf"|was (?:published|released|posted)|has been (?:published|released)|(?:did|has|have"
    rf"|does) .{{1,40}}? (?:publish\w*|release\w*|put out|writ\w*|(?:co-?)?author\w*|post\w*)|got published|appeared|is new|'s new"
    rf"|was new|happened)\b|^\W*what['’]s new\b|^\W*(?:did |has |have |was |is there )?anything\b|^\W*(?:list"
    rf"|show)\b.*\b{PAPERS}\b|^\W*(?:is|are) there (?:any|an?)\b.*\b{PAPERS}\b|^\W*who (?:published|wrote"
    rf"|has papers)\b",
    re.IGNORECASE,
)


# "the FoldNet paper" is one.
_ONE_PAPER = re.compile(
    r"\b(?:the|this|that|its|their) (?:[\w+-]+ ){0,3}(?:paper|article|study|work|publication|preprint)\b", re.IGNORECASE
)
_FOR_PAPERS = re.compile(
    rf"\b{PAPERS}\b|\b(?:work|works|research|literature|studies|anything|something)\b(?: \w+){{0,2}} (?:on|about|in|for|with)\b"
    r"|^\W*(?:so |and )?what(?:['’]s| is| was| has been| are the)? (?:new|known|out there|published|done|came out)\b|\boverview of\b",
    re.IGNORECASE,
)


def asks_for_papers(text: str) -> bool:
    """Whether a question for several things asks for papers on a topic, not for something that papers say.

    >>> asks_for_papers("which papers discuss pruning?"), asks_for_papers("which datasets do pruning methods use?")
    (True, False)
    """
    return _FOR_PAPERS.search(_ONE_PAPER.sub(" ", text)) is not None


def listing(text: str) -> Literal["all", "bare"] | None:
    """Whether a text asks for a list: "all" of what it says, or "bare": a list if it says no topic."""
    if _LIST_ALL.search(text):
        return "all"
    return "bare" if _LIST_BARE.search(text) else None


_FRAME = re.compile(
    r"""^(?:a|an|the|of|on|about|in|at|to|for|by|from|with|and|or|but|so|that|which|what|who|whose|how|many|much|is|are|was|were|be|been|being|am|do|does|did|has|have|had|having
    |there|here|this|these|those|it|its|they|them|their|you|we|i|me|us|our|your|my|can|could|would|should|will|may|might|please|ok|okay|hi|hello|hey|now|then|just|only|also|too|still|yet|ever
    |all|any|every|each|everything|anything|something|some|one|ones|no|not|than|as|per|total|number|amount|count|counts|counted|overall|altogether
    |papers?|articles?|works?|working|publications?|preprints?|stud(?:y|ies)|abstracts?|entries|entry|literature|research|submissions?|titles?|items?|documents?|records?
    |published|publish|publishes|released|release|posted|appeared|appear|came|come|comes|coming|out|dated|date|dates|written|wrote|write|submitted|available|exist|exists|existing
    |library|collection|shelf|set|index|corpus|database|list|lists|show|give|find|name|names|enumerate|display|tell|get|gets|see|contain|contains|contained|hold|holds|include|includes|included
    |related|concerning|regarding|speak|speaks|speaking|refer|refers|referring|touch|touches|touching|relates?|relating|examin(?:e|es|ing)|covering|cover|covers|dealing|deal|deals|discuss|discussing|discusses|mention|mentions|mentioning|address|addresses|addressing|treat|treats|topic|topics|subject|area|field|called|titled
    |use|uses|used|using|study|studies|studied|propose|proposes|proposed|present|presents|concern|concerns|about|around|focus|focuses|focused|focusing|look|looks|looking|talk|talks|talking|got|going
    |new|newest|latest|recent|recently|oldest|earliest|old|most|least|more|fewer|discussed|comments?|commented|authors?|authored|coauthors?|year|years|month|months|week|weeks|day|days|time|timeline|trend|over
    |first|last|top|highest|lowest|largest|biggest|longest|shortest|smallest|fewest|drawn|drew|draw|received|receive|attracted|attract|single|people|person|going|based|according|sorted|ranked|ordered|order|sort|rank
    |combin(?:e|es|ing)|appl(?:y|ies|ying)|introduc(?:e|es|ing)|evaluat(?:e|es|ing)|explor(?:e|es|ing)|investigat(?:e|es|ing)|analy[sz](?:e|es|ing)|consider(?:s|ing)?|rel(?:y|ies|ying)|exploit(?:s|ing)?|employ(?:s|ing)?|adopt(?:s|ing)?|involv(?:e|es|ing)|tackl(?:e|es|ing)|target(?:s|ing)?|handl(?:e|es|ing)|improv(?:e|es|ing)|work(?:s)?|contain(?:s|ing)?|word|words|keyword|term
    |where|when|why|up|me|vs|versus|compared|between|since|until|before|after|during|within|whole|entire|complete|full|table|plot|chart|graph|breakdown|distribution|history|let|want|need|know|like|interested|say|says|specifically|organi[sz]ations?|compan(?:y|ies)|labs?|institutions?|different|distinct|represented|named|paper's|happened|if|look|looks|looked|grow|grew|grown|growth|change|changed|changes|develop|developed|evolve|evolved|rise|risen|increase|increased|s)$""",
    re.IGNORECASE | re.VERBOSE,
)


def topic_of(text: str) -> str:
    """The words of a question about the library that say what the papers are on, "" when nothing does.

    >>> topic_of("how many papers are there on federated learning in the collection?")
    'federated learning'
    """
    words = [word.strip(".,;:?!()\"'“”’") for word in text.split()]
    words = [word for word in words if word and not re.fullmatch(r"\W+", word)]
    while words and _is_frame(words[0]):
        words.pop(0)
    while words and _is_frame(words[-1]):
        words.pop()
    return " ".join(words)


def _is_frame(word: str) -> bool:
    return _FRAME.match(re.sub(r"['’](?:s|re|ve|d|ll)?$", "", word)) is not None
