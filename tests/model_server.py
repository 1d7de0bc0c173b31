"""A local server that speaks the OpenAI chat-completions protocol, says what it is told to, and misbehaves on request.

    with ModelServer() as server:                        # closed at the end
        server.enqueue("GaLore needs 24 GB [1].", Reply(status=429, headers={"retry-after": "1"}), "At last.")
        model = load_llm(f"openai-like/scripted@{server.url}", settings=…)
        …
        assert server.history[0].user.startswith("Question")   # every request, in order of arrival

One reply of the queue answers one request to `/v1/chat/completions`, streamed (SSE) or not, as the request asks. A reply
is a text (sent word by word), a `Reply`, or a function of the `Request` that returns one of these: a script that writes
from the evidence it was given. When the queue is empty, `server.default` answers the same way; where that is None, a 400
that says so. `GET /v1/models` lists `server.models`. Nothing is read from the clock and nothing sleeps: pauses end at
once when the server is closed.

to play                          enqueue
an error of the provider         Reply(status=401, error="Incorrect API key provided"), 404, 429, 500, … (code=: OpenAI's code)
429 with advice                  Reply(status=429, headers={"retry-after": "2"})
a wrong key                      ModelServer(api_key="right"): a 401 for every request with another one
cut off in mid-sentence          Reply(text=…, cut_after=3): the connection breaks after 3 pieces
the same, in silence             Reply(text=…, cut_after=3, cut="silent"): it ends as if all had been said
a slow drip                      Reply(text=…, hang_after=3): silence after 3 pieces; drip=True: with comment lines all the while
not JSON, a web page, nonsense   Reply(body=b"<html>…", content_type="text/html")
nonsense in mid-stream           Reply(text=…, body_after=2, body=b"data: {oops\\n\\n")
an error in mid-stream           Reply(text=…, body_after=2, body=b'data: {"error": {"message": "overloaded"}}\\n\\n')
an empty reply                   Reply()
no usage figures                 Reply(text=…, usage=None)
`stream_options` rejected        ModelServer(reject=("stream_options",)): a 400 while a request has that field (any field's name)
exact pieces of a stream         Reply(pieces=("GaLore [", "1", "] works."))
cut short by the token limit     Reply(text=…, finish="length")
reasoning before the text        Reply(text=…, reasoning="let me think"): `reasoning_content` first
a server that cannot stream      Reply(text=…, streams=False): the whole reply as JSON
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.http_server import LocalServer, QuietHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def system(self) -> str:
        return self._said_by("system", "developer")

    @property
    def user(self) -> str:
        return self._said_by("user")

    def _said_by(self, *roles: str) -> str:
        said = [message["content"] for message in self.body.get("messages", []) if message["role"] in roles]
        return "\n".join(
            text if isinstance(text, str) else "".join(part.get("text", "") for part in text) for text in said
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server sends; see the table above. `usage` is (prompt tokens, completion tokens)."""

    text: str = ""
    pieces: tuple[str, ...] | None = None
    status: int = 200
    error: str = "scripted error"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: tuple[int, int] | None = (11, 7)
    finish: str | None = "stop"
    done: bool = True
    reasoning: str = ""
    body: bytes | None = None
    body_after: int | None = None
    content_type: str | None = None
    cut_after: int | None = None
    cut: Literal["reset", "silent"] = "reset"
    hang_after: int | None = None
    drip: bool = False
    streams: bool = True
    pause_s: float = 0.0

    def stream_pieces(self) -> tuple[str, ...]:
        return self.pieces if self.pieces is not None else tuple(re.findall(r"\s*\S+\s*$|\s*\S+", self.text))

    def whole(self) -> str:
        return "".join(self.pieces) if self.pieces is not None else self.text


Scripted = str | Reply | Callable[[Request], "str | Reply"]


class ModelServer(LocalServer):
    """The server; a context manager. `history` holds the chat requests, `other_requests` those to any other path.

    `left` is set when a client leaves a reply that hangs.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        reject: tuple[str, ...] = (),
        models: tuple[Mapping[str, Any], ...] = ({"id": "scripted", "object": "model"},),
        default: Scripted | None = None,
    ) -> None:
        self.api_key = api_key
        self.reject = reject
        self.models = models
        self.default = default
        self.history: list[Request] = []
        self.other_requests: list[Request] = []
        self._queue: deque[Scripted] = deque()
        self._lock = threading.Lock()
        self.left = threading.Event()
        self.start(_Handler)

    @property
    def url(self) -> str:
        """The base URL to give to a client: http://127.0.0.1:PORT/v1."""
        return f"{self.address}/v1"

    def enqueue(self, *replies: Scripted) -> None:
        """Add replies at the end of the queue."""
        with self._lock:
            self._queue.extend(replies)

    @property
    def n_left(self) -> int:
        """Replies that nobody asked for yet."""
        return len(self._queue)

    def wait(self, seconds: float) -> bool:
        """Pause; True when the server is being closed."""
        return self.closing.wait(seconds)

    def reply_to(self, request: Request) -> Reply:
        """The next reply of the script, after the checks that the server was made with."""
        with self._lock:
            self.history.append(request)
            if self.api_key is not None and request.headers.get("authorization") != f"Bearer {self.api_key}":
                return Reply(status=401, error="Incorrect API key provided.", code="invalid_api_key")
            for name in self.reject:
                if name in request.body:
                    return Reply(status=400, error=f"Unrecognized request argument supplied: {name}")
            scripted = self._queue.popleft() if self._queue else self.default
        if scripted is None:
            return Reply(status=400, error="no reply was enqueued for this request")
        if callable(scripted):
            scripted = scripted(request)
        return Reply(text=scripted) if isinstance(scripted, str) else scripted


