"""How abstracts state figures, methods, data and short forms: the patterns behind `evals/draft_rules.py`, and what is read
out of a match. Pure.
"""

from __future__ import annotations

import re

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
CHANGE_UNIT = r"(?:\s?\\?%|\s?(?:×|[xX])(?!\w)|\stimes\b|[-\s]?fold\b|\spercent\b|\spoints\b)"
QUALIFIER = (
    r"(?:(?:up to|over|more than|at least|around|about|nearly|almost|approximately|roughly|only|as much as|an average of|"
    r"an additional|a further|a|an|the|~)\s?){0,2}"
)
FIGURE = rf"\$?(?P<figure>{NUMBER}{CHANGE_UNIT})\$?"
# Any figure with a unit, for a gap.
AMOUNT = (
    rf"\$?(?P<figure>{NUMBER}(?:{CHANGE_UNIT}|\s?(?:GB|MB|ms|FPS|fps|[KMB](?!\w))|\s(?:GPU\s)?(?:hours?|days?|minutes?|seconds?|"
    r"million|billion|thousand)\b|(?<=[.,]\d)|(?<=[.,]\d\d)|(?<=[.,]\d\d\d)))\$?(?![\w.,]*\d)"
)
# A name that somebody made up: capitals inside, or letters with digits.
MADE_UP = re.compile(r"(?<![\w/-])(?=[A-Za-z]+\w*[A-Z\d])[A-Za-z][\w-]{1,24}\w(?![\w/]|\.\d)")
# A figure beside another one ("2 to 4%", "1%/3%") is half an answer.
PAIRED_BEFORE = re.compile(r"\d\S*\s?(?:to|and|or|,|/|–|-)[\s~$]*$|[\d%]$|[–-]$")
PAIRED_AFTER = re.compile(r"\s?(?:to|and|or|,|/|–|-)[\s~$+]*\d")
WORD = (
    r"(?!(?:by|to|that|which|while|and|or|we|our|it|its|their|with|when|for|than|from|as|is|are|has|have|can|on|both|based|"
    r"compared|across|over|under|at|per|among|between|into|without|using|\w+ly)\b)[A-Za-z][\w/-]*"
)
PHRASE = rf"(?P<phrase>(?:(?:the|its|our|their)\s)?{WORD}(?:\s{WORD}){{0,4}}?)"
NAME = r"(?=[\w-]*[A-Z0-9])[A-Z][\w.+/-]*\w"
METRIC = (
    r"(?P<metric>(?:(?:top-[15]|average|mean|overall|zero-shot|validation|test|relative)\s)?(?:accuracy|F1(?:[ -]score)?|mAP|"
    r"mIoU|BLEU(?: score)?|FID(?: score)?|WER|word error rate|perplexity|AUC|AUROC|success rate|win rate|pass@1|recall|precision|"
    r"PSNR|SSIM))\b"
)
OWN = re.compile(
    r"\b(?:we|our|ours|this (?:paper|work|method|approach|model|framework|study)|it|results?|experiments?|evaluations?)\b",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"^\W*(?:existing|previous|prior|recent\w*|traditional|conventional|current\w*|most|many|while|although|though|however|"
    r"for (?:example|instance)|unlike|despite|typically|often|yet|but)\b",
    re.IGNORECASE,
)
CHANGE = re.compile(
    rf"\b(?P<verb>reduc|lower|cut|decreas|shrink|sav|improv|increas|boost|rais|accelerat|outperform|surpass|exceed)"
    rf"(?:e|es|s|ed|ing|ting)?\s{PHRASE}\sby\s{QUALIFIER}{FIGURE}"
)
VERBS = {
    "reduc": ("reduce", "reduction in"),
    "lower": ("lower", "drop in"),
    "cut": ("cut", "cut in"),
    "decreas": ("decrease", "decrease in"),
    "shrink": ("shrink", "reduction in"),
    "sav": ("save", "saving in"),
    "improv": ("improve", "improvement in"),
    "increas": ("increase", "increase in"),
    "boost": ("boost", "gain in"),
    "rais": ("raise", "rise in"),
    "accelerat": ("accelerate", "speed-up of"),
    "outperform": ("outperform", "margin over"),
    "surpass": ("surpass", "margin over"),
    "exceed": ("exceed", "margin over"),
}
FALLS = {
    "falls": "fall",
    "drops": "drop",
    "shrinks": "shrink",
    "decreases": "decrease",
    "rises": "rise",
    "improves": "improve",
    "increases": "increase",
    "grows": "grow",
}
FALL = re.compile(rf"(?:^|,\s|;\s|\band\s){PHRASE}\s(?P<verb>{'|'.join(FALLS)})\sby\s{QUALIFIER}{FIGURE}")
FASTER = re.compile(
    rf"{FIGURE}\s(?P<how>faster|smaller|cheaper|lighter|slower|larger)\sthan\s{PHRASE}(?=[,.;:)]|\s(?:and|while|with|when|on|in|for)\b)"
)
GAIN = re.compile(
    rf"{QUALIFIER}{FIGURE}\s(?P<kind>(?:{WORD}\s)?(?:speed-?up|reduction|improvement|increase|gain|decrease|acceleration|"
    rf"savings?))s?(?:\s(?P<link>in|of|on|over)\s{PHRASE}"
    r"(?=[,.;:)]|\s(?:by|to|that|while|and|with|when|for|compared|on|over|across|at|under|without|using|from|than|as)\b))?"
)
SCORE = re.compile(
    rf"(?:{METRIC}\sof\s{QUALIFIER}\$?(?P<a>{NUMBER}\s?\\?%?)"
    rf"|\$?(?P<b>{NUMBER}\s?\\?%)\$?\s{METRIC.replace('metric', 'other')})"
    rf"(?:\s(?:on|for)\s(?:the\s)?(?P<set>{NAME}(?:\s{NAME}){{0,3}})(?!\s[A-Z]))?"
)
REACHED = re.compile(r"\b(?:achiev|reach|attain|obtain|yield|scor|record|set|get)\w*\b[^.;]{0,60}$")
BETTERED = re.compile(
    r"\b(?:improv|gain|boost|higher|increas|outperform|surpass|reduc|within|below|drop)\w*\b[^;]{0,60}$"
)
A_CHANGE = re.compile(r"\s(?:\w+\s)?(?:improvement|reduction|gain|increase|drop|loss|boost|higher|lower|decrease)")
COUNT = re.compile(
    r"\b(?:contain|compris|includ|consist\w* of|cover|span|collect|featur|encompass"
    r"|(?:data ?set|benchmark|corpus|collection)\s(?:of|with))"
    r"(?:e|es|s|ed|ing|ning)?\s"
    rf"{QUALIFIER}(?P<figure>{NUMBER}(?:\s?[KM](?!\w)|\s(?:thousand|million|billion)\b)?)\s"
    rf"(?P<phrase>(?:(?!(?:of|and|in|on|the)\b)[a-z][\w/-]*\s){{0,3}}?[a-z][\w-]{{2,}}s)\b(?!\sper\b)"
)
COINED = r"(?P<name>(?=[\w.-]*[A-Z0-9])\w[\w.+/-]*\w(?:\s[A-Z][\w-]*){0,5})(?:\s\((?P<short>[\w+-]{2,15})\))?"
PROPOSED = re.compile(
    r"\b(?:[Ww]e|paper|work|study)\s(?:then\s|also\s|therefore\s|thus\s)?"
    rf"(?:propose|introduce|present|develop|design|describe)s?\s{COINED},\s(?P<what>(?:an?|the)\s[^,.;:()]+)(?=[,.;:](?!\d))"
)
CALLED = re.compile(
    r"\b(?:propose|introduce|present|develop|design|describe)s?\s(?P<what>an?\s[^,.;:()]+?),?\s"
    rf"(?:which we call|that we call|called|named|termed|dubbed|coined)\s(?:as\s)?[\"“]?{COINED}"
)
CUT_AT = re.compile(r"\s(?:to|by|for|while|and|where|using|via|in|on|from|without|through|across|such|as)\b")
UNFINISHED = re.compile(r"(?:ed|ing|er|ly|prior|capable|able|scale|efficient|effective|aims|accelerate)$")
TESTED = re.compile(
    r"\b(?:[Ee]xperiments?|[Ee]valuat\w+|[Tt]ested|validat\w+|[Rr]esults|[Bb]enchmarks?|[Dd]atasets?)\b"
    r"[^.;:]{0,80}?\b(?:on|including|such as)\s(?:the\s)?"
    rf"(?P<list>{NAME}(?:,\s(?:the\s)?{NAME}){{0,2}},?\sand\s(?:the\s)?{NAME})(?=[\s,.;])"
)
METRICS = re.compile(r"^(?:BLEU|ROUGE|F1|FID|PSNR|SSIM|WER|METEOR|CIDEr|AUC|mAP)")
SHORT_FORM = re.compile(r"(?P<long>(?:[A-Za-z][\w-]*\s){2,6})\((?P<short>[A-Z][A-Za-z]*[A-Z])s?\)")


