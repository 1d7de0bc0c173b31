"""Daily Papers pages saved as HTML: their data where it is whole, else what is seen."""

from __future__ import annotations

import html
import json
from datetime import date
from typing import Any

import pytest

from tests.test_sources_records import only, only_error, read

ABSTRACT = "We fold nets along their channels, again and again, until they fit on a small chip; memory falls by 40%."


def entry(number: str = "2405.00123", title: str = "Folded Nets", **fields: Any) -> dict[str, Any]:
    paper = {
        "id": number, "authors": [{"_id": "1", "name": "Ann Other"}, {"_id": "2", "name": "Bob Else"}], "upvotes": 31,
        "publishedAt": "2024-05-01T10:00:00.000Z", "title": title, "summary": ABSTRACT,
        "githubRepo": "https://github.com/other/folds",
        "organization": {"name": "tiny-lab", "fullname": "The Tiny Lab"},
    }  # fmt: skip
    return {"paper": paper | fields, "title": title, "numComments": 4, "submittedBy": {"name": "someone"}}


def page(entries: list[dict[str, Any]], body: str = "") -> str:
    props = html.escape(json.dumps({"dailyPapers": entries, "dateString": "2024-05-06"}), quote=True)
    return (
        "<!DOCTYPE html>\n<html class=''>\n<head><title>Daily Papers - Hugging Face</title></head>\n<body>\n<main>"
        "<p>Get trending papers in your email inbox!</p>\n"
        f'<div class="SVELTE_HYDRATER contents" data-target="DailyPapers" data-props="{props}">\n{body}</div></main>'
        "</body></html>\n"
    )


ARTICLE = f"""
<article class="relative flex flex-col overflow-hidden rounded-xl border">
  <a href="/papers/2406.00007" class="thumbnail"></a>
  <h3><a href="https://huggingface.co/papers/2406.00007" class="line-clamp-3">Warm   Starts &amp; Nets</a></h3>
  <p class="line-clamp-2 text-sm">{ABSTRACT} If a &lt; b.</p>
  <div class="leading-none">53</div>
  <ul><li><a href="/papers/2406.00007">• 7 authors</a></li></ul>
  <a href="/tiny-lab"><span>tiny-lab</span> <span>The Tiny Lab</span></a>
  <span>Published on Jun 3, 2024</span>
  <a href="/papers/2406.00007#community">12</a>
  <a href="https://github.com/other/warm">GitHub</a>
</article>
"""


def test_the_data_of_the_page_gives_every_field() -> None:
    paper = only(read(page([entry()])))
    assert (paper.paper_id, paper.title, paper.abstract) == ("2405.00123", "Folded Nets", ABSTRACT)
    assert (paper.authors, paper.n_authors) == (("Ann Other", "Bob Else"), 2)
    assert (paper.n_upvotes, paper.n_comments, paper.published) == (31, 4, date(2024, 5, 1))
    assert (paper.organisation, paper.organisation_slug) == ("The Tiny Lab", "tiny-lab")
    assert paper.code_url == "https://github.com/other/folds"


def test_articles_give_what_is_seen_and_are_not_read_twice() -> None:
    same = ARTICLE.replace("2406.00007", "2405.00123")
    portion = read(page([entry()], body=same + ARTICLE))
    assert [paper.arxiv_id for paper in portion.papers] == ["2405.00123", "2406.00007"]
    seen = portion.papers[1]
    assert (seen.title, seen.abstract) == ("Warm   Starts & Nets".replace("   ", " "), f"{ABSTRACT} If a < b.")
    assert (seen.n_upvotes, seen.n_comments, seen.n_authors, seen.published) == (53, 12, 7, date(2024, 6, 3))
    assert (seen.organisation, seen.organisation_slug) == ("The Tiny Lab", "tiny-lab")
    assert seen.code_url == "https://github.com/other/warm"


def test_a_page_whose_data_is_damaged_is_read_from_its_articles() -> None:
    text = page([entry()], body=ARTICLE).replace("dailyPapers&quot;: [", "dailyPapers&quot;: [nothing, ")
    assert only(read(text)).arxiv_id == "2406.00007"


