"""Questions for what leads to a paper or counts its readers: its code, link, arXiv id, DOI, BibTeX entry and upvotes."""

from __future__ import annotations

import re

from rag.question.kind import FieldAsked

_CODE = (
    r"(?:(?:source[- ])?code(?:[- ]?base)?(?: link| repo(?:sitory)?| url| address)?|git ?hub(?: (?:link|page|repo(?:sitory)?|url|address"
    r"|code))?|(?:link to the )?(?:code )?repo(?:sitory)?(?: link| url)?|(?:official )?implementation)"
)
_LINK = r"(?:(?:paper )?link|url|web ?(?:page|site)|home ?page|web address|pdf)"
_ARXIV = r"(?:arxiv(?:[ -](?:id|identifier|number|no\.?|link|url|page|address|entry|paper))?)"
_DOI = r"(?:doi)"
_BIBTEX = r"(?:bib ?tex(?: (?:entry|citation|reference|key))?|bib entry|citation(?: entry)?)"
_UPVOTES = r"(?:up-?votes?(?: count)?|number of up-?votes)"
_NOUNS: tuple[tuple[FieldAsked, str], ...] = (
    ("bibtex", _BIBTEX),
    ("arxiv_id", _ARXIV),
    ("doi", _DOI),
    ("code_url", _CODE),
    ("url", _LINK),
    ("n_upvotes", _UPVOTES),
)
_LEAD = (
    r"^\W*(?:and |so |but |also |ok )*(?:(?:please )?(?:what(?:'s| is| are)|where(?:'s| is| are)|give(?: me)?|show(?: me)?|send(?: me)?"
    r"|i (?:need|want)|do you have|have you got|find(?: me)?|get(?: me)?|tell me|list|open|(?:can|could) (?:you|i|we) (?:give me|get|have|find|see"
    r"|show me)|where (?:can|do|could) (?:i|we|one|you) (?:find|get|see|download)|where to find|is there|are there)\s+)?"
    r"(?:(?:the|a|an|any|its|public|official|open) )*"
)
_OF = r"(?: \(?url\)?)? (?:of|for|to|behind|from|on|in) (?:the )?"
_HAS = (
    r"(?:have|has|got|come with|comes with|provide|release|share|publish|offer|include|ship with|open[- ]?source|link to|give|come with"
    r"|have got)d?"
)
_OUT = r"(?:available|released|public(?:ly available)?|open(?:[- ]sourced?)?|out|online|published|shared|accessible|on ?line|anywhere|there)"


def _patterns(noun: str) -> tuple[str, ...]:
    return (
        rf"^\W*(?:is|are|was|were|has|have|can) (?:there )?(?:(?:the|any|a|an|public) )*{noun}(?: of| for| behind| to) (?P<x>.+?) (?:been "
        rf"|be |made )?{_OUT}[\s?.!,;]*$",
        rf"{_LEAD}{noun}{_OF}(?P<x>[^?]+?)(?: (?:{_OUT}|located|hosted))?[\s?.!,;]*$",
        rf"^\W*(?:and |so )?(?:does|do|did|has|have|is there|are there) (?:the (?:authors|people) (?:of|behind) )?(?P<x>.+?)(?: paper)? {_HAS}"
        rf" (?:(?:any|a|an|its|the|their|public|released|open|official|[a-z]+able) )*{noun}(?: {_OUT})?[\s?.!,;]*$",
        rf"^\W*(?:is|are|was|were|has|have) (?P<x>.+?)(?:['’]s?)? {noun} (?:been |made )?{_OUT}[\s?.!,;]*$",
        rf"^\W*(?:where (?:is|are|can (?:i|we|one|you) (?:find|get|see|download)|do (?:i|we) find)|what(?:'s| is)|give me|show me|find"
        rf"|get) (?:the )?(?P<x>.+?)(?:['’]s?)? {noun}(?: {_OUT}| located| hosted)?[\s?.!,;]*$",
        rf"^\W*+(?P<x>(?!(?:what|which|who|how|why|when|where|is|are|does|do|did|can|has|have|list|show|papers?)\b).+?)(?:['’]s?|:|,)? {noun}[\s?.!,;]*$",
    )


