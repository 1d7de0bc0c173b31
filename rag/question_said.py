"""Messages that ask nothing of the papers: thanks, greetings, nods, "what can you do?", a wish for another language.

Only a message that is nothing else counts: "thanks, and what does it cost?" is a question.
"""

from __future__ import annotations

import re

from rag.question_kind import Said

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
