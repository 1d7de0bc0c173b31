"""A local server that speaks OpenAI's embeddings, with vectors made from the texts, and misbehaves on request.

    with EmbeddingServer(dimension=8) as server:
        server.enqueue(Fault(status=429, headers={"retry-after": "2"}), None)   # spoils one request, lets one through
        …
        assert server.texts == [...]                                            # every text that was sent, in order

A vector is worked out from the SHA-256 of its text (`vector_of`), not of length 1, and the vectors of a reply come in
reverse order with their numbers, as the protocol allows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.http_server import LocalServer, QuietHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a reply. `change` is handed the whole reply and gives another one."""

    status: int = 200
    error: Mapping[str, Any] | str = "made up"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    change: Callable[[dict[str, Any]], Any] | None = None
    cut: bool = False
    drip: bool = False


def vector_of(text: str, dimension: int) -> list[float]:
    """Numbers between -3 and 3 that only this text has."""
    digest = hashlib.sha256(text.encode()).digest()
    return [(digest[i % 32] ^ i // 32) / 42.5 - 3 for i in range(dimension)]


class EmbeddingServer(LocalServer):
    """The server; a context manager."""

    def __init__(self, *, dimension: int = 8, api_key: str | None = None) -> None:
        self.dimension = dimension
        self.api_key = api_key
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.always: Fault | None = None
        self._queue: deque[Fault | None] = deque()
        self._lock = threading.Lock()
        self.start(_Handler)

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    @property
    def texts(self) -> list[str]:
        return [text for request in self.requests for text in request["input"]]

    def enqueue(self, *faults: Fault | None) -> None:
        self._queue.extend(faults)

    def take(self, request: dict[str, Any], headers: Mapping[str, str]) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            if self.api_key is not None and headers.get("authorization") != f"Bearer {self.api_key}":
                return Fault(
                    status=401, error={"message": "Incorrect API key provided: sk-wr…ng", "code": "invalid_api_key"}
                )
            return self._queue.popleft() if self._queue else self.always

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        data = []
        for i, text in reversed(list(enumerate(request["input"]))):
            numbers: Any = vector_of(text, self.dimension)
            if request.get("encoding_format") == "base64":
                numbers = base64.b64encode(struct.pack(f"<{self.dimension}f", *numbers)).decode()
            data.append({"object": "embedding", "index": i, "embedding": numbers})
        n_tokens = sum(len(text.split()) for text in request["input"])
        usage = {"prompt_tokens": n_tokens, "total_tokens": n_tokens}
        return {"object": "list", "data": data, "model": request["model"], "usage": usage}


class _Handler(QuietHandler):
    owner: EmbeddingServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        if not self.path.endswith("/embeddings"):
            self._send(404, json.dumps({"error": {"message": f"no such path: {self.path}"}}).encode(), {})
            return
        fault = self.owner.take(request, self.all_headers())
        whole = json.dumps(self.owner.reply(request)).encode()
        if fault is None:
            self._send(200, whole, {})
        elif fault.status != 200:
            self._send(fault.status, json.dumps({"error": fault.error}).encode(), fault.headers)
        elif fault.drip:
            self._drip()
        elif fault.cut:
            self.close_connection = True
            self._send(200, whole[: len(whole) // 2], {"content-length": str(len(whole))})
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            changed = fault.change(self.owner.reply(request)) if fault.change else None
            self._send(200, fault.body if fault.body is not None else json.dumps(changed).encode(), fault.headers)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_whole(status, body, {"content-type": "application/json", **headers})

    def _drip(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n")
        while not self.owner.closing.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()
