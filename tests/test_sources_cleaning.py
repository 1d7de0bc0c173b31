"""Titles and abstracts are made clean, and mathematics stays what it was."""

from __future__ import annotations

import time

import pytest

from ingest.sources.cleaning import clean_text, clean_title
from ingest.sources.latex import without_latex


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a < b and c > d", "a < b and c > d"),
        ("if x<y and y>z", "if x<y and y>z"),
        ("bits i<p>q stay", "bits i<p>q stay"),
        ("for a<b and c>d", "for a<b and c>d"),
        (r"R&D with $a_{i} & b$ and 5\%", r"R&D with $a_{i} & b$ and 5\%"),
        ("The  $E^{2}$ norm.  Two spaces stay.", "The  $E^{2}$ norm.  Two spaces stay."),
    ],
)
def test_what_is_no_markup_stays(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<p>One.</p><p>Two <b>bold</b>.</p>", "One.\n\nTwo bold."),
        ("CO<sub>2</sub> and H<sub>2</sub>O", "CO2 and H2O"),
        ("<jats:p>Fold <jats:italic>nets</jats:italic>.</jats:p>", "Fold nets."),
        ("<script>alert(1)</script>Nets", "Nets"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Nets", "Nets"),
        ("&amp;amp;lt;b&amp;gt;Nets&lt;/b&gt;", "Nets"),
        ('Nets <img src=x onerror="alert(1)">fold', "Nets fold"),
        ("Nets<!-- hidden --> fold<br/>well", "Nets  fold well"),
        ("a &lt; b, 5&nbsp;GB, &quot;so&quot; &#39;so&#x27; &unknown;", "a < b, 5 GB, \"so\" 'so' &unknown;"),
        ("İ<script>x</script>y", "İ y"),
    ],
)
def test_tags_and_entities_go(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("nul\x00 bell\x07 escape\x1b[31m", "nul bell escape"),
        ("\x1b[1;31mRed\x1b[0m and \x9b4mlined", "Red and lined"),
        ("a\x1b]0;evil title\x07b \x1b]8;;http://a.org\x1b\\c \x1b]2;open", "ab c open"),
        ("set\x1b(B of \x1bletters", "set of letters"),
        ("over\u202eride \u2066iso\u2069late mark\u200f", "override isolate mark"),
        ("zero\u200bwidth soft\xadhyphen \ufeffmark \U000e0041tag", "zerowidth softhyphen mark tag"),
        ("half \ud800 a pair", "half \ufffd a pair"),
        ("tab\tand\xa0hard\u3000space", "tab and hard space"),
        ("one\r\nline\nof\x85text\u2028here", "one line of text here"),
        ("one.\n \n\n two", "one.\n\ntwo"),
        ("far     apart", "far apart"),
        ("Cafe\u0301", "Caf\xe9"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_controls_go_and_white_space_is_made_one(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_a_title_stands_on_one_line() -> None:
    assert clean_title(" <p>Fold</p>\n\n<p>Nets</p> ") == "Fold Nets"


@pytest.mark.parametrize(
    "text",
    ["<" * 50_000, "<i" * 16_000 + ">" * 16_000, "-->" + "<!--" * 12_000, "<script>" * 6_000, "&" + "amp;" * 12_000,
     "\n " * 25_000, "<" * 9_000 + "b>" * 9_000 + "</b>" * 9_000, "&" * 50_000, "<a " * 16_000, "<p>" * 16_000, "\x1b]" * 25_000,
     "\x1b[" * 25_000, "\x1b]0;" + "x" * 49_000],
)  # fmt: skip
def test_no_text_takes_long_to_clean(text: str) -> None:
    started = time.process_time()
    clean = clean_text(text)
    assert time.process_time() - started < 2
    assert clean_text(clean) == clean


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (
            r"{G\"o}del and Erd{\H o}s, {\'E}mile, Fran{\c c}ois, \v{S}m\'{\i}d",
            "Gödel and Erdős, Émile, François, Šmíd",
        ),
        (r"{LLM}s at 50\% \emph{less} cost -- \textbf{really}", "LLMs at 50% less cost – really"),
        (r"Stra{\ss}e, \O re, na\"{\i}ve, {\AA}rhus", "Straße, Øre, naïve, Århus"),
        (r"{The} $E^{2}$ norm, $\alpha_{i}~x$ and {A} tie~here", r"The $E^{2}$ norm, $\alpha_{i}~x$ and A tie here"),
        (r"costs \$5 \& more \{so\}", "costs $5 & more {so}"),
        ("``quoted''", "“quoted”"),
        (r"As \citet[see][p.~2]{fold2020} and Fig.~\ref{y} show \citep*{a, b}", "As fold2020 and Fig. y show a, b"),
        (r"Half \mathbb{R} of \frac{1}{2}", r"Half \mathbb{R} of \frac{1}{2}"),
        (
            r"\$5, not \$10, is $x$ \textbackslash{}emph\textbraceleft{}x\textbraceright{}",
            r"$5, not $10, is $x$ \emph{x}",
        ),
        (r"\href{http://a.org}{Code} at a.org/\~{}x \par Two", "Code at a.org/~x \n\nTwo"),
    ],
)
def test_latex_of_words_is_decoded_and_mathematics_stays(latex: str, words: str) -> None:
    assert without_latex(latex) == words
