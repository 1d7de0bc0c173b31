"""The page's own HTML, style and script, read from `ui/page/`. Pure but for reading these files."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

from ui.limits import UPLOAD_KINDS

_FOLDER = Path(__file__).parent / "page"
# In the order in which they stand on each other.
_SCRIPTS = (
    "desk_base.js",
    "desk_kept.js",
    "desk_turns.js",
    "desk_acts.js",
    "desk_parts.js",
    "desk_basket.js",
    "desk_pop.js",
    "desk_focus.js",
    "desk_adding.js",
    "desk.js",
)


def shell_html(*, read_only: bool, upload_limit_bytes: int) -> str:
    """The desk, before anything is on it."""
    html = (_FOLDER / "desk.html").read_text("utf-8")
    known = {
        "read_only": str(read_only).lower(),
        "limit": f"{upload_limit_bytes / 2**20:.0f} MB",
        "kinds": ",".join(UPLOAD_KINDS),
    }
    for name, value in known.items():
        html = html.replace(f"{{{name}}}", escape(value))
    return html


def head_html() -> str:
    """Style and script for the head of the page; nothing in it comes from outside."""
    style = (_FOLDER / "desk.css").read_text("utf-8")
    script = "\n".join((_FOLDER / name).read_text("utf-8") for name in _SCRIPTS)
    assert "</script" not in script and "</style" not in style
    icon = quote((_FOLDER / "icon.svg").read_text("utf-8").strip())
    return f'<link rel="icon" href="data:image/svg+xml,{icon}"><style>{style}</style><script>{script}</script>'
