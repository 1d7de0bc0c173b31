"""What every test stands on: no home directory, no network, and parts that are slow to make, made once."""

from __future__ import annotations

import gc
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library import Library
from rag.schema import Paper

_NOT_OURS = (
    "ASKPAPERS_LIBRARY",
    "ASKPAPERS_LLM",
    "ASKPAPERS_LLM_KEY",
    "ASKPAPERS_EMBEDDING_KEY",
    "ASKPAPERS_LLM_TIMEOUT",
    "ASKPAPERS_CONTEXT_TOKENS",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
)
SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home, a cache and a library folder that belong to this run of the tests alone."""
    root = tmp_path_factory.mktemp("home")
    places = {
        "HOME": root,
        "XDG_DATA_HOME": root / "data",
        "XDG_CACHE_HOME": root / "cache",
        "ASKPAPERS_CACHE": root / "cache" / "askpapers",
    }
    before = {name: os.environ.get(name) for name in [*places, *_NOT_OURS]}
    for name in before:
        os.environ.pop(name, None)
    os.environ.update({name: str(path) for name, path in places.items()})
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The bundled sample as a library; for reading only."""
    from ingest import ingest

    library = Library.create(tmp_path_factory.mktemp("sample") / "library")
    report = ingest(library, ["sample"])
    assert not report.rejected
    return library


@pytest.fixture
def sample_copy(sample: Library, tmp_path: Path) -> Library:
    """A copy of the sample library that a test may change."""
    sample.close()
    folder = tmp_path / "library"
    shutil.copytree(sample.path, folder)
    return Library.open(folder)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """An empty library."""
    return Library.create(tmp_path / "library")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of real saved pages; tests that need it are skipped where it does not exist."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("needs the saved pages in ../shared/seeds, which are not part of the project")
    return folder


def paper(title: str, abstract: str = "We study a thing. It works by 3 points.", **fields: object) -> Paper:
    """A paper for a test, with an id from its title."""
    from ingest.titles import title_id

    return Paper(paper_id=title_id(title), title=title, abstract=abstract, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def gradio_leftovers() -> Iterator[None]:
    """For modules that run Gradio or a browser's driver: the event loops and sockets that these leave open are collected
    before another test is blamed for them.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
