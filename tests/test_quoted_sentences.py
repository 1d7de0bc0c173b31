"""Which sentences are quoted, and whose come first."""

from __future__ import annotations

import pytest

from ingest import add_papers
from rag import Engine, Library
from tests.conftest import paper

SHELF = (
    paper(
        "Teapot: A Lean Optimizer for Kettles",
        "Optimizers for kettles keep two copies of their state in memory. Teapot cuts the memory of the optimizer a lot. "
        "Our code is available at https://example.org/teapot.",
    ),
    paper(
        "Saucer: Optimizer States on a Diet",
        "Optimizer states fill the memory of kettles. Saucer cuts the memory of the optimizer by 61%. We release the code.",
    ),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    library = Library.create(tmp_path_factory.mktemp("quoted") / "library")
    add_papers(library, SHELF)
    return Engine(library)


def test_where_the_code_is_answers_only_who_asks_for_it(engine: Engine) -> None:
    answer = engine.ask("Which papers cut the memory of the optimizer?")
    assert answer.citations and not any("code" in citation.quote for citation in answer.citations)
    asked = engine.ask("Is the code of Teapot available?")
    assert any("https://example.org/teapot" in citation.quote for citation in asked.citations)


def test_by_how_much_is_answered_first_by_who_says_so(engine: Engine) -> None:
    answer = engine.ask("Which papers cut the memory of the optimizer, and by how much?")
    assert answer.citations[0].title.startswith("Saucer")
    assert {citation.title.partition(":")[0] for citation in answer.citations} == {"Saucer", "Teapot"}