def test_an_article_without_an_abstract_is_rejected_by_its_line() -> None:
    bare = ARTICLE.replace(f"{ABSTRACT} If a &lt; b.", "")
    portion = read(page([entry()], body=bare))
    assert len(portion.papers) == 1
    assert portion.errors[0].line == 9 and "no abstract on this page for “Warm Starts & Nets”" in str(portion.errors[0])


def test_a_day_without_a_year_takes_it_from_the_pages_address() -> None:
    text = page(
        [], body=ARTICLE.replace("Published on Jun 3, 2024", "Jun 3") + '<a href="/papers/date/2024-06-04">next</a>'
    )
    paper = only(read(text))
    assert (paper.published, paper.published_inferred) == (date(2024, 6, 3), True)


def test_markup_inside_the_data_is_cleaned_away() -> None:
    text = page(
        [
            entry(
                title="<img src=x onerror=alert(1)>Folded \u202eNets",
                summary="<b>Bold</b> &lt;script&gt;x&lt;/script&gt; claims.",
            )
        ]
    )
    paper = only(read(text))
    assert (paper.title, paper.abstract) == ("Folded Nets", "Bold   claims.".replace("   ", " "))


def test_an_entry_without_an_abstract_is_rejected_and_the_others_go_in() -> None:
    portion = read(page([entry(), entry("2405.00124", "Bare", summary=""), entry("2405.00125", "More")]))
    assert [paper.title for paper in portion.papers] == ["Folded Nets", "More"]
    assert "no abstract" in str(portion.errors[0]) and portion.errors[0].line == 6


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html><body><p>Hello</p></body></html>",
        page([]),
        "<html>" + "<div>" * 50_000,
        '<div data-target="DailyPapers" data-props="' + "[" * 100_000 + '">',
        "<html><div " + " ".join(f"a{i}=1" for i in range(100_000)) + ">",
        "<html>" + "".join(f"<p><font size={i}>" for i in range(20_000)),
    ],
)
def test_html_without_papers_is_one_error(text: str) -> None:
    assert only_error(read(text)).line == (6 if "Get trending" in text and "nothing" in text else 1)


def as_single_file(text: str, *, charset: str = "utf-8") -> bytes:
    """A page as Chrome's "Webpage, Single File" has it."""
    import quopri

    body = quopri.encodestring(text.encode(charset)).replace(b"\n", b"\r\n")
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://huggingface.co/papers\r\nSubject: Daily Papers\r\n"
        "Date: Mon, 6 May 2024 10:00:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        '\ttype="text/html";\r\n\tboundary="----Cut----"\r\n\r\n\r\n------Cut----\r\n'
        f"Content-Type: text/html; charset={charset}\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://huggingface.co/papers\r\n\r\n"
    )
    rest = b"\r\n------Cut----\r\nContent-Type: text/css\r\n\r\np { color: red }\r\n------Cut------\r\n"
    return head.encode() + body + rest


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "no-such-charset"])
def test_a_page_saved_as_a_single_file_is_read_as_the_page(charset: str) -> None:
    whole = page([entry(title="Folded Nets, d\xe9j\xe0 vu")], ARTICLE.replace("•", "&bull;"))
    data = as_single_file(whole, charset="utf-8" if charset == "no-such-charset" else charset)
    papers = read(data.replace(b"charset=utf-8", f"charset={charset}".encode())).papers
    assert [paper.title for paper in papers] == ["Folded Nets, d\xe9j\xe0 vu", "Warm Starts & Nets"]


def test_a_single_file_without_a_page_is_said_to_be_one() -> None:
    data = as_single_file(page([entry()])).replace(b"text/html; ", b"text/plain; ")
    assert "this saved page (MHTML) holds no HTML" in str(only_error(read(data)))
    assert "holds no Daily Papers" in str(only_error(read(as_single_file("<html><body>Nothing</body></html>"))))