class _Handler(QuietHandler):
    owner: ModelServer

    def do_GET(self) -> None:
        self.owner.other_requests.append(self._request({}))
        if self.path.rstrip("/").endswith("/models"):
            self._send_json(200, {"object": "list", "data": [dict(model) for model in self.owner.models]})
        else:
            self._send_json(404, {"error": {"message": f"no such path: {self.path}"}})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = self._request(json.loads(raw))
        if not self.path.endswith("/chat/completions"):
            self.owner.other_requests.append(request)
            self._send_json(404, {"error": {"message": f"no such path: {self.path}"}})
            return
        reply = self.owner.reply_to(request)
        if reply.status != 200:
            problem = {"message": reply.error, "type": "scripted", "param": None, "code": reply.code}
            self._send_json(reply.status, {"error": problem}, reply.headers)
        elif reply.body is not None and reply.body_after is None:
            self._send(200, reply.body, reply.content_type or "application/json", reply.headers)
        elif request.body.get("stream") and reply.streams:
            self._stream(request, reply)
        else:
            self._send_json(200, _completion(request, reply), reply.headers)

    def _request(self, body: Mapping[str, Any]) -> Request:
        headers = self.all_headers()
        return Request(method=self.command, path=self.path, headers=headers, body=body)

    def _send_json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, json.dumps(value).encode(), "application/json", headers or {})

    def _send(self, status: int, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        self.send_whole(status, body, {"content-type": content_type, **headers})

    def _stream(self, request: Request, reply: Reply) -> None:
        """Chunked transfer, unless the reply is to end silently: then the end of the connection is the end."""
        chunked = not (reply.cut_after is not None and reply.cut == "silent")
        self.send_response(200)
        self.send_header("content-type", reply.content_type or "text/event-stream")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header(*(("transfer-encoding", "chunked") if chunked else ("connection", "close")))
        self.end_headers()

        def send(data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
            self.wfile.flush()

        def event(**fields: Any) -> None:
            send(b"data: " + json.dumps(_envelope(request, "chat.completion.chunk") | fields).encode() + b"\n\n")

        def delta(finish: str | None = None, **fields: Any) -> None:
            event(choices=[{"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}])

        delta(role="assistant", content="")
        if reply.reasoning:
            delta(reasoning_content=reply.reasoning)
        pieces = reply.stream_pieces()
        for i in range(len(pieces) + 1):
            if i == reply.cut_after:
                self._break_off(reset=reply.cut == "reset")
                return
            if i == reply.hang_after:
                self._hang(send, drip=reply.drip)
                return
            if i == reply.body_after and reply.body is not None:
                send(reply.body)
            if i < len(pieces):
                if reply.pause_s and self.owner.wait(reply.pause_s):
                    return
                delta(content=pieces[i])
        if reply.finish is not None:
            delta(finish=reply.finish)
        if reply.usage is not None and (request.body.get("stream_options") or {}).get("include_usage"):
            event(choices=[], usage=_usage(reply.usage))
        if reply.done:
            send(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _break_off(self, *, reset: bool) -> None:
        """End the connection where it is; a chunked body without its last chunk is what a client sees as broken."""
        self.close_connection = True
        if reset:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _hang(self, send: Callable[[bytes], None], *, drip: bool) -> None:
        """Keep the connection open without saying anything more, until the client leaves or the server is closed."""
        self.close_connection = True
        self.connection.settimeout(0.01)
        try:
            while not self.owner.wait(0.01):
                if drip:
                    send(b": keep-alive\n\n")
                try:
                    if not self.connection.recv(1):
                        break
                except TimeoutError:
                    pass
        except ConnectionError:
            pass
        if not self.owner.wait(0):
            self.owner.left.set()


def _envelope(request: Request, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 0, "model": request.body.get("model", "scripted")}


def _usage(figures: tuple[int, int]) -> dict[str, int]:
    prompt, completion = figures
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _completion(request: Request, reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.whole()}
    whole = _envelope(request, "chat.completion")
    whole["choices"] = [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish or "stop"}]
    if reply.usage is not None:
        whole["usage"] = _usage(reply.usage)
    return whole
