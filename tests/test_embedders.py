"""Embedders beyond the built-in one: over the network, from LlamaIndex, and the memory that keeps their vectors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import Field

from ingest import add_papers
from rag.embedding.cache import VectorCache
from rag.embedding.cost import Expense
from rag.embedding.openai import OpenAIEmbedder
from rag.embedding.tokens import OPENAI_EMBEDDINGS, Counter, EmbeddingFacts, pack
from rag.embeddings import (
    as_embedder,
    embed_papers,
    embed_question,
    expense_ahead,
    expense_so_far,
    load_embedder,
    passage_text,
)
from rag.errors import EmbeddingError
from rag.library import Library
from rag.minilm import MiniLM
from rag.schema import Paper, Passage
from rag.settings import Settings
from tests.conftest import paper
from tests.embedding_server import EmbeddingServer, Fault, vector_of

ROOT = Path(__file__).parent.parent


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as made:
        yield made


def settings(tmp_path: Path, **fields: Any) -> Settings:
    return Settings(library=tmp_path / "l", sample_library=tmp_path / "s", cache=tmp_path / "cache", **fields)


def like(server: EmbeddingServer, tmp_path: Path) -> OpenAIEmbedder:
    """An `openai-like` embedder as the command line loads it."""
    spec = f"openai-like/tiny@{server.url}"
    made = load_embedder(spec, cache=tmp_path / "cache", settings=settings(tmp_path))
    assert isinstance(made, OpenAIEmbedder)
    return made


def scripted(
    server: EmbeddingServer,
    tmp_path: Path,
    *,
    slept: list[float] | None = None,
    facts: EmbeddingFacts | None = None,
    **fields: Any,
) -> OpenAIEmbedder:
    """An embedder whose waiting is written down; with facts, as one of OpenAI's own models."""
    waits = slept if slept is not None else []
    values: dict[str, Any] = {
        "spec": "openai/tiny", "model": "tiny", "url": server.url, "fingerprint": "openai-tiny", "key": "sk-test-1234567890",
        "key_variable": "OPENAI_API_KEY", "needs_key": True, "facts": facts,
        "kept": VectorCache(tmp_path / "cache", "openai-tiny"),
        "timeout_s": 5.0, "sleep": waits.append, "chance": lambda: 0.5,
    }  # fmt: skip
    return OpenAIEmbedder(**(values | fields))


def unit(text: str, dimension: int = 8) -> np.ndarray[Any, Any]:
    row = np.array(vector_of(text, dimension), np.float32)
    return row / np.linalg.norm(row)


TINY = EmbeddingFacts(dimension=8, input_tokens=8_191, usd=0.02)
TEXTS = ["one passage", "another passage", "a third one"]


# Names


def test_minilm_is_the_default_and_what_it_was() -> None:
    made = load_embedder("minilm", cache=Settings.from_env().cache)
    assert isinstance(made, MiniLM)
    assert (made.spec, made.dimension, made.fingerprint) == ("minilm", 384, MiniLM.fingerprint)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("maxilm", "use minilm, openai/"),
        ("openai/", "unknown embedding"),
        ("openai-like/m", "openai-like/MODEL@http://host/v1"),
        ("openai-like/@http://h/v1", "openai-like/MODEL@http://host/v1"),
        ("openai-like/m@ftp://h/v1", "http:// or https://"),
        ("openai-like/m@http://me:pw@h/v1", "ASKPAPERS_EMBEDDING_KEY"),
        ("llamaindex/MockEmbedding/x", "as_embedder"),
    ],
)
def test_a_name_that_cannot_be_loaded_says_which_can(tmp_path: Path, spec: str, why: str) -> None:
    with pytest.raises(EmbeddingError, match=why) as caught:
        load_embedder(spec, cache=tmp_path, settings=settings(tmp_path))
    assert "pw" not in str(caught.value)


def test_loading_imports_and_asks_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from rag.embeddings import load_embedder;"
        "made = load_embedder('openai/text-embedding-3-small', cache=pathlib.Path(sys.argv[1]));"
        "assert made.dimension == 1536 and made.fits('short');"
        "print([name for name in ('openai', 'llama_index', 'tiktoken', 'numpy', 'httpx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip() == "[]"


