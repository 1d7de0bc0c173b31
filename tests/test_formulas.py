r"""Formulas in titles and abstracts: where they stand beside letters, what is a price, and how they read as plain text."""

from __future__ import annotations

import pytest

from rag.formulas import as_text, find_math
from rag.references import conversation_markdown, markdown
from rag.schema import Answer, Coverage
from tests.conftest import paper
from ui.page_text import plain


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("E$^{2}$GAN", ["^{2}"]),
        ("CO$_2$ and H$_2$O", ["_2", "_2"]),
        ("$k$NN with $K$-means", ["k", "K"]),
        (r"10$^{-3}$ and $\times$4", ["^{-3}", r"\times"]),
        (r"$\lambda$calculus", [r"\lambda"]),
    ],
)
def test_formulas_beside_letters_are_found(text: str, formulas: list[str]) -> None:
    assert [inside for _, _, inside in find_math(text)] == formulas
    assert plain(text).count("<math") == len(formulas)


@pytest.mark.parametrize(
    "text",
    [
        "US$5 and AU$6",
        "US$5^* and AU$6",
        "HK$1_000 to HK$2",
        "$200M/$300M",
        "$5k-$6k",
        "$5/hr^2 or $7",
        "A$AP and Ke$ha",
        "set $PATH_A:$HOME",
        "$HOME_DIR/$USER",
        "5$x$6",
    ],
)
def test_prices_and_names_with_dollars_stay(text: str) -> None:
    assert find_math(text) == [] and as_text(text) == text and plain(text) == text.replace("&", "&amp;")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("E$^{2}$GAN", "E²GAN"),
        (r"\textbf{L}azy (\textit{i}nward) nets", "Lazy (inward) nets"),
        (r"Scenes $\textit{et al.}$", "Scenes et al."),
        (r"$\mathcal{O}(n \log n)$ and $\alpha$-nets", "O(n log n) and α-nets"),
        (r"$x_{max} \le 5\%$ of \$7", "xₘₐₓ ≤ 5% of $7"),
        (r"$\frac{1}{2}$ of $a^{b^c}$", r"$\frac{1}{2}$ of $a^{b^c}$"),
        ("costs $5 or $10", "costs $5 or $10"),
    ],
)
def test_formulas_read_as_plain_text_where_characters_can_say_them(text: str, said: str) -> None:
    assert as_text(text) == said


def test_markdown_says_formulas_and_escapes_prices() -> None:
    line = markdown([paper(r"E$^{2}$GAN: \textbf{L}azy nets, $\frac{1}{2}$ for $5 and <b>")])
    assert line == r"1. **E²GAN: Lazy nets, $\frac{1}{2}$ for \$5 and \<b\>**. No date." + "\n"
    assert r"\$\<img\>^2\$" in markdown([paper(r"A $<img>^2$ $\frac{<img>}{2}$ of $\href{x}<img>^2$")]).replace(
        r"\\href\{x\}", ""
    ), "what is no harmless formula is escaped"


def test_a_conversation_says_formulas_too() -> None:
    coverage = Coverage(n_papers=1, n_searched=1, first=None, last=None, n_undated=1)
    answer = Answer(
        question="What is E$^{2}$GAN?",
        text=r"\textbf{L}azy: E$^{2}$GAN saves 5\% for $5 or $6.",
        mode="quoting",
        coverage=coverage,
    )
    text = conversation_markdown([answer])
    assert "## What is E²GAN?" in text and r"Lazy: E²GAN saves 5\% for $5 or $6." in text
