"""Replies of models kept on disk: the same question with the same evidence costs nothing the second time.

A reply is found by the model's name, PROMPT_VERSION and the whole prompt, hence by question, evidence and model. What is kept is
what the model wrote, not the answer made of it: that is checked anew each time. One JSON file a reply; the prompt is not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from rag.models import Chunk
from rag.prompts import PROMPT_VERSION
from rag.schema import Usage
from rag.steps import Call


class ReplyCache:
    """Replies in a folder. What cannot be read or written is no error: then the model is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, model: str, call: Call) -> str:
        parts = (model, PROMPT_VERSION, call.system, call.user, str(call.max_tokens))
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def get(self, key: str) -> Chunk | None:
        """The reply in one piece; it cost nothing now."""
        try:
            record = json.loads(self._file(key).read_text(encoding="utf-8"))
            text, finish = record["text"], record["finish"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not isinstance(text, str) or not text:
            return None
        return Chunk(text=text, usage=Usage(cost_usd=0.0), finish=finish if isinstance(finish, str) else None)

    def put(self, key: str, text: str, last: Chunk) -> None:
        """Keeps a reply that came to its end; `last` is its last chunk."""
        if not text:
            return
        usage = last.usage.to_dict() if last.usage else None
        record = {"prompt_version": PROMPT_VERSION, "text": text, "finish": last.finish, "usage": usage}
        file = self._file(key)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
                json.dump(record, out, ensure_ascii=False)
            os.replace(name, file)

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}.json"