def test_openais_own_models_are_known(tmp_path: Path) -> None:
    for model, dimension in (("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072)):
        made = load_embedder(f"openai/{model}", cache=tmp_path, settings=settings(tmp_path, openai_api_key="sk-x"))
        assert (made.dimension, made.fingerprint, made.spec) == (dimension, f"openai-{model}", f"openai/{model}")


def test_without_a_key_the_first_use_says_which_is_missing(tmp_path: Path) -> None:
    made = load_embedder("openai/text-embedding-3-small", cache=tmp_path, settings=settings(tmp_path))
    with pytest.raises(EmbeddingError, match="needs a key in OPENAI_API_KEY"):
        made.embed_texts(["x"])


# Over the network


def test_vectors_are_of_length_one_and_in_the_order_of_the_texts(server: EmbeddingServer, tmp_path: Path) -> None:
    vectors = like(server, tmp_path).embed_texts([*TEXTS, TEXTS[0]])
    assert vectors.shape == (4, 8) and vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [unit(text) for text in [*TEXTS, TEXTS[0]]], atol=1e-6)
    assert server.texts[1:] == TEXTS  # after the probe; the repeated text is sent once


def test_vectors_in_base64_are_the_same(server: EmbeddingServer, tmp_path: Path) -> None:
    plain = scripted(server, tmp_path / "a").embed_texts(TEXTS)
    packed = scripted(server, tmp_path / "b", base64_vectors=True).embed_texts(TEXTS)
    np.testing.assert_array_equal(plain, packed)
    assert [request["encoding_format"] for request in server.requests] == ["float"] * 2 + ["base64"] * 2


def test_the_length_of_vectors_is_asked_for_once(server: EmbeddingServer, tmp_path: Path) -> None:
    assert like(server, tmp_path).dimension == 8
    server.close()
    assert like(server, tmp_path).dimension == 8


def test_no_text_is_sent_twice(server: EmbeddingServer, tmp_path: Path) -> None:
    first = like(server, tmp_path).embed_texts(TEXTS)
    n = len(server.texts)
    again = like(server, tmp_path).embed_texts([TEXTS[2], "something new", TEXTS[0]])
    assert server.texts[n:] == ["something new"]
    np.testing.assert_array_equal(again[[0, 2]], first[[2, 0]])


def test_many_texts_go_in_several_requests(server: EmbeddingServer, tmp_path: Path) -> None:
    texts = [f"text number {i}" for i in range(300)]
    vectors = scripted(server, tmp_path, facts=TINY).embed_texts(texts)
    assert sorted(len(request["input"]) for request in server.requests) == [75, 75, 75, 75]
    np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)


