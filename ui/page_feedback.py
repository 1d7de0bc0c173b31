"""Thumbs and comments: one line of JSON each, in a file on this machine, for `askpapers eval questions --from-feedback`."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

from rag.errors import AskpapersError
from ui.desk import Desk
from ui.page_requests import BadRequest, read_asked, read_citations

_LOCK = threading.Lock()  # lines of two readers never mix
_LONGEST = 4_000


def keep(desk: Desk, payload: Any) -> None:
    """Adds one line. A comment that follows its thumb is a further line with the same `feedback_id`."""
    asked = read_asked(payload)
    rating = payload.get("rating")
    if rating not in ("up", "down"):
        raise BadRequest("A thumb is up or down.")
    papers = desk.library.get_many(sorted({one.paper_id for one in read_citations(payload.get("citations"))}))
    record = {
        "feedback_id": str(payload.get("feedback_id") or "")[:60],
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "rating": rating,
        "comment": str(payload.get("comment") or "")[:_LONGEST],
        "question": asked.question,
        "history": [{"role": turn.role, "text": turn.text} for turn in asked.history],
        "filters": asked.filters.to_dict(),
        "answer": str(payload.get("text") or "")[: 5 * _LONGEST],
        "abstained": bool(payload.get("abstained")),
        "model": desk.model_name,
        "cited": {paper_id: paper.title for paper_id, paper in papers.items()},
    }
    try:
        desk.feedback.parent.mkdir(parents=True, exist_ok=True)
        with _LOCK, desk.feedback.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    except OSError as error:
        raise AskpapersError(f"Your comment could not be kept in {desk.feedback.name}: {error.strerror}.") from error
