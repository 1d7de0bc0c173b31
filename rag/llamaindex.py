"""A library inside any LlamaIndex program: a retriever for its indexes and evaluators, a query engine for its routers and agents.

    retriever = PaperRetriever(library, k=5)
    query_engine = PaperQueryEngine(Engine(library, model="openai/…"), streaming=True)
    tool = QueryEngineTool.from_defaults(query_engine, name="papers", description="…")

Scores of nodes are cosines of question and text, in [-1, 1]: they mean the same from one question to the next, and a cut-off
on them makes sense; the order is that of the hybrid search. Importing this file imports llama_index.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.callbacks.base import CallbackManager
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.core.vector_stores.types import FilterCondition, FilterOperator, MetadataFilter, MetadataFilters

from rag.errors import FilterError
from rag.events import DoneEvent, Event, SentenceEvent
from rag.persons import name_key
from rag.schema import Answer, Filters, Paper

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.library import Library

_SHOWN_TO_MODELS = ("title", "published")
# No paper has an id without a character.
_NOTHING = Filters(paper_ids=("",))
_RANGES = {
    "n_authors": ("min_authors", "max_authors"),
    "n_comments": ("min_comments", "max_comments"),
    "n_upvotes": ("min_upvotes", "max_upvotes"),
}


class PaperRetriever(BaseRetriever):
    """The papers of a library, best first: a node a paper, its id the paper's, its text the abstract."""

    def __init__(
        self,
        library: Library,
        *,
        k: int = 10,
        filters: MetadataFilters | Filters | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """`k` is the number of nodes. Raises FilterError for filters that a library does not know (`as_filters`), ValueError
        for a `k` below 1.
        """
        if k < 1:
            raise ValueError(f"k is {k}; it must be at least 1")
        self._library = library
        self._k = k
        self._filters = as_filters(filters)
        super().__init__(callback_manager=callback_manager)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._library.search(query_bundle.query_str, k=self._k, filters=self._filters)
        return [
            NodeWithScore(
                node=_node(hit.paper, passage_start=hit.passage.start, passage_end=hit.passage.end), score=hit.dense
            )
            for hit in hits
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class PaperQueryEngine(BaseQueryEngine):
    """Answers of an engine. `source_nodes[n - 1]` is what the marker [n] points at, its text the words quoted; the
    response's `metadata` is the whole answer, as `Answer.to_dict` gives it.

    With `streaming`, `query` gives a StreamingResponse whose sources and metadata are there when its text has ended.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        streaming: bool = False,
        filters: MetadataFilters | Filters | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        self._engine = engine
        self._streaming = streaming
        self._filters = as_filters(filters)
        super().__init__(callback_manager=callback_manager)

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return PaperRetriever(self._engine.library, filters=self._filters).retrieve(query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        question = query_bundle.query_str
        if not self._streaming:
            answer = self._engine.ask(question, filters=self._filters)
            return Response(answer.text, source_nodes=self._sources(answer), metadata=answer.to_dict())
        nodes: list[NodeWithScore] = []
        metadata: dict[str, Any] = {}

        def texts() -> Iterator[str]:
            shown = False
            for event in self._engine.stream(question, filters=self._filters):
                if text := self._text(event, shown, nodes, metadata):
                    shown = True
                    yield text

        return StreamingResponse(response_gen=texts(), source_nodes=nodes, metadata=metadata)  # type: ignore[arg-type]

    async def _aquery(self, query_bundle: QueryBundle) -> Response | AsyncStreamingResponse:
        question = query_bundle.query_str
        if not self._streaming:
            answer = await self._engine.aask(question, filters=self._filters)
            nodes = await asyncio.to_thread(self._sources, answer)
            return Response(answer.text, source_nodes=nodes, metadata=answer.to_dict())
        streamed: list[NodeWithScore] = []
        metadata: dict[str, Any] = {}

        async def texts() -> AsyncIterator[str]:
            shown = False
            async for event in self._engine.astream(question, filters=self._filters):
                if text := self._text(event, shown, streamed, metadata):
                    shown = True
                    yield text

        return AsyncStreamingResponse(response_gen=texts(), source_nodes=streamed, metadata=metadata)  # type: ignore[arg-type]

    def _text(self, event: Event, shown: bool, nodes: list[NodeWithScore], metadata: dict[str, Any]) -> str:
        """What an event adds to the text; the last one fills in the sources and the metadata."""
        if isinstance(event, SentenceEvent):
            return event.text
        if not isinstance(event, DoneEvent):
            return ""
        nodes.extend(self._sources(event.answer))
        metadata.update(event.answer.to_dict())
        return "" if shown else event.answer.text

    def _sources(self, answer: Answer) -> list[NodeWithScore]:
        """A node a citation, in the order of the markers."""
        if not answer.citations:
            return []
        library = self._engine.library
        papers = library.get_many([citation.paper_id for citation in answer.citations])
        texts = [f"{citation.title}. {citation.quote}" for citation in answer.citations]
        vectors = library.embedder.embed_texts([answer.question, *texts])
        return [
            NodeWithScore(
                node=_node(
                    papers[citation.paper_id],
                    text=citation.quote or None,
                    marker=citation.marker,
                    quote_start=citation.start,
                    quote_end=citation.end,
                ),
                score=float(vectors[0] @ vector),
            )
            for citation, vector in zip(answer.citations, vectors[1:], strict=True)
            if citation.paper_id in papers
        ]


def as_filters(filters: MetadataFilters | Filters | None) -> Filters:
    """LlamaIndex's filters as a library's.

    Keys: `published` (a date as "2024-05-24" or 20240524), `n_authors`, `n_comments`,
    `n_upvotes`, with ==, >, >=, <, <=; `organisation`
    and `paper_id` with == and in (in an empty list there is no paper). All must hold: "or" and "not" raise FilterError,
    and so does any other key.
    """
    if filters is None or isinstance(filters, Filters):
        return filters or Filters()
    if filters.condition not in (None, FilterCondition.AND) and len(filters.filters) > 1:
        raise FilterError(f"filters joined by {filters.condition.value!r} are not known here; join them by 'and'")
    if filters.condition == FilterCondition.NOT:
        raise FilterError("filters that are negated are not known here; say what must hold")
    found = Filters()
    for one in filters.filters:
        found = _narrowed(found, as_filters(one)) if isinstance(one, MetadataFilters) else _with(found, one)
    return found


def _with(filters: Filters, one: MetadataFilter) -> Filters:
    key, value, operator = one.key, one.value, one.operator
    if key == "published":
        day = _day(value)
        step = timedelta(days=1)
        low = {">=": day, "==": day, ">": day + step}.get(operator.value)
        high = {"<=": day, "==": day, "<": day - step}.get(operator.value)
        if low or high:
            return _narrowed(filters, Filters(since=low, until=high))
    elif key in _RANGES and isinstance(value, int | float) and float(value).is_integer():
        number = int(value)
        least = {">=": number, "==": number, ">": number + 1}.get(operator.value)
        most = {"<=": number, "==": number, "<": number - 1}.get(operator.value)
        if least is not None or most is not None:
            low_name, high_name = _RANGES[key]
            return _narrowed(filters, Filters(**{low_name: least, high_name: most}))  # type: ignore[arg-type]
    elif key == "organisation" and operator == FilterOperator.EQ and isinstance(value, str):
        return _narrowed(filters, Filters(organisation=value))
    elif key == "organisation" and operator == FilterOperator.IN and isinstance(value, list):
        names = tuple(str(one) for one in value)
        return _narrowed(filters, Filters(organisations=names) if names else _NOTHING)
    elif key == "author" and operator == FilterOperator.EQ and isinstance(value, str):
        return _narrowed(filters, Filters(author=value))
    elif key == "paper_id" and operator in (FilterOperator.EQ, FilterOperator.IN):
        ids = tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
        return _narrowed(filters, Filters(paper_ids=ids) if ids else _NOTHING)
    raise FilterError(
        f"the filter {key} {operator.value} {value!r} is not known here; use published, n_authors, n_comments, "
        "n_upvotes (==, >, >=, <, <=), organisation or paper_id (==, in), author (==)"
    )


def _narrowed(first: Filters, second: Filters) -> Filters:
    """Both at once."""
    if first.organisation and second.organisation and first.organisation.casefold() != second.organisation.casefold():
        raise FilterError(f"no paper is from both {first.organisation!r} and {second.organisation!r}")
    names = second.organisations or first.organisations
    if first.organisations and second.organisations:
        names = tuple(one for one in first.organisations if one in second.organisations)
        if not names:
            raise FilterError("no paper is from two organisations")
    if first.author and second.author and name_key(first.author) != name_key(second.author):
        raise FilterError(f"papers by both {first.author!r} and {second.author!r} cannot be asked for at once")
    ids = second.paper_ids
    if first.paper_ids and second.paper_ids:
        ids = tuple(one for one in first.paper_ids if one in second.paper_ids)
        if not ids:
            raise FilterError("no paper has both of the ids asked for")
    return replace(
        first,
        since=_most(first.since, second.since),
        until=_least(first.until, second.until),
        organisation=second.organisation or first.organisation,
        organisations=names,
        author=second.author or first.author,
        source=second.source or first.source,
        min_authors=_most(first.min_authors, second.min_authors),
        max_authors=_least(first.max_authors, second.max_authors),
        min_comments=_most(first.min_comments, second.min_comments),
        max_comments=_least(first.max_comments, second.max_comments),
        min_upvotes=_most(first.min_upvotes, second.min_upvotes),
        max_upvotes=_least(first.max_upvotes, second.max_upvotes),
        paper_ids=ids or first.paper_ids,
    )


def _most(*values: Any) -> Any:
    return max((value for value in values if value is not None), default=None)


def _least(*values: Any) -> Any:
    return min((value for value in values if value is not None), default=None)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise FilterError(f"{value!r} is not a date; write 2024-05-24 or 20240524") from None


def _node(paper: Paper, *, text: str | None = None, **extra: Sequence[Any] | int) -> TextNode:
    fields = paper.to_dict()
    kept = ("paper_id", "title", "published", "organisation", "n_authors", "n_comments", "arxiv_id", "doi")
    metadata = {name: fields[name] for name in kept if fields[name] is not None}
    metadata |= {"url": paper.link} if paper.link else {}
    metadata |= extra
    hidden = [name for name in metadata if name not in _SHOWN_TO_MODELS]
    quoted = f":{extra['quote_start']}-{extra['quote_end']}" if text is not None else ""
    return TextNode(
        id_=f"{paper.paper_id}{quoted}",
        text=paper.abstract if text is None else text,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=[name for name in metadata if name != "title"],
    )