def test_a_text_that_is_too_long_is_cut_and_an_empty_one_is_not_sent_empty(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    made = scripted(server, tmp_path, facts=EmbeddingFacts(dimension=8, input_tokens=5, usd=0.02))
    made.embed_texts(["one two three four five six seven eight", ""])
    assert server.texts == ["one two three four five", " "]


def _changed(**fields: Any) -> Fault:
    """A reply in which every vector has these fields."""
    return Fault(change=lambda reply: reply | {"data": [one | fields for one in reply["data"]]})


def _data(change: Any) -> Fault:
    return Fault(change=lambda reply: reply | {"data": change(reply["data"])})


ENDLESS = b'{"data": [{"index": 0, "embedding": [1e999, 0, 0, 0, 0, 0, 0, 0]}]}'


@pytest.mark.parametrize(
    ("fault", "why", "n_requests"),
    [
        (Fault(status=401, error={"message": "Incorrect API key: sk-test-1234567890"}), "refused the key", 1),
        (Fault(status=404, error={"message": "The model tiny does not exist"}), "does not have this model", 1),
        (Fault(status=429), "too many requests", 6),
        (Fault(status=429, error={"message": "Your quota is used", "code": "insufficient_quota"}), "quota", 1),
        (Fault(status=429, headers={"retry-after": "600"}), "wait 600 seconds", 1),
        (Fault(status=500), "has trouble", 6),
        (Fault(cut=True), "connection ended", 6),
        (Fault(body=b"<html>hello</html>"), "cannot be read", 1),
        (Fault(body=b'{"object": "list"}'), "no list of vectors", 1),
        (Fault(body=b"[]"), "no list of vectors", 1),
        (_data(lambda rows: rows[1:]), "2 vectors came for 3 texts", 1),
        (_data(lambda rows: [*rows, rows[0]]), "4 vectors came for 3 texts", 1),
        (_data(lambda rows: [rows[0]] * 3), "not numbered as the texts", 1),
        (_data(lambda rows: [rows[0] | {"embedding": [0.5]}, *rows[1:]]), "vectors of 1 and 8 numbers", 1),
        (_changed(embedding=[0.5] * 9), "vectors of 9 numbers came; 8 were expected", 1),
        (_changed(embedding=[0.0] * 8), "is zero", 1),
        (_changed(embedding=["a"] * 8), "list of numbers", 1),
        (_changed(embedding="?!"), "list of numbers", 1),
        (_changed(index=True), "not numbered", 1),
    ],
)
def test_a_failure_is_one_sentence_without_the_key(
    server: EmbeddingServer, tmp_path: Path, fault: Fault, why: str, n_requests: int
) -> None:
    server.always = fault
    with pytest.raises(EmbeddingError, match=why) as caught:
        scripted(server, tmp_path, facts=TINY).embed_texts(TEXTS)
    assert len(server.requests) == n_requests
    assert str(caught.value).startswith("openai/tiny: ") and "\n" not in str(caught.value)
    assert "sk-test" not in f"{caught.value} {caught.value.__cause__!r}"


def test_infinite_numbers_are_no_vector(server: EmbeddingServer, tmp_path: Path) -> None:
    server.always = Fault(body=ENDLESS)
    with pytest.raises(EmbeddingError, match="infinite numbers"):
        scripted(server, tmp_path, facts=TINY).embed_texts(["one"])


def test_passing_trouble_is_waited_out_as_long_as_the_server_asks(server: EmbeddingServer, tmp_path: Path) -> None:
    slept: list[float] = []
    server.enqueue(Fault(status=429, headers={"retry-after": "20"}), Fault(status=500), Fault(cut=True), None)
    vectors = scripted(server, tmp_path, slept=slept, facts=TINY).embed_texts(TEXTS)
    assert vectors.shape == (3, 8) and slept == [21.0, 2.0, 4.0]


def test_a_reply_that_drips_for_ever_is_left(server: EmbeddingServer, tmp_path: Path) -> None:
    server.always = Fault(drip=True)
    slept: list[float] = []
    with pytest.raises(EmbeddingError, match=r"no whole reply within 0.2 seconds"):
        scripted(server, tmp_path, facts=TINY, timeout_s=0.2, slept=slept).embed_texts(TEXTS)
    assert len(server.requests) == 6 and len(slept) == 5


def test_a_server_that_is_not_there_is_named_soon(server: EmbeddingServer, tmp_path: Path) -> None:
    server.close()
    slept: list[float] = []
    with pytest.raises(EmbeddingError, match=r"no connection to http://127.0.0.1:\d+/v1"):
        scripted(server, tmp_path, facts=TINY, slept=slept).embed_texts(TEXTS)
    assert len(slept) == 1


def test_what_was_paid_for_before_a_failure_is_kept(server: EmbeddingServer, tmp_path: Path) -> None:
    texts = [f"text number {i}" for i in range(128)]
    server.enqueue(None, None, Fault(status=400), None)
    with pytest.raises(EmbeddingError, match="refused the request"):
        scripted(server, tmp_path, facts=TINY).embed_texts(texts)
    kept = VectorCache(tmp_path / "cache", "openai-tiny")
    n_kept = len(kept)
    assert n_kept in (64, 96)  # the requests that were under way or done; one may have been called off
    server.requests.clear()
    vectors = scripted(server, tmp_path, facts=TINY).embed_texts(texts)
    assert len(server.texts) == 128 - n_kept
    np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)


def test_a_model_that_changed_behind_its_name_is_told(server: EmbeddingServer, tmp_path: Path) -> None:
    like(server, tmp_path).embed_texts(TEXTS)
    server.dimension = 16
    with pytest.raises(EmbeddingError, match=r"vectors of 16 numbers came; 8 were expected.*delete .*sqlite3"):
        like(server, tmp_path).embed_texts(["new text"])