def figure_forms(figure: str) -> tuple[str, ...]:
    """How an answer may write a figure; first as the abstract has it.

    >>> figure_forms("2.5x"), figure_forms("46\\\\%")
    (('2.5x', '2.5 times', '2.5×', '2.5-fold'), ('46\\\\%', '46%', '46 percent'))
    """
    number = re.match(NUMBER, figure)
    if number is None:
        return (figure,)
    unit, plain = figure[number.end() :].strip(" -\\"), number[0]
    if unit in ("%", "percent"):
        forms = [f"{plain}%", f"{plain} percent"]
    elif unit in ("x", "X", "×", "times", "fold"):
        forms = [f"{plain}x", f"{plain} times", f"{plain}×", f"{plain}-fold"]
    elif unit in ("K", "thousand"):
        forms = [f"{plain}K", f"{plain} thousand"]
    elif unit in ("M", "million"):
        forms = [f"{plain}M", f"{plain} million"]
    elif unit == "points":
        forms = [f"{plain} points", f"{plain}-point"]
    else:
        forms = []
    return tuple(dict.fromkeys([figure, *forms]))


def is_paired(sentence: str, start: int, end: int) -> bool:
    """Whether another figure belongs to the one at this place."""
    return bool(PAIRED_BEFORE.search(sentence[:start]) or PAIRED_AFTER.match(sentence, end))


def shortened(what: str) -> str | None:
    """A description of 4 to 8 words, cut where a clause ends; None where it cannot be had."""
    words = what.split()
    if len(words) > 8:
        cuts = [at.start() for at in CUT_AT.finditer(what) if _is_whole(what[: at.start()])]
        if not cuts:
            return None
        words = what[: cuts[-1]].split()
    return " ".join(words) if len(words) >= 4 and not UNFINISHED.search(words[-1]) else None


def _is_whole(what: str) -> bool:
    """Whether a description of 5 to 8 words can end here: not behind "tailored", "based" and the like."""
    return 5 <= len(what.split()) <= 8 and not UNFINISHED.search(what)


def spelt_out(before: str, short: str) -> str | None:
    """The words that a short form stands for: as many as it has letters, each beginning with its letter.

    >>> spelt_out("We use masked token modeling ", "MTM")
    'masked token modeling'
    """
    parts = list(re.finditer(r"[A-Za-z][a-z]*", before))[-len(short) :]
    if len(short) < 3 or [part[0][0].casefold() for part in parts] != list(short.casefold()):
        return None
    start = parts[0].start()
    words = before[start:].strip()
    whole = start == 0 or before[start - 1].isspace()
    return words if whole and len(words.split()) >= 2 else None
