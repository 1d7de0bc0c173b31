"""A follow-up written out: the pronoun replaced by the paper's name, the ellipsis filled from the question before.

>>> written_out("and for BERT?", "how much compute does LEMON save for vision transformers?", "LEMON")
'how much compute does LEMON save for BERT'
"""

from __future__ import annotations

import re

from rag.question.followups import PRONOUN, STARTER, THE_PAPER
from rag.question.naming import looks_named
from rag.question.talk import Reference, Talk


def stand_alone(
    text: str, how: Reference, name: str, talk: Talk, *, named: str | None = None, old: str | None = None
) -> str:
    """The question written out, with the paper's name in it; `named` is a paper that the question itself names,
    `old` the name of the paper spoken of before.
    """
    starter = STARTER.match(text)
    rest = text[starter.end() :] if starter and starter.end() else text
    if how.how == "ellipsis":
        whole = _fill(rest.strip(" ?.!"), talk.question, name, named)
        return whole if named or _mentions(whole, name) else f"{name}: {whole}"
    if how.how in ("pronoun", "ordinal"):
        cut = len(text) - len(rest)
        if (
            rest[: how.start - cut].strip(" ,") == "" and rest[how.end - cut :].strip(" ?.!") == ""
        ):  # "and the other one?"
            return _fill(name, talk.question, old or name, name)
        written = _put(rest, how.start - cut, how.end - cut, name) if how.start >= cut else rest
        return written if _mentions(written, name) else f"{name}: {rest}"
    return rest if _mentions(rest, name) else f"{name}: {rest}"


def written_out(text: str, before: str, name: str) -> str:
    """An ellipsis filled from the question before it."""
    return _fill(STARTER.sub("", text).strip(" ?.!"), before, name, None)


def _put(text: str, start: int, end: int, name: str) -> str:
    """`text` with the pronoun in `text[start:end]` replaced by a name, as grammar wants it."""
    match = PRONOUN.match(text, start) or THE_PAPER.match(text, start)
    if match is None or match.end() != end:
        return f"{text[:start]}{name}{text[end:]}"
    g = match.groupdict()
    if g.get("its"):
        return f"{text[:start]}{name}’s{text[end:]}"
    if g.get("authors"):
        return f"{text[:start]}the {name} authors{text[end:]}"
    if g.get("that"):
        return f"{text[: match.start('that')]}{name}{text[end:]}"
    if g.get("that2"):
        return f"{text[: match.start('that2')]}{name}{re.sub(r'^ one', '', text[match.end('that2') :])}"
    if g.get("det2"):
        return text
    return f"{text[:start]}{name}{'’s' if match[0].endswith(('’s', chr(39) + 's')) else ''}{text[end:]}"


def _mentions(text: str, name: str) -> bool:
    return name.casefold() in text.casefold()


def _fill(rest: str, before: str, name: str, named: str | None) -> str:
    """The earlier question with the words of an ellipsis in the place of their kind: "for BERT" for "for vision transformers"."""
    before = before.strip(" ?.!")
    if named and _mentions(before, name):
        return re.sub(re.escape(name), lambda _: named, before, count=1, flags=re.IGNORECASE)
    clean = re.sub(r"^(?:the|its)\s+", "", rest)
    if not named and (own := re.match(r"(?:its|their)\s+(?=\w)", rest, re.IGNORECASE)) is not None:
        return f"what about {name}’s {rest[own.end() :]}"
    if (
        lead := re.match(r"(on|for|at|in|with|without|under|using|to|from|over|against|by|of)\s", rest, re.IGNORECASE)
    ) is not None:
        slots = list(
            re.finditer(
                rf"\b{lead[1]}\s+[^,;]+?(?=\s+(?:on|for|at|in|with|over|than|compared|and|when|under|using)\b|[,;]|$)",
                before,
                re.IGNORECASE,
            )
        )
        slots = [slot for slot in slots if not _mentions(slot[0], name)]
        if slots:
            return before[: slots[-1].start()] + rest + before[slots[-1].end() :]
        return f"{before} {rest}"
    if (size := re.match(r"~?\d[\d.,]*[\s-]?([A-Za-z%]*)", clean)) is not None:
        unit = size[1].rstrip("s").lower()
        slots = [
            slot for slot in re.finditer(r"\d[\d.,]*[\s-]?([A-Za-z%]*)", before) if slot[1].rstrip("s").lower() == unit
        ]
        if slots:
            return before[: slots[-1].start()] + clean + before[slots[-1].end() :]
    elif looks_named(clean.split()[0] if clean else "") or clean[:1].isupper():
        slots = [
            slot
            for slot in re.finditer(r"[\w][\w+.-]*", before)
            if (looks_named(slot[0]) or slot[0][0].isupper())
            and slot.start()
            and slot[0].casefold() not in name.casefold()
        ]
        if slots:
            return before[: slots[-1].start()] + clean + before[slots[-1].end() :]
    return f"{before} — {rest}"