_FIELDS: tuple[tuple[FieldAsked, str], ...] = (
    (
        "n_upvotes",
        r"\bhow many up-?votes (?:does|do|did|has|have|is|are|was|were|on|for|there (?:on|for)|are there (?:on|for))\s*"
        r"(?P<x>[^?]*?)(?: (?:have|has|get|got|received?|gotten|collected?))?[\s?.!,;]*$",
    ),
    ("n_upvotes", r"^\W*how often (?:was|is|has) (?P<x>.+?) (?:been )?up-?voted[\s?.!,;]*$"),
    ("arxiv_id", r"^\W*(?:is|are) (?P<x>.+?) on arxiv[\s?.!,;]*$"),
    ("code_url", r"^\W*(?:is|are) (?P<x>.+?) on git ?hub[\s?.!,;]*$"),
    (
        "code_url",
        rf"^\W*where (?:can|could|is|are) (?:the )?{_CODE}(?: of| for| behind) (?P<x>.+?) (?:be )?(?:found|located|hosted|downloaded)[\s?.!,;]*$",
    ),
    (
        "bibtex",
        r"^\W*(?:and |so )?(?:(?:how (?:do|can|should|would|to) )?(?:i |we |one |you )?)?cite (?:the )?(?P<x>[^?]+?)(?: paper)?"
        r"(?: in bibtex| in latex)?[\s?.!,;]*$",
    ),
    ("bibtex", r"^\W*(?P<x>\w.*?) (?:in|as) bib ?tex[\s?.!,;]*$"),
    *((field, pattern) for field, noun in _NOUNS for pattern in _patterns(noun)),
    (
        "url",
        r"^\W*where (?:can|do|could) (?:i|we|one|you) (?:read|download|get|find) (?:the )?(?:full (?:text|paper) of )?"
        r"(?P<x>[^?]+?)(?: paper)?[\s?.!,;]*$",
    ),
)
_COMPILED = tuple((field, re.compile(pattern, re.IGNORECASE)) for field, pattern in _FIELDS)
_APPOSED = re.compile(r",\s+(?:the|a|an|their|our)\s[^,]+,?$", re.IGNORECASE)  # "FoldNet, the folding network"
_SHORT = re.compile(
    r"^\W*(?:and |so |also |but )*(?:(?:is|are|was) there |(?:does|do) (?:it|they|this|that) have |what(?:'s| is) |where(?:'s| is) |do you have )?"
    rf"(?:(?:its|the|their|a|any|that paper's|this paper's) )*(?:(?P<bibtex>{_BIBTEX})|(?P<arxiv_id>{_ARXIV})|(?P<doi>{_DOI})|(?P<code_url>{_CODE})"
    rf"|(?P<url>{_LINK})|(?P<n_upvotes>{_UPVOTES}))(?: (?:for (?:it|this|that)|{_OUT}))?[\s?.!,;]*$",
    re.IGNORECASE,
)
# What "code" means beside these is something else.
_NOT_CODE = re.compile(
    r"\bcodes? (?:generation|models?|review|search|completion|agents?)\b|\bmorse code\b", re.IGNORECASE
)


def read_link(text: str) -> tuple[FieldAsked, str] | None:
    """Which of these a text asks for, and of what: "it" where it says nothing of that.

    >>> read_link("where can I find the code of FoldNet?")
    ('code_url', 'FoldNet')
    """
    if _NOT_CODE.search(text):
        return None
    if short := _SHORT.match(text):
        return next(field for field, _ in _NOUNS if short[field]), "it"
    for field, pattern in _COMPILED:
        if (match := pattern.search(text)) is not None and (subject := _APPOSED.sub("", match["x"].strip(" ?!,:."))):
            return field, subject
    return None
