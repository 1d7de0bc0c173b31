"""A local server that speaks as Hugging Face's paper API and arXiv's API do, from made-up papers, and misbehaves on request.

    with PaperServer() as server:
        server.days["2026-11-18"] = [daily("2611.00001", "A title", upvotes=3)]
        server.shelf = [entry("2611.00001", "A title")]       # what arXiv has, newest first
        server.enqueue(Fault(status=429, headers={"retry-after": "7"}), Fault(drip=True), None)
        …
        assert [request.query["date"] for request in server.history] == …

The queue comes first: each `Fault` spoils one request, `None` lets one through. `always` spoils every one. When a request is
not spoiled it is answered from `days` (`/api/daily_papers`), `found` (`/api/papers/search`) or `shelf` (`/api/query`).

to play                          enqueue
429 with or without advice       Fault(status=429, headers={"retry-after": "7"}), Fault(status=429)
500 and others                   Fault(status=500)
half a reply                     Fault(cut=True): the whole length is announced, half is sent, the connection ends
the same without a length        Fault(cut=True, chunked=True)
an endless redirect              Fault(redirect="/again"): every address sends to the next
a slow drip                      Fault(drip=True): a byte now and then, until the server is closed
the same in the head             Fault(drip_head=True)
silence                          Fault(silent=True)
not what was expected            Fault(body=b"<html>…"), Fault(body=b""), Fault(body=b"Rate exceeded.")
"""

from __future__ import annotations

import json
import re
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.http_server import LocalServer, QuietHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came; header names in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is sent in place of an answer; see the table above."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: bool = False
    chunked: bool = False
    redirect: str | None = None
    drip: bool = False
    drip_head: bool = False
    silent: bool = False


def daily(
    number: str, title: str, abstract: str = "We study a thing. It works by 3 points.", **fields: Any
) -> dict[str, Any]:
    """A record of the daily list, with the fields that the real one has; `fields` replace those of the inner one, and
    those that begin with `outer_` those of the record itself.
    """
    paper = {
        "id": number,
        "authors": [
            {"_id": "a1", "name": "Ada Okafor", "hidden": False},
            {"_id": "a2", "name": "Bo Lindqvist", "hidden": False, "user": {"user": "bo", "fullname": "Bo Lindqvist"}},
        ],
        "publishedAt": "2026-11-16T00:00:00.000Z",
        "submittedOnDailyAt": "2026-11-18T00:00:00.000Z",
        "submittedOnDailyBy": {"_id": "s1", "fullname": "Someone", "user": "someone", "type": "user", "isPro": False},
        "title": title,
        "summary": abstract,
        "upvotes": 5,
        "discussionId": "d1",
        "ai_summary": "A model wrote this sentence.",
        "ai_keywords": ["things"],
        "githubRepo": "https://code.example/thing",
        "githubStars": 12,
        "organization": {"_id": "o1", "name": "thinglab", "fullname": "Thing Lab", "avatar": "https://img.example/o1"},
    }
    outer = {name[6:]: fields.pop(name) for name in list(fields) if name.startswith("outer_")}
    paper.update(fields)
    return {
        "paper": paper,
        "publishedAt": "2026-11-15T20:00:00.000Z",
        "title": title,
        "summary": abstract,
        "thumbnail": "https://img.example/t.png",
        "numComments": 2,
        "submittedBy": {"_id": "s1", "fullname": "Someone", "name": "someone", "type": "user"},
        "isAuthorParticipating": False,
        **outer,
    }


def entry(
    number: str,
    title: str,
    abstract: str = "We study a thing. It works by 3 points.",
    *,
    published: str = "2026-11-16T17:59:46Z",
    categories: tuple[str, ...] = ("cs.CL",),
    doi: str | None = None,
) -> str:
    """An entry of arXiv's Atom feed; texts are wrapped as arXiv wraps them."""
    terms = "".join(f'<category term="{name}" scheme="http://arxiv.org/schemas/atom"/>' for name in categories)
    wrapped = escape(abstract).replace(". ", ".\n  ")
    more = f"<arxiv:doi>{doi}</arxiv:doi>" if doi else ""
    return f"""  <entry>
    <id>http://arxiv.org/abs/{number}</id>
    <title>{escape(title)}</title>
    <updated>2026-11-17T09:00:00Z</updated>
    <link href="https://arxiv.org/abs/{number}" rel="alternate" type="text/html"/>
    <link href="https://arxiv.org/pdf/{number}" rel="related" type="application/pdf" title="pdf"/>
    <summary>  {wrapped}
</summary>
    {terms}
    <published>{published}</published>
    <arxiv:comment>9 pages</arxiv:comment>{more}
    <arxiv:primary_category term="{categories[0]}"/>
    <author><name>Ada Okafor</name><arxiv:affiliation>Thing Lab</arxiv:affiliation></author>
    <author><name>Bo Lindqvist</name></author>
  </entry>
"""


