"""Running chat pages and readers' browsers for the tests of the page: `askpapers chat` as a user starts it, Debian's Chromium.

Test modules import the fixtures `scripted`, `servers`, `browser` and `visit`; each module has pages and libraries of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest import add_papers
from rag.library import Library
from tests.conftest import paper
from tests.model_server import ModelServer, Reply

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
ROOT = Path(__file__).parent.parent
# Whatever of these became an element or a handler would set window.hit.
HOSTILE = (
    "Zorbly <img src=x onerror=\"window.hit='img'\"> </script><script>window.hit='script'</script> "
    "[x](javascript:window.hit='md')"
)


def hostile() -> list[Any]:
    return [
        paper(
            HOSTILE,
            f"Zorbly dough doubles the yield to 77 percent. {HOSTILE} `<b>` $<img src=x onerror=window.hit=1>$",
            organisation=HOSTILE,
            url="javascript:window.hit='url'",
            code_url="javascript:window.hit='code'",
            seen_on=(f"{HOSTILE}.txt",),
        ),
        paper("Zorbly prices", r"Zorbly costs \$5 or $10 a day. Its cost is $O(n^2)$ for $k$ loaves of zorbly."),
    ]


@dataclass(frozen=True)
class Server:
    """A running `askpapers chat`."""

    url: str
    home: Path


@dataclass
class Starter:
    """Starts pages, and ends those that it started."""

    root: Path
    started: list[subprocess.Popen[str]]

    def start(self, name: str, library: Path, *options: str) -> Callable[[], Server]:
        """Starts one; the function that is given back waits until it is open."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        home = self.root / name
        home.mkdir()
        command = [sys.executable, "-m", "ui.cli", "chat", "--port", str(port), "--library", str(library), *options]
        environment = os.environ | {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "GRADIO_TEMP_DIR": str(home),
        }
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.started.append(process)

        def opened() -> Server:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if found := re.search(r"open at (http://\S+)", line):
                    return Server(url=found[1], home=home)
            raise AssertionError("".join(said))

        return opened


@pytest.fixture(scope="module")
def scripted() -> list[ModelServer]:
    """The model behind the page that writes, once it is there."""
    return []


@pytest.fixture(scope="module")
def servers(
    sample: Library, tmp_path_factory: pytest.TempPathFactory, scripted: list[ModelServer]
) -> Iterator[dict[str, Server]]:
    """Three pages: one that quotes, with hostile papers; one with a scripted model, read only; one with nothing on its shelf."""
    root = tmp_path_factory.mktemp("pages")
    sample.close()
    for name in ("quoting", "written"):
        shutil.copytree(sample.path, root / f"library-{name}")
        own = Library.open(root / f"library-{name}")
        add_papers(own, hostile())
        own.close()
    starter = Starter(root, [])
    with ModelServer(default=_reply) as model:
        scripted.append(model)
        spec = f"openai-like/scripted@{model.url}"
        waiting = {
            "quoting": starter.start("quoting", root / "library-quoting"),
            "written": starter.start("written", root / "library-written", "--llm", spec, "--read-only"),
            "empty": starter.start("empty", root / "library-empty"),
        }
        try:
            yield {name: opened() for name, opened in waiting.items()}
        finally:
            for process in starter.started:
                process.terminate()
            for process in starter.started:
                process.wait(timeout=20)
                if process.stdout is not None:
                    process.stdout.close()


def _reply(request: Any) -> Reply:
    if "broken" in request.user:
        return Reply(status=401, error="Incorrect API key provided")
    if "slowly" in request.user:
        return Reply(text="Zorbly dough doubles the yield to 77 percent [1]. And more.", hang_after=9)
    return Reply(
        text=f"Zorbly dough doubles the yield to 77 percent [1]. It cures 93 percent of colds [1]. So {HOSTILE} [9]."
    )


@pytest.fixture(scope="module")
def browser(servers: dict[str, Server]) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """One reader's browser, with what went wrong in it and what it asked of others."""

    page: Any
    errors: list[str]
    outside: list[str]

    def ask(self, question: str) -> Any:
        """Asks, waits for the end, and gives the turn."""
        n = self.page.evaluate("Number(document.querySelector('#turns').dataset.done || 0)")
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")
        self.page.wait_for_function(f"document.querySelector('#turns').dataset.done == {n + 1}")
        return self.page.locator(".turn").last

    def tab(self) -> Visit:
        """Another tab of the same browser."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        page.wait_for_function("window.askpapers && window.askpapers.desk.shelf")
        return Visit(page, self.errors, self.outside)

    def turns(self, n: int) -> Any:
        """The turns, when there are so many of them."""
        self.page.wait_for_function(f"document.querySelectorAll('.turn').length == {n}")
        return self.page.locator(".turn")

    def wait_for_end(self, act: Callable[[], None]) -> Any:
        """Does something that asks, waits for the end of the answer, and gives the turn."""
        n = self.page.evaluate("Number(document.querySelector('#turns').dataset.done || 0)")
        act()
        self.page.wait_for_function(f"document.querySelector('#turns').dataset.done == {n + 1}")
        return self.page.locator(".turn").last

    def panel(self) -> str:
        self.page.wait_for_selector("#panel .source", state="attached")
        return str(self.page.text_content("#panel"))


@pytest.fixture
def visit(browser: Any, servers: dict[str, Server]) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def make(server: str = "quoting", script: str = "", **options: Any) -> Visit:
        """`script` runs in each page before its own do."""
        context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(script)
        page = context.new_page()
        made = Visit(page, [], [])
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        page.on("dialog", lambda dialog: made.errors.append(dialog.message))
        url = servers[server].url
        inside = (url, "data:", "blob:")

        def hear(request: Any) -> None:
            if not request.url.startswith(inside):
                made.outside.append(request.url)

        page.on("request", hear)
        page.goto(url)
        page.wait_for_function("window.askpapers && window.askpapers.desk.shelf")
        return made

    yield make
    for context in contexts:
        context.close()
