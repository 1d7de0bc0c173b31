"""The Markdown of answers as HTML: paragraphs, lists, tables, headings and code. Pure; nothing else of Markdown is read.

Images, links and raw HTML of the text stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_ITEM = re.compile(r"^\s*(?:(?P<bullet>[-*•])|(?P<number>\d{1,3})[.)])\s+(?P<text>.+)$")
_HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*$")
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,})\s*$")
_WHOLE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\d{1,2} [A-Z][a-z]{2,8} \d{4}|-?[\d.,]+ ?%?")
_CELL = re.compile(r"(?<!\\)\|")


def blocks_html(text: str, inline: Callable[[str], str]) -> str:
    """A text as blocks; `inline` makes the HTML of a line's words."""
    out: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith("```"):
            at, html = _code(lines, at)
        elif line.lstrip().startswith("|"):
            at, html = _table(lines, at, inline)
        elif _ITEM.match(line):
            at, html = _list(lines, at, inline)
        elif heading := _HEADING.match(line):
            at, html = at + 1, f"<h3>{inline(heading['text'])}</h3>"
        elif not line.strip() or _RULE.match(line):
            at, html = at + 1, ""
        else:
            at, html = _paragraph(lines, at, inline)
        out.append(html)
    return "".join(out)


def _starts_block(line: str) -> bool:
    return bool(not line.strip() or line.lstrip().startswith(("```", "|")) or _ITEM.match(line) or _HEADING.match(line))


def _paragraph(lines: list[str], at: int, inline: Callable[[str], str]) -> tuple[int, str]:
    taken = [lines[at]]
    at += 1
    while at < len(lines) and not _starts_block(lines[at]):
        taken.append(lines[at])
        at += 1
    return at, f"<p>{inline(' '.join(line.strip() for line in taken))}</p>"


def _list(lines: list[str], at: int, inline: Callable[[str], str]) -> tuple[int, str]:
    """Items, with blank lines between them allowed and lines that follow indented taken in."""
    first = _ITEM.match(lines[at])
    assert first is not None
    tag = "ol" if first["number"] else "ul"
    items: list[str] = []
    while at < len(lines):
        match = _ITEM.match(lines[at])
        if match is not None and bool(match["number"]) == (tag == "ol"):
            items.append(match["text"])
            at += 1
        elif lines[at].startswith((" ", "\t")) and lines[at].strip():
            items[-1] += f" {lines[at].strip()}"
            at += 1
        elif not lines[at].strip() and at + 1 < len(lines) and _ITEM.match(lines[at + 1]):
            at += 1
        else:
            break
    start = f' start="{int(first["number"])}"' if first["number"] and int(first["number"]) != 1 else ""
    return at, f"<{tag}{start}>{''.join(f'<li>{inline(item)}</li>' for item in items)}</{tag}>"


def _table(lines: list[str], at: int, inline: Callable[[str], str]) -> tuple[int, str]:
    rows: list[list[str]] = []
    while at < len(lines) and lines[at].lstrip().startswith("|"):
        row = lines[at].strip().removeprefix("|").removesuffix("|")
        rows.append([cell.strip().replace("\\|", "|") for cell in _CELL.split(row)])
        at += 1
    rows = [row for row in rows if not all(cell and set(cell) <= set("-: ") for cell in row)]
    if not rows:
        return at, ""
    head = "".join(f'<th scope="col">{inline(cell)}</th>' if cell else "<td></td>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(_cell(cell, inline) for cell in row)}</tr>" for row in rows[1:])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return at, f'<div class="table" tabindex="0" role="region" aria-label="Table">{table}</div>'


def _cell(cell: str, inline: Callable[[str], str]) -> str:
    """A cell; one that is a date or a figure is never broken."""
    whole = ' class="whole"' if _WHOLE.fullmatch(cell) else ""
    return f"<td{whole}>{inline(cell)}</td>"


def _code(lines: list[str], at: int) -> tuple[int, str]:
    end = at + 1
    while end < len(lines) and not lines[end].lstrip().startswith("```"):
        end += 1
    return end + 1, f"<pre><code>{escape(chr(10).join(lines[at + 1 : end]))}</code></pre>"