ERROR_ENTRY = """  <entry>
    <id>https://arxiv.org/api/errors#incorrect_query</id>
    <title>Error</title>
    <summary>the query cannot be parsed</summary>
    <updated>2026-11-17T00:00:00Z</updated>
    <published>2026-11-17T00:00:00Z</published>
    <author><name>arXiv api core</name></author>
  </entry>
"""


def feed(entries: list[str], *, total: int, start: int = 0) -> bytes:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/made-up</id>
  <title>arXiv Query</title>
  <updated>2026-11-18T00:00:00Z</updated>
  <link href="https://arxiv.org/api/query" type="application/atom+xml"/>
  <opensearch:itemsPerPage>{len(entries)}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{"".join(entries)}</feed>
""".encode()


class PaperServer(LocalServer):
    """The server; a context manager."""

    def __init__(self) -> None:
        self.days: dict[str, Any] = {}
        self.found: list[Any] = []
        self.shelf: list[str] = []
        self.most_a_page = 100
        self.history: list[Request] = []
        self.always: Fault | None = None
        self._queue: deque[Fault | None] = deque()
        self.start(_Handler)

    @property
    def url(self) -> str:
        return self.address

    def enqueue(self, *faults: Fault | None) -> None:
        self._queue.extend(faults)

    def next_fault(self, request: Request) -> Fault | None:
        self.history.append(request)
        return self._queue.popleft() if self._queue else self.always

    def answer(self, request: Request) -> tuple[bytes, str] | None:
        """Body and kind; None where there is nothing at this address."""
        query = request.query
        if request.path == "/api/daily_papers":
            listed = self.days.get(query.get("date") or query.get("week") or query.get("month") or "", [])
            if isinstance(listed, list):
                size = min(int(query.get("limit", 50)), self.most_a_page)
                listed = listed[int(query.get("p", 0)) * size :][:size]
            return json.dumps(listed).encode(), "application/json; charset=utf-8"
        if request.path == "/api/papers/search":
            return json.dumps(self.found[: int(query.get("limit", 120))]).encode(), "application/json; charset=utf-8"
        if request.path == "/api/query":
            return self._atom(query), "application/atom+xml; charset=utf-8"
        return None

    def _atom(self, query: Mapping[str, str]) -> bytes:
        start, size = int(query["start"]), int(query["max_results"])
        entries = self.shelf
        if numbers := [number for number in query.get("id_list", "").split(",") if number]:
            entries = [
                one for one in entries if (m := re.search(r"abs/([^<]+?)(v\d+)?<", one)) is None or m[1] in numbers
            ]
        return feed(entries[start : start + size], total=len(entries), start=start)


class _Handler(QuietHandler):
    owner: PaperServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            path=parts.path,
            query={name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            headers=self.all_headers(),
        )
        fault = self.owner.next_fault(request)
        answer = self.owner.answer(request)
        if fault is not None:
            self._spoil(fault, answer[0] if answer else b"")
        elif answer is None:
            self.send_whole(404, b'{"error":"Sorry, we can\'t find the page you are looking for."}', {})
        else:
            self.send_whole(200, answer[0], {"content-type": answer[1]})

    def _spoil(self, fault: Fault, body: bytes) -> None:
        if fault.body is not None:
            body = fault.body
        if fault.redirect is not None:
            self.send_whole(302, b"", {"location": f"{fault.redirect}/{len(self.owner.history)}"})
        elif fault.silent or fault.drip_head:
            self._drip(b"HTTP/1.1 200 OK\r\nx-slow: " if fault.drip_head else b"")
        elif fault.drip:
            self._drip(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        elif fault.cut:
            self._cut(fault, body)
        elif fault.status != 200 and fault.body is None:
            self.send_whole(fault.status, b'{"error":"made up"}', {"content-type": "application/json", **fault.headers})
        else:
            self.send_whole(fault.status, body, fault.headers)

    def _cut(self, fault: Fault, body: bytes) -> None:
        half = body[: len(body) // 2]
        self.close_connection = True
        self.send_response(200)
        if fault.chunked:
            self.send_header("transfer-encoding", "chunked")
            half = b"%x\r\n%s\r\n" % (len(half), half)
        else:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(half)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def _drip(self, head: bytes) -> None:
        self.close_connection = True
        self.wfile.write(head)
        while not self.owner.closing.wait(0.02):
            if head:
                self.wfile.write(b"x")
                self.wfile.flush()
