"""Titles and abstracts are made clean, and mathematics stays what it was."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.sources.cleaning import clean_text, clean_title, plain_name, plain_text, plain_title
from ingest.sources.latex import without_latex
from ingest.sources.latex_words import plain_words
from tests.test_sources_records import only, read


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


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"Schr\"odinger maps for na\"{\i}ve nets", "Schrödinger maps for naïve nets"),
        (
            r"Erd\H{o}s, Erd\H os, Fran\c{c}ois, {\L}oj, \L ojas, Mart\'\i nez",
            "Erdős, Erdős, François, Łoj, Łojas, Martínez",
        ),
        (r"Gau\ss{}ian \O ystein, \`a la Poincar\'e, {\'E}mile, \.Zak", "Gaußian Øystein, à la Poincaré, Émile, Żak"),
        (r"\textbf{Bold \emph{and \textit{deep}}}, {\em so}, \texttt{a\_b}", "Bold and deep, so, a_b"),
        (r"{GPT}-4, {L}inear Graph{SAGE} by {Deep Folding} in {C}++", "GPT-4, Linear GraphSAGE by Deep Folding in C++"),
        (r"Q\&A saves 5\%, \#1, \$7; 5\,GB of \{0,1\}", "Q&A saves 5%, #1, $7; 5 GB of {0,1}"),
        (r"{{Folded} Nets: All, You Need}", "Folded Nets: All, You Need"),
        (r"\href{http://a.org}{Code} at \url{a.org/x}, 3 {\textmu}m, \S 3", "Code at a.org/x, 3 µm, § 3"),
        (r"costs $5 for G\"odel, $10 else", "costs $5 for Gödel, $10 else"),
    ],
)
def test_latex_of_words_is_read_in_any_source(latex: str, words: str) -> None:
    assert plain_title(latex) == words and plain_text(words) == words


@pytest.mark.parametrize(
    "text",
    [
        r"$E^{2}$, $\textbf{x}_{\"o}$, \(\emph{k}\), \[\bar{X}\] and $$\{A\}$$",
        r"\begin{equation} \textbf{x}_{N} \end{equation}",
        r"C:\temp\emph\ss, \\server\aa\x and src\lib\o\new",
        r"\d+\s*\w{2}[A-Z]{2}\b, \S+, [^\S\n] and foo\.com",
        r"it\'s, they\'re, \"only\" so and \`a code\`",
        r'{0,1}, {a, b}, {A, B}, {"Key": 1}, ${HOME}, x_{N}, E{X} and net-4B{net-4B}',
        r"\mathbb{R}, \frac{A}{B}, \alpha-stable, \cite{Other2020}",
        "\\", "{", "}{", r"\emph{", "ends in \\textbf{x", "a -- b ``c'' d~e",
    ],
)  # fmt: skip
def test_a_backslash_or_brace_that_may_be_no_latex_stays(text: str) -> None:
    assert plain_text(text) == text


def test_every_reader_gives_words_without_latex() -> None:
    title, abstract = r"Schr\"odinger {GPT}-4", r"It saves 5\% of \textbf{all} $E^{2}$."
    wanted = ("Schrödinger GPT-4", "It saves 5% of all $E^{2}$.", ("Paul Erdős", "José García"))
    as_json = (
        r'{"title": "Schr\\\"odinger {GPT}-4", "abstract": "It saves 5\\% of \\textbf{all} $E^{2}$.", '
        r'"authors": ["Paul Erd\\H{o}s", "Garc\\\'{\\i}a, Jos\\\'{e}"]}'
    ).replace(r"\\\'", r"\\'")
    names = r"Paul Erd\H{o}s and Garc\'{\i}a, Jos\'{e}"
    quoted = title.replace('"', '""')
    sources = (
        as_json + "\n",
        f'title,abstract,authors\n"{quoted}","{abstract}","{names}"\n',
        f"TY  - JOUR\nTI  - {title}\nAB  - {abstract}\nAU  - Paul Erd\\H{{o}}s\nAU  - Garc\\'{{\\i}}a, Jos\\'e\nER  -\n",
        f"@misc{{a, title = {{{title}}}, abstract = {{{abstract}}}, author = {{{names}}}}}\n",
    )
    for source in sources:
        paper = only(read(source))
        assert (paper.title, paper.abstract, paper.authors) == wanted, source


def test_ties_of_names_are_spaces() -> None:
    assert plain_name(r"P.~Erd\H{o}s") == "P. Erdős"


_PIECES = (
    "\\ { } $ \\( \\) \\begin{a} \\end{a} \\\"o \\' \\i \\H{o} \\c \\textbf{ \\emph \\textless \\textbackslash{} \\% &"
    " amp; < > b / i A GPT x 1 , . ~ ^ _ C:\\ \\alpha [ ]"
).split(" ")


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from([*_PIECES, " "]), max_size=25).map("".join))
@example(r"\textbackslash{}textbackslash{}\textbraceleft{}emph{x}")
@example(r"\textless i\textgreater{}A\textless /i\textgreater")
def test_any_text_is_read_once_and_for_all(text: str) -> None:
    for plain in (plain_text, plain_title, plain_name):
        assert plain(plain(text)) == plain(text)
    assert clean_text(plain_text(text)) == plain_text(text)
    assert plain_words(plain_words(text)) == plain_words(text)


@pytest.mark.parametrize(
    "part",
    [
        "\\(", "\\[", "$", "$$", "\\begin{a}", "{", "{a", "{A}", "}", "\\emph{", "\\", "a\\a", "C:\\", "\\\\a", '\\"o', "\\href{",
        "\\x[",
        "\\{", "\\textbackslash{}emph{", "a.", "\\H o", "{{A}a}",
    ],
)  # fmt: skip
def test_no_latex_takes_long_to_read(part: str) -> None:
    text = part * (100_000 // len(part))
    started = time.process_time()
    plain = plain_words(text)
    assert time.process_time() - started < 3
    assert plain_words(plain) == plain