def test_the_openai_key_never_goes_to_another_address(
    server: EmbeddingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "sk-mine-1234567890")
    own = settings(tmp_path, openai_api_key="sk-mine-1234567890", llm_key="llm-key-12345")
    load_embedder(f"openai-like/tiny@{server.url}", cache=tmp_path, settings=own).embed_texts(TEXTS)
    assert all("mine" not in str(headers) and "llm-key" not in str(headers) for headers in server.headers)


def test_another_address_has_a_key_of_its_own(server: EmbeddingServer, tmp_path: Path) -> None:
    @dataclass(frozen=True, kw_only=True)
    class WithKey(Settings):
        embedding_key: str | None = None

    server.api_key = "own-key-1234567890"
    places = {"library": tmp_path, "sample_library": tmp_path, "cache": tmp_path}
    for key in ("own-key-1234567890", "another-key-123456"):
        own = WithKey(**places, embedding_key=key)
        made = load_embedder(f"openai-like/tiny@{server.url}", cache=tmp_path / key, settings=own)
        if key == server.api_key:
            assert made.embed_texts(TEXTS).shape == (3, 8)
            continue
        with pytest.raises(EmbeddingError, match=r"refused the key.*check ASKPAPERS_EMBEDDING_KEY") as caught:
            made.embed_texts(TEXTS)
        assert key not in str(caught.value)


def test_a_key_is_sent_where_it_belongs_and_written_nowhere(server: EmbeddingServer, tmp_path: Path) -> None:
    server.api_key = "sk-mine-1234567890"
    own = settings(tmp_path, openai_api_key="sk-mine-1234567890", openai_base_url=server.url)
    made = load_embedder("openai/tiny", cache=tmp_path / "cache", settings=own)
    library = Library.create(tmp_path / "library", embedder=made)
    add_papers(library, [paper("A paper")])
    library.close()
    assert "sk-mine" not in repr(made) + repr(vars(made)["_target"]).replace("secrets=('sk-mine-1234567890',)", "")
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"sk-mine" not in written and b"openai/tiny" in written


# Tokens and money


def test_requests_are_packed_by_texts_and_by_tokens() -> None:
    assert pack([], n_at_once=4) == []
    assert pack([10] * 5_000, n_at_once=1) == [range(0, 2_048), range(2_048, 4_096), range(4_096, 5_000)]
    assert pack([8_191] * 40, n_at_once=1) == [range(0, 36), range(36, 40)]  # 36 × 8,191 = 294,876
    assert pack([10] * 40, n_at_once=4) == [range(0, 32), range(32, 40)]  # fewer than 32 are not worth a request
    assert pack([400_000, 1], n_at_once=1) == [range(0, 1), range(1, 2)]


def test_tokens_are_counted_as_openai_counts_them_or_estimated_high() -> None:
    text = "Adaptive tokenization of 12,345 abstracts"
    assert Counter(exact=True).count("hello world") == 2
    assert Counter(exact=False).count(text) >= Counter(exact=True).count(text)
    for counter in (Counter(exact=True), Counter(exact=False)):
        cut = counter.cut(text * 50, 20)
        assert (text * 50).startswith(cut) and counter.count(cut) <= 20 < counter.count(text * 50)
        assert counter.fits(cut, 20) and not counter.fits(text * 50, 20)


def test_the_cost_is_told_before_and_after(server: EmbeddingServer, tmp_path: Path) -> None:
    facts = EmbeddingFacts(dimension=8, input_tokens=8_191, usd=1_000.0)
    made = scripted(server, tmp_path, facts=facts)
    known, new = paper("Known", "hello world."), paper("New", "hello world.")
    cut = [(one, (Passage(paper_id=one.paper_id, index=0, start=0, end=12),)) for one in (known, new)]
    made.embed_texts([passage_text(*_first(cut[0]))])
    before = made.spent
    ahead = expense_ahead(made, cut)
    # "New. hello world." is 5 tokens of cl100k_base at a thousandth of a dollar each.
    assert ahead == Expense(n_texts=1, n_kept=1, n_tokens=5, cost_usd=0.005)
    embed_papers(made, cut)
    # The server counts words, and what it says is what was paid: 3.
    assert expense_so_far(made) == before + Expense(n_texts=1, n_tokens=3, cost_usd=0.003)
    assert ahead.sentence() == "1 passage, 5 tokens, $0.0050 (1 passage embedded before)"


