"""Messages that ask nothing of the papers: thanks, greetings, nods, "what can you do?", a wish for another language.

Only a message that is nothing else counts: "thanks, and what does it cost?" is a question.
"""

from __future__ import annotations

import re

from rag.question.kind import Said

_NOD = (
    r"(?:ok(?:ay|ie)?|k|cool|great|nice|got it|i see|all ?right|yes|yeah|yep|no|nope|sure|good|perfect|fine|wow|interesting|right"
    r"|excellent|awesome|amazing|hm+|ah+|oh|lol|understood|makes sense|good to know|well done|very (?:good|nice|helpful)|helpful"
    r"|that(?:'s| is| was) (?:all|it|enough|great|good|helpful|nice|perfect)|never ?mind|agreed|correct|exactly|indeed|so|well)"
)
_THANKS = (
    r"(?:(?:many )?thanks|thank (?:you|u)|thx|ty|cheers|merci|danke|much appreciated|i appreciate (?:it|that))"
    r"(?: (?:a lot|a bunch|so much|very much|again|anyway|though|all|everyone|for (?:that|this|the (?:help|answer|info\w*)|your help"
    r"|all that|everything|now)))*"
)
_GREETING = r"(?:hi|hello|hey|hiya|howdy|good (?:morning|afternoon|evening|day)|greetings)(?: (?:there|all|everyone|again|you))*"
_FAREWELL = r"(?:bye(?: bye)?|good ?bye|see (?:you|ya)(?: later| soon)?|good night|quit|exit|stop|farewell|that(?:'s| is) (?:all|it) for now)"
_HELP = (
    r"(?:help(?: me)?|(?:so )?what (?:can|could|should|do|may) (?:you|i|we|this|it)(?: \w+){0,3} (?:do|ask|answer|know|help with)(?: (?:you"
    r"|here|about|for me|this|me))*|how (?:does (?:this|it)|do you|do i|can i) (?:work|use (?:this|it|you)|ask)|who are you"
    r"|what are you|what is this(?: (?:thing|page|tool|app))?|usage|commands?|examples?(?: questions)?|give me examples?(?: questions)?"
    r"|what (?:kind|sort)s? of questions? can (?:you answer|i ask))"
)
# Talk about the assistant itself, and wishes that papers cannot fulfil.
_ASIDE = (
    r"(?:(?:but |so |sorry |and )*(?:you|u) (?:are|were)(?: so| very| really| totally| completely| just| all)* (?:wrong|mistaken|incorrect|stupid|dumb"
    r"|useless|bad|great|right|funny|smart|clever|amazing|awesome|an? \w+)"
    r"|you're (?:so |just )*(?:wrong|mistaken|incorrect|stupid|dumb|useless|great|right|funny|smart)"
    r"|(?:that|this|it|your (?:last )?answer)(?:'s| is| was| were)?(?: really| very| totally| so| just| all)*(?: not|n't)?"
    r"(?: really| very| so| all that| at all)? (?:wrong|helpful|useful|unhelpful|useless|incorrect|nonsense|bad|terrible|true|good enough|funny"
    r"|what i (?:asked|meant|wanted)(?: for)?)(?: at all)?"
    r"|(?:that|this|it) (?:wasn't|isn't|was not|is not|didn't|did not|doesn't|does not|makes no) (?:really |very )?(?:help(?:ful)?(?: me)?|useful"
    r"|right|true|correct|good|answer (?:it|that|(?:my|the) question)|make sense|sense|what i (?:asked|meant|wanted)(?: for)?)"
    r"|are you (?:\w+ ){0,2}\w+|do you (?:sleep|dream|feel|like|love|hate|have feelings)(?: \w+){0,3}|who (?:made|built|created|wrote|trained) you"
    r"|(?:what|which)(?: language)? model are you(?: using| based on)?|what(?:'s| is) your name|how old are you|where are you from"
    r"|i (?:love|hate|like) (?:you|this|it)|how are you(?: doing)?(?: today)?"
    r"|(?:please |can you |could you )*(?:write|compose|sing|make up|tell|make)(?: me| us)? (?:an? |some |the )?(?:\w+ ){0,2}"
    r"(?:poems?|songs?|haikus?|limericks?|jokes?|rhymes?|stor(?:y|ies)|fairy tales?|riddles?|lyrics|essays?|e-?mails?|letters?|recipes?|cover letter)"
    r"(?: (?:about|on|of|for|to|in|with|from)(?: [\w']+){1,12})?)"
)
_TONGUES = (
    r"(?:german|french|spanish|italian|portuguese|dutch|polish|russian|ukrainian|turkish|arabic|hebrew|hindi|chinese|mandarin|japanese"
    r"|korean|vietnamese|swedish|danish|norwegian|finnish|czech|greek|english|another language|my language|deutsch|français|español)"
)
_LANGUAGE = (
    rf"(?:(?:and |now |can you |could you |would you |the same |same |again |that |this |it |say (?:it|that) |the answer |answer(?: it| me| that)? |please )*"
    rf"(?:(?:in|auf) {_TONGUES}|translate(?: it| that| this| the answer)*(?: (?:in)?to {_TONGUES})?|do you speak {_TONGUES}))"
)
_END = r"(?: (?:please|now|then|askpapers|bot|man|mate|friend))*"
_PATTERNS: tuple[tuple[Said, str], ...] = (
    ("thanks", _THANKS),
    ("greeting", _GREETING),
    ("farewell", _FAREWELL),
    ("help", _HELP),
    ("help", _ASIDE),
    ("language", _LANGUAGE),
    ("nod", _NOD),
)
_SAID = tuple(
    (said, re.compile(rf"(?:{_NOD} |{_GREETING} )*{pattern}(?: {_NOD}| {_FAREWELL}| {_THANKS})*{_END}", re.IGNORECASE))
    for said, pattern in _PATTERNS
)


