"""`askpapers chat`: the page, its API and its MCP server, until Ctrl+C."""

from __future__ import annotations

import errno
import importlib.util
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.errors import AskpapersError

if TYPE_CHECKING:
    from rag.library import Library
    from rag.settings import Settings
    from ui.desk import Desk

DEFAULT_PORT = 7860
_EXTRA = (
    'The chat page needs the extra "chat": run `uv run --extra chat askpapers chat`, or `pip install "askpapers[chat]"`'
)
_NEEDED = ("gradio", "mcp", "sklearn")


def chat(
    host: Annotated[str, typer.Option("--host", metavar="H", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, metavar="P", help="Port.")] = DEFAULT_PORT,
    auth: Annotated[
        str | None, typer.Option("--auth", metavar="USER:PASSWORD", help="Who may come in; needed beyond this machine.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let anybody in who reaches --host: no password, no encryption.")
    ] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nobody adds papers from the page.")] = False,
    upload_limit: Annotated[
        int, typer.Option("--upload-limit", min=1, max=4_096, metavar="MB", help="Largest file that may be added.")
    ] = 200,
    feedback: Annotated[
        Path | None,
        typer.Option("--feedback", metavar="FILE", help="Where thumbs and comments go (default: user data)."),
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            "--llm",
            metavar="SPEC",
            help="Language model: openai/MODEL, openai-like/MODEL@http://host/v1, or none to quote.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Correct or leave out sentences that the papers do not say.")
    ] = False,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", min=0.0, metavar="USD", help="Ask the model no more once it has cost this much."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            max=64,
            metavar="N",
            help="Processes that answer when several people ask at once, about 200 MB each (default: one a core; 0: none).",
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            "--library", metavar="DIR", help="Folder of the library (default: $ASKPAPERS_LIBRARY, else user data)."
        ),
    ] = None,
) -> None:
    """Open the chat page, with an HTTP API and an MCP server, on this machine."""
    from ui.guard import is_loopback
    from ui.shelf import settings

    user = _user(auth)
    if not is_loopback(host) and user is None and not insecure:
        raise typer.BadParameter(
            f"{host} can be reached from other machines: set a password with --auth USER:PASSWORD, or say --insecure",
            param_hint="--host",
        )
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise AskpapersError(f"{_EXTRA} ({', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed).")
    _check_port(host, port)
    if feedback is not None:
        _check_feedback(feedback.expanduser())
    found = settings(library)
    desk = open_desk(
        found,
        llm=llm,
        strict=strict,
        max_cost_usd=max_cost,
        read_only=read_only,
        upload_limit_bytes=upload_limit * 2**20,
        feedback=feedback,
        n_workers=workers,
    )
    _check_whole(desk.own)
    if problem := _model_problem(desk, found):
        print(f"askpapers: {problem}", file=sys.stderr)
    from ui.chat import serve

    blocks = serve(desk, host=host, port=port, auth=user)
    shown = f"[{host}]" if ":" in host else host
    print(f"askpapers is open at http://{shown}:{port} (Ctrl+C closes it)", flush=True)
    if not is_loopback(host):
        print("Anybody who reaches this address can read the connection: put TLS in front of it.", file=sys.stderr)
    signal.signal(signal.SIGTERM, _stopped)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("askpapers: closing", file=sys.stderr)
    finally:
        blocks.uploads.close()  # type: ignore[attr-defined]
        blocks.close(verbose=False)
        desk.close()
    # Threads may still be loading what the first question needs; they are not waited for.
    sys.stderr.flush()
    os._exit(0)


def open_desk(
    found: Settings,
    *,
    llm: str | None = None,
    strict: bool = False,
    max_cost_usd: float | None = None,
    read_only: bool = False,
    upload_limit_bytes: int,
    feedback: Path | None = None,
    n_workers: int | None = None,
) -> Desk:
    """The desk of a library; an empty library is made where there is none."""
    from rag import manifest
    from rag.library import Library
    from ui.desk import Desk
    from ui.llm import named_model, reply_folder
    from ui.shelf import open_sample

    make = manifest.is_free(found.library)
    return Desk(
        own=Library.create(found.library) if make else Library.open(found.library),
        feedback=(feedback or found.sample_library.with_name("feedback.jsonl")).expanduser(),
        open_sample=lambda: open_sample(found),
        model=named_model(llm, found),
        strict=strict,
        max_cost_usd=max_cost_usd,
        cache=reply_folder(found),
        read_only=read_only,
        upload_limit_bytes=upload_limit_bytes,
        n_workers=n_workers,
    )


def _stopped(*_: object) -> None:
    """A process that is told to end closes as with Ctrl+C: uploads are deleted, the processes that answer end."""
    raise KeyboardInterrupt


def _check_feedback(file: Path) -> None:
    """Fails early where no comment could be kept; a file that was not there is not left behind."""
    existed = file.exists()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8"):
            pass
        if not existed:
            file.unlink()
    except OSError as error:
        raise AskpapersError(
            f"Comments cannot be kept in {file}: {error.strerror or error}; name another file"
        ) from error


def _check_whole(library: Library) -> None:
    """Fails early where the files of a library cannot be what they were; they are looked at, not opened, which takes longer."""
    from rag import manifest
    from rag.errors import LibraryError
    from ui.service import WAY_OUT

    folder = library.path / manifest.read(library.path).vectors
    try:
        with (folder / "chroma.sqlite3").open("rb") as file:
            whole = file.read(16) == b"SQLite format 3\0"
    except OSError:
        whole = False
    if whole:
        return
    try:
        library.coverage()
        problem = "its database is empty or missing"
    except LibraryError as error:
        problem = str(error).rstrip(".")
    raise AskpapersError(f"The library at {library.path} is broken ({problem}). {WAY_OUT}")


def _model_problem(desk: Desk, found: Settings) -> str:
    """What keeps the model from answering, as far as is known without asking it; "" where nothing does."""
    name = desk.model_name or ""
    if name.startswith("openai/") and not found.openai_api_key and not found.openai_base_url:
        return f"{name} needs a key in OPENAI_API_KEY; until that is set and the page started again, papers are quoted"
    return ""


def _user(auth: str | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    user, colon, password = auth.partition(":")
    if not (user and colon and password):
        raise typer.BadParameter("write it as USER:PASSWORD", param_hint="--auth")
    return user, password


def _check_port(host: str, port: int) -> None:
    """Fails early, and in words, where the page could not listen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AskpapersError(
                f"Port {port} of {host} is taken by another program; choose another one with --port"
            ) from error
        raise AskpapersError(f"The page cannot listen on {host}:{port}: {error.strerror or error}") from error
