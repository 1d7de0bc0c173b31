"""The library inside stock LlamaIndex parts: evaluator, router, agent tool, streaming responses, metadata filters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from llama_index.core.base.response.schema import AsyncStreamingResponse, StreamingResponse
from llama_index.core.bridge.pydantic import Field
from llama_index.core.evaluation import RetrieverEvaluator
from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.query_engine import CustomQueryEngine, RetrieverQueryEngine, RouterQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.selectors import LLMSingleSelector
from llama_index.core.tools import QueryEngineTool
from llama_index.core.vector_stores import FilterCondition, FilterOperator, MetadataFilter, MetadataFilters

from rag import Engine, Filters, Library
from rag.errors import FilterError
from rag.llamaindex import PaperQueryEngine, PaperRetriever, as_filters
from tests.model_server import ModelServer
from tests.test_generation import QUESTION, TRUE, model_of


class Scripted(CustomLLM):
    """A LlamaIndex model that says what it is told to, in turn."""

    replies: list[str]
    heard: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted", context_window=100_000)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        self.heard.append(prompt)
        return CompletionResponse(text=self.replies.pop(0))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        self.heard.append(prompt)
        text = self.replies.pop(0)

        def gen() -> CompletionResponseGen:
            said = ""
            for word in text.split(" "):
                delta = f"{' ' if said else ''}{word}"
                said += delta
                yield CompletionResponse(text=said, delta=delta)

        return gen()


class Weather(CustomQueryEngine):
    def custom_query(self, query_str: str) -> str:
        return "It rains."


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def gradnormlorp(library: Library) -> str:
    return next(paper.paper_id for paper in library.papers() if "Gradient Weight-normalized" in paper.title)


def test_a_retriever_gives_papers_with_their_metadata_and_true_cosines(sample: Library) -> None:
    nodes = PaperRetriever(sample, k=5).retrieve("optimizer memory of GradNormLoRP")
    assert len(nodes) == 5 and nodes[0].node.node_id == gradnormlorp(sample)
    found = sample.get(nodes[0].node.node_id)
    assert found is not None and nodes[0].node.get_content() == found.abstract
    assert nodes[0].metadata["title"] == found.title and nodes[0].metadata["published"] == "2024-12-27"
    hits = sample.search("optimizer memory of GradNormLoRP", k=5)
    assert [node.score for node in nodes] == [hit.dense for hit in hits]
    assert all(node.score is not None and -1 <= node.score <= 1 for node in nodes)


def test_metadata_filters_restrict_what_is_retrieved(sample: Library) -> None:
    filters = MetadataFilters(
        filters=[
            MetadataFilter(key="published", value="2024-01-01", operator=">="),
            MetadataFilters(filters=[MetadataFilter(key="published", value=20250101, operator="<")]),
        ]
    )
    nodes = PaperRetriever(sample, k=60, filters=filters).retrieve("memory")
    assert nodes and {node.metadata["published"][:4] for node in nodes} == {"2024"}
    assert as_filters(filters) == Filters(since=date(2024, 1, 1), until=date(2024, 12, 31))


def test_filters_that_a_library_does_not_know_are_refused() -> None:
    one = MetadataFilter(key="published", value="2024-01-01", operator=">=")
    two = MetadataFilter(key="n_authors", value=3, operator=">")
    assert as_filters(MetadataFilters(filters=[two])) == Filters(min_authors=4)
    with pytest.raises(FilterError, match="joined by 'or'"):
        as_filters(MetadataFilters(filters=[one, two], condition=FilterCondition.OR))
    with pytest.raises(FilterError, match="the filter venue =="):
        as_filters(MetadataFilters(filters=[MetadataFilter(key="venue", value="ICML")]))
    with pytest.raises(FilterError, match="not a date"):
        as_filters(MetadataFilters(filters=[MetadataFilter(key="published", value="soon", operator="<")]))


def test_stock_evaluator_measures_the_retriever(sample: Library) -> None:
    evaluator = RetrieverEvaluator.from_metric_names(["mrr", "hit_rate"], retriever=PaperRetriever(sample, k=5))
    result = asyncio.run(evaluator.aevaluate(QUESTION, expected_ids=[gradnormlorp(sample)]))
    assert result.metric_vals_dict == {"mrr": 1.0, "hit_rate": 1.0}


def test_stock_synthesizer_writes_from_the_retriever(sample: Library) -> None:
    llm = Scripted(replies=["89.5%"])
    stock = RetrieverQueryEngine(PaperRetriever(sample, k=2), get_response_synthesizer(llm=llm))
    response = stock.query(QUESTION)
    assert str(response) == "89.5%" and "shrinks by up to 89.5%" in llm.heard[0]
    assert "n_comments" not in llm.heard[0] and "title: Gradient Weight-normalized" in llm.heard[0]


def test_a_router_sends_questions_to_the_papers(sample: Library) -> None:
    papers = QueryEngineTool.from_defaults(PaperQueryEngine(Engine(sample)), name="papers", description="Papers on ML.")
    weather = QueryEngineTool.from_defaults(Weather(), name="weather", description="The weather.")
    llm = Scripted(replies=['[{"choice": 1, "reason": "about papers"}]', '[{"choice": 2, "reason": "rain"}]'])
    router = RouterQueryEngine(
        selector=LLMSingleSelector.from_defaults(llm=llm), query_engine_tools=[papers, weather], llm=llm
    )
    response = router.query(QUESTION)
    assert "89.5%" in str(response) and response.metadata is not None
    for n, node in enumerate(response.source_nodes, 1):
        found = sample.get(node.metadata["paper_id"])
        assert found is not None and node.metadata["marker"] == n and f"[{n}]" in str(response)
        assert found.abstract[node.metadata["quote_start"] : node.metadata["quote_end"]] == node.node.get_content()
        assert node.score is not None and 0 < node.score <= 1
    assert str(router.query("Does it rain?")) == "It rains."


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, in LlamaIndex's agents
def test_the_query_engine_is_an_agents_tool(sample: Library) -> None:
    from llama_index.core.agent.workflow import ReActAgent

    tool = QueryEngineTool.from_defaults(PaperQueryEngine(Engine(sample)), name="papers", description="Papers on ML.")
    assert "89.5%" in tool.call(QUESTION).content
    llm = Scripted(
        replies=[
            f'Thought: I ask the papers.\nAction: papers\nAction Input: {{"input": "{QUESTION}"}}',
            "Thought: I can answer.\nAnswer: By up to 89.5%.",
        ]
    )
    agent = ReActAgent(tools=[tool], llm=llm)

    async def run() -> str:
        return str(await agent.run("How much memory does GradNormLoRP save?"))

    assert asyncio.run(run()) == "By up to 89.5%."
    assert "Observation" in llm.heard[1] and "89.5%" in llm.heard[1]


def test_a_streaming_response_streams_and_ends_with_its_sources(sample: Library, server: ModelServer) -> None:
    engine = PaperQueryEngine(Engine(sample, model=model_of(server)), streaming=True)
    server.enqueue(f"{TRUE} It is new [1].")
    response = engine.query(QUESTION)
    assert isinstance(response, StreamingResponse) and response.source_nodes == []
    assert list(response.response_gen) == [TRUE, " It is new [2]."]
    assert [node.metadata["marker"] for node in response.source_nodes] == [1, 2]
    assert response.metadata is not None and response.metadata["mode"] == "generation"


def test_the_async_response_streams_too(sample: Library, server: ModelServer) -> None:
    engine = PaperQueryEngine(Engine(sample, model=model_of(server)), streaming=True)
    server.enqueue(TRUE)

    async def run() -> tuple[list[str], int]:
        response = await engine.aquery(QUESTION)
        assert isinstance(response, AsyncStreamingResponse)
        return [text async for text in response.response_gen], len(response.source_nodes)

    assert asyncio.run(run()) == ([TRUE], 1)
    plain = asyncio.run(PaperQueryEngine(Engine(sample)).aquery("How do I bake sourdough bread?"))
    assert plain.source_nodes == [] and plain.metadata is not None and plain.metadata["abstained"]


def test_a_streaming_answer_without_a_model_comes_whole(sample: Library) -> None:
    response = PaperQueryEngine(Engine(sample), streaming=True).query(QUESTION)
    assert isinstance(response, StreamingResponse)
    (text,) = response.response_gen
    assert "89.5%" in text and response.source_nodes


def test_a_llamaindex_model_writes_our_answers(sample: Library) -> None:
    llm = Scripted(replies=[TRUE])
    answer = Engine(sample, model=llm).ask(QUESTION)
    assert answer.text == TRUE and answer.mode == "generation" and answer.model and "Scripted" in answer.model


def test_a_list_of_ids_or_organisations_keeps_those_and_an_empty_one_none(sample: Library) -> None:
    def nodes(key: str, values: list[str]) -> list[str]:
        one = MetadataFilter(key=key, value=values, operator=FilterOperator.IN)
        retriever = PaperRetriever(sample, filters=MetadataFilters(filters=[one]))
        return [node.node.metadata["paper_id"] for node in retriever.retrieve("memory")]

    ids = [paper.paper_id for paper in sample.papers()][:2]
    assert sorted(nodes("paper_id", ids)) == sorted(ids) and nodes("paper_id", []) == []
    organisations = sorted({paper.organisation for paper in sample.papers() if paper.organisation})[:2]
    found = {sample.get(one).organisation for one in nodes("organisation", organisations)}  # type: ignore[union-attr]
    assert found == set(organisations) and nodes("organisation", []) == []
    with pytest.raises(ValueError, match="k is 0"):
        PaperRetriever(sample, k=0)