def read_said(text: str) -> Said | None:
    """What a message says when it asks nothing; None when it is a question.

    >>> read_said("ok, thanks a lot!"), read_said("thanks, and how fast is it?")
    ('thanks', None)
    """
    words = " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.replace("’", "'")))
    if not words:
        return "nothing"
    if len(words) > 80:
        return None
    return next((said for said, pattern in _SAID if pattern.fullmatch(words)), None)


_IN_LANGUAGE = re.compile(
    rf"^\W*(?:(?:and|or|but|so|then|what about|how about)\s+)*(?:in|for|on|with)\s+{_TONGUES}(?:\s+(?:and|or)\s+{_TONGUES})?\s*\?*\s*$",
    re.IGNORECASE,
)
_LANGUAGES = re.compile(
    rf"\b(?!another|my){_TONGUES}\b|\b(?:multi|cross|bi|mono)-?lingual\b|\bmachine translation\b"
    r"|(?<!natural )(?<!programming )(?<!vision )(?<!vision-)(?<!body )(?<!sign )(?<!large )(?<!small )"
    r"\blanguages?\b(?![- ](?:models?|model\w*|agents?|instructions?|actions?|understanding|processing|descriptions?|guided|conditioned"
    r"|goals?|tokens?|commands?))",
    re.IGNORECASE,
)


def names_language(text: str) -> bool:
    """Whether a message is nothing but "and in German?", which may be of the papers or of the answer.

    >>> names_language("and in German?"), names_language("answer in German"), names_language("in German, please")
    (True, False, False)
    """
    return _IN_LANGUAGE.match(text) is not None


def speaks_of_languages(text: str) -> bool:
    """Whether a paper speaks of the languages that people speak.

    >>> speaks_of_languages("We test it in twelve languages."), speaks_of_languages("A large language model writes.")
    (True, False)
    """
    return _LANGUAGES.search(text) is not None