def _first(cut: tuple[Paper, Sequence[Passage]]) -> tuple[Paper, Passage]:
    return cut[0], cut[1][0]


def test_a_price_that_is_not_known_is_not_made_up(server: EmbeddingServer, tmp_path: Path) -> None:
    made = like(server, tmp_path)
    assert made.ahead(TEXTS).cost_usd is None and "price not known" in made.ahead(TEXTS).sentence()
    assert expense_ahead(load_embedder("minilm", cache=tmp_path), []) is None
    assert OPENAI_EMBEDDINGS["text-embedding-3-large"].usd == 0.13


# The memory


def test_vectors_are_kept_bit_by_bit_for_other_processes(tmp_path: Path) -> None:
    rows = np.random.default_rng(7).standard_normal((3, 5)).astype(np.float32)
    VectorCache(tmp_path, "one").put(TEXTS, rows)
    found = VectorCache(tmp_path, "one").get([TEXTS[2], "unknown", TEXTS[0], TEXTS[2]], 5)
    assert sorted(found) == [0, 2, 3]
    for place, row in ((0, 2), (2, 0), (3, 2)):
        np.testing.assert_array_equal(found[place], rows[row])
    assert VectorCache(tmp_path, "another").get(TEXTS, 5) == {}
    assert VectorCache(tmp_path, "one").get(TEXTS, 6) == {}


def test_what_is_no_database_any_more_is_begun_anew(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, "one")
    cache.put(["a"], np.ones((1, 2), np.float32))
    cache.file.write_bytes(b"not a database at all, " * 400)
    assert cache.get(["a"], 2) == {} and cache.dimension() is None and len(cache) == 0
    cache.put(["a"], np.ones((1, 2), np.float32))
    assert len(cache) == 1


def test_a_place_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "embeddings").write_text("a file where a folder should be", encoding="utf-8")
    cache = VectorCache(tmp_path, "one")
    cache.put(["a"], np.ones((1, 2), np.float32))
    assert cache.get(["a"], 2) == {}


def test_the_oldest_vectors_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, "one", most_bytes=200_000)
    for part in range(30):
        cache.put([f"{part} {i}" for i in range(10)], np.full((10, 256), part, np.float32))
    size = cache.file.stat().st_size
    assert size < 400_000
    assert cache.get(["0 0"], 256) == {} and len(cache.get(["29 9"], 256)) == 1


def test_several_processes_may_write_at_once(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, numpy as np; from rag.embedding.cache import VectorCache;"
        "cache = VectorCache(pathlib.Path(sys.argv[1]), 'one');"
        "[cache.put([f'{part} {i}' for i in range(5)], np.full((5, 3), part, np.float32)) for part in range(30)]"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT) for _ in range(2)]
    assert [one.wait(60) for one in running] == [0, 0]
    found = VectorCache(tmp_path, "one").get([f"{part} {i}" for part in range(30) for i in range(5)], 3)
    assert [float(found[i][0]) for i in range(150)] == [float(part) for part in range(30) for _ in range(5)]


def test_a_process_that_is_killed_at_writing_leaves_whole_vectors(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, itertools, numpy as np; from rag.embedding.cache import VectorCache;"
        "cache = VectorCache(pathlib.Path(sys.argv[1]), 'one');"
        "[(cache.put([f'{n} {i}' for i in range(50)], np.full((50, 64), n, np.float32)), print(n, flush=True))"
        " for n in itertools.count()]"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.strip() == "7":
                running.kill()
                break
    cache = VectorCache(tmp_path, "one")
    found = cache.get([f"{n} {i}" for n in range(8) for i in range(50)], 64)
    assert len(found) == 400 and all((row == place // 50).all() for place, row in found.items())
    assert len(cache) % 50 == 0


def test_several_threads_may_share_one(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path, "one")

    def work(name: int) -> None:
        cache.put([f"{name} {i}" for i in range(20)], np.full((20, 3), name, np.float32))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 120


def test_minilm_embeds_no_passage_twice_in_any_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real = MiniLM.embed_texts

    def counted(self: MiniLM, texts: Sequence[str]) -> Any:
        done.extend(texts)
        return real(self, texts)

    monkeypatch.setattr(MiniLM, "embed_texts", counted)
    papers = [paper(f"Sponge clocks {i}", f"Sponge clocks tick {i} times. Nobody knows why.") for i in range(3)]
    first = Library.create(tmp_path / "first")
    add_papers(first, papers)
    assert len(done) == 3
    first.remove([papers[0].paper_id])
    add_papers(first, papers)
    second = Library.create(tmp_path / "second")
    add_papers(second, papers)
    assert len(done) == 3
    found = [[(hit.paper.paper_id, hit.dense) for hit in one.search("sponge clocks", k=3)] for one in (first, second)]
    scores = [dict(one) for one in found]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)  # Chroma rounds in an order of its own


# LlamaIndex


class Letters(BaseEmbedding):
    """Counts letters; questions are embedded in another way than texts."""

    asked: list[str] = Field(default_factory=list)
    wrong: str = ""
    api_key: str = "li-secret-12345"

    def _get_text_embedding(self, text: str) -> list[float]:
        self.asked.append(text)
        if self.wrong == "raises":
            raise RuntimeError(f"could not, with key {self.api_key}")
        row = [float(text.lower().count(letter) + 1) for letter in "abcdefgh"]
        return {"": row, "long": [*row, 1.0], "zero": [0.0] * 8, "words": ["a"] * 8}[self.wrong]  # type: ignore[return-value]

    def _get_query_embedding(self, query: str) -> list[float]:
        self.asked.append(f"question: {query}")
        return [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def test_a_llamaindex_embedding_is_an_embedder(tmp_path: Path) -> None:
    inner = Letters(model_name="letters-1", asked=[])
    made = load_embedder(inner, cache=tmp_path)
    assert made.spec == "llamaindex/Letters/letters-1" and made.fingerprint.startswith("llamaindex/Letters/letters-1-")
    vectors = made.embed_texts(["abc", "hhh"])
    expected = np.array([[2, 2, 2, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 4]], np.float32)
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
    assert embed_question(made, "abc").tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    n = len(inner.asked)
    again = as_embedder(Letters(model_name="letters-1", asked=inner.asked), cache=tmp_path)
    again.embed_texts(["hhh", "abc"])
    embed_question(again, "abc")
    assert len(inner.asked) == n and as_embedder(again) is again


def test_another_setting_is_another_fingerprint(tmp_path: Path) -> None:
    class Told(Letters):
        query_instruction: str = ""

    one, other = (
        as_embedder(Told(model_name="m", query_instruction=said), cache=tmp_path) for said in ("", "question: ")
    )
    assert one.spec == other.spec and one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("raises", "could not, with key …"),
        ("long", "9 numbers came; 8 were expected"),
        ("zero", "is zero"),
        ("words", "ValidationError|list of numbers"),
    ],
)
def test_a_llamaindex_embedding_that_fails_is_one_sentence(tmp_path: Path, wrong: str, why: str) -> None:
    inner = Letters(model_name="letters-1", asked=[])
    made = as_embedder(inner, cache=tmp_path)
    assert made.dimension == 8
    inner.wrong = wrong
    with pytest.raises(EmbeddingError, match=why) as caught:
        made.embed_texts(["new"])
    assert "secret" not in f"{caught.value} {caught.value.__cause__!r}"


def test_what_embeds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="a list turns no texts into vectors"):
        load_embedder([], cache=tmp_path)  # type: ignore[arg-type]


# In a library


PAPERS = [
    paper("Tidal pools as memory", "Tidal pools keep shapes for 9 days. They forget 4 percent a day."),
    paper("Kites that count", "A kite counts gusts. It is right in 97 of 100 gusts."),
    paper("Slow lamps", "Slow lamps save 31 percent of the oil."),
]


def test_a_library_over_the_network_is_searched_and_asked(server: EmbeddingServer, tmp_path: Path) -> None:
    from rag.engine import Engine

    library = Library.create(tmp_path / "library", embedder=like(server, tmp_path))
    assert add_papers(library, PAPERS).new == 3
    assert library.status().embedding == f"openai-like/tiny@{server.url}"
    assert library.search("slow lamps", k=1)[0].paper.title == "Slow lamps"
    answer = Engine(library).ask("How much oil do slow lamps save?")
    assert "31 percent" in answer.text
    library.remove([PAPERS[0].paper_id])
    n = len(server.texts)
    add_papers(library, PAPERS)
    add_papers(Library.create(tmp_path / "other", embedder=like(server, tmp_path)), PAPERS)
    assert len(server.texts) == n and library.verify() == []


def test_a_library_made_with_a_llamaindex_object_wants_it_again(tmp_path: Path) -> None:
    made = as_embedder(Letters(model_name="letters-1", asked=[]), cache=tmp_path / "cache")
    add_papers(Library.create(tmp_path / "library", embedder=made), PAPERS)
    with pytest.raises(EmbeddingError, match=r"make the Letters again.*Library.open\(folder, embedder=.*as_embedder"):
        Library.open(tmp_path / "library")
    again = as_embedder(Letters(model_name="letters-1", asked=[]), cache=tmp_path / "cache")
    assert Library.open(tmp_path / "library", embedder=again).search("kites", k=1)[0].paper.title == "Kites that count"


def test_a_rebuild_that_fails_half_way_changes_nothing_and_goes_on_where_it_stopped(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    library = Library.create(tmp_path / "library")
    papers = [paper(f"Paper {i}", f"Result number {i} holds. It is small.") for i in range(100)]
    add_papers(library, papers)
    made = like(server, tmp_path)
    assert made.dimension == 8
    server.enqueue(None, None, Fault(status=400))  # the first batch of 64 goes in two requests
    with pytest.raises(EmbeddingError):
        library.rebuild(embedder=made)
    library.close()
    library = Library.open(tmp_path / "library")
    assert library.status().embedding == "minilm" and library.verify() == []
    server.requests.clear()
    library.rebuild(embedder=like(server, tmp_path))
    assert 0 < len(server.texts) <= 36
    assert library.status().embedding.startswith("openai-like/tiny") and library.verify() == []


def test_the_command_line_embeds_a_library_again(server: EmbeddingServer, tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    add_papers(library, PAPERS)
    library.close()
    spec = f"openai-like/tiny@{server.url}"

    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "library",
        "rebuild",
        "--embedding",
        spec,
        "--library",
        str(library.path),
    ]
    environ = {**os.environ, "OPENAI_API_KEY": "sk-mine-1234567890"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    rebuilt = Library.open(tmp_path / "library")
    assert rebuilt.status().embedding == spec and rebuilt.verify() == []
    assert rebuilt.search("slow lamps", k=1)[0].paper.title == "Slow lamps"
    rebuilt.close()
    server.close()
    with pytest.raises(EmbeddingError, match="no connection to"):
        Library.open(tmp_path / "library").search("something never asked")


def test_the_command_line_embeds_a_new_library_so_and_says_what_it_costs(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    spec = f"openai-like/tiny@{server.url}"
    source = tmp_path / "papers.jsonl"
    source.write_text("".join(json.dumps({"title": p.title, "abstract": p.abstract}) + "\n" for p in PAPERS))

    def ingest(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ui.cli", "ingest", str(source), "--library", str(tmp_path / "library"), *more]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    done = ingest("--embedding", spec)
    assert done.returncode == 0, done.stderr
    n = Library.open(tmp_path / "library").status().n_passages
    ahead = re.search(
        r"embedding about (\d) passages?, .* price not known \((\d) passage embedded before\)", done.stderr
    )
    assert ahead is not None and int(ahead[1]) + int(ahead[2]) == n  # the first one shows whether it can be done at all
    assert re.search(r"Embedding took \d passages, \d+ tokens, price not known\.", done.stdout)
    again = ingest()  # a library remembers how it is embedded
    assert again.returncode == 0 and "embedding about" not in again.stderr
    other = ingest("--embedding", "minilm")
    assert other.returncode == 1 and "was built with" in other.stderr and "Traceback" not in other.stderr
