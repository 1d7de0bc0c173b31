"""Language models against a local server that behaves, and misbehaves in every way that providers do."""

from __future__ import annotations

import asyncio
import builtins
import json
import re
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.core.llms import MockLLM
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai_like import OpenAILike
from typer.testing import CliRunner

from rag.errors import ModelError, SettingsError
from rag.model import facts as model_facts
from rag.model.calls import PATIENCE_S, LlamaModel
from rag.model.errors import Target, ended, model_error
from rag.models import DEFAULT_OPENAI_MODEL, Chunk, Model, count_tokens, load_llm
from rag.schema import Usage
from rag.settings import Settings
from tests.model_server import ModelServer, Reply

KEY = "sk-test-0123456789abcdef"
SETTINGS = Settings.from_env({})
TARGET = Target(name="openai/x", url="https://api.openai.com/v1", key_variable="OPENAI_API_KEY", secrets=(KEY,))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


class Waits(list[float]):
    """A clock that only sleeping moves, and a record of the sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.append(seconds)
        self.now += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def clock(self) -> float:
        return self.now


def model_of(spec: Any, *, settings: Settings = SETTINGS, waits: Waits | None = None) -> LlamaModel:
    """A model whose patience costs no time."""
    loaded = load_llm(spec, settings=settings)
    assert isinstance(loaded, LlamaModel)
    waits = Waits() if waits is None else waits
    return LlamaModel(
        loaded.source,
        timeout_s=settings.llm_timeout_s,
        sleep=waits.sleep,
        asleep=waits.asleep,
        clock=waits.clock,
    )


def local(server: ModelServer, *, waits: Waits | None = None) -> LlamaModel:
    return model_of(f"openai-like/scripted@{server.url}", waits=waits)


def collect(model: Model, **options: Any) -> tuple[str, Chunk | None, ModelError | None]:
    """Text, last chunk and error of a call."""
    chunks: list[Chunk] = []
    try:
        for chunk in model.stream("Be brief.", "Why?", **{"max_tokens": 50, **options}):
            chunks.append(chunk)
    except ModelError as error:
        return "".join(chunk.text for chunk in chunks), None, error
    return "".join(chunk.text for chunk in chunks), chunks[-1], None


def collect_async(model: Model, **options: Any) -> tuple[str, Chunk | None, ModelError | None]:
    async def run() -> tuple[str, Chunk | None, ModelError | None]:
        chunks: list[Chunk] = []
        try:
            async for chunk in model.astream("Be brief.", "Why?", **{"max_tokens": 50, **options}):
                chunks.append(chunk)
        except ModelError as error:
            return "".join(chunk.text for chunk in chunks), None, error
        return "".join(chunk.text for chunk in chunks), chunks[-1], None

    return asyncio.run(run())


Collect = Callable[..., tuple[str, "Chunk | None", "ModelError | None"]]
both = pytest.mark.parametrize("ask", [collect, collect_async], ids=["sync", "async"])


# What a spec means


def test_none_is_no_model() -> None:
    assert load_llm("none", settings=SETTINGS) is None


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "gpt-6-luna",
        "openai/",
        "openai-like/qwen3",
        "openai-like/qwen3@localhost:11434/v1",
        "openai-like/@http://h/v1",
        "openai-like/q@ftp://h/v1",
        "openai-like/q@http:///v1",
        "openai-like/q@http://h:port/v1",
        "anthropic/x",
        7,
    ],
)
def test_a_spec_that_cannot_be_read_says_which_ones_can(spec: Any) -> None:
    with pytest.raises(ModelError, match="openai-like/MODEL@http://host/v1") as caught:
        load_llm(spec, settings=SETTINGS)
    assert caught.value.reason == "bad_spec"


def test_loading_a_model_imports_and_sends_nothing() -> None:
    import subprocess

    code = (
        "import sys; from rag.models import load_llm; from rag.settings import Settings;"
        "settings = Settings.from_env({});"
        "load_llm('openai/x', settings=settings), load_llm('openai-like/x@http://h/v1', settings=settings);"
        "print([n for n in ('openai', 'llama_index', 'httpx', 'tiktoken') if n in sys.modules])"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"


def test_names_and_reprs_hold_no_key_and_no_password() -> None:
    settings = Settings.from_env({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://u:hidden@127.0.0.1:1/v1"})
    like = load_llm("openai-like/a@b/c:7b@http://me:hidden@127.0.0.1:1/v1?token=hidden", settings=settings)
    mine = load_llm("openai/m", settings=settings)
    assert like is not None and like.name == "openai-like/a@b/c:7b@http://127.0.0.1:1/v1"
    assert mine is not None and mine.name == "openai/m"
    for text in [repr(settings), repr(like), repr(like.source), repr(mine), repr(mine.source)]:  # type: ignore[attr-defined]
        assert "hidden" not in text and KEY not in text


def test_a_user_and_password_of_an_address_are_sent_as_basic_authentication(server: ModelServer) -> None:
    server.enqueue("Yes.")
    text, _, error = collect(model_of(f"openai-like/m@{server.url.replace('//', '//me:pass@')}"))
    assert (text, error) == ("Yes.", None)
    assert server.history[0].headers["authorization"] == "Basic bWU6cGFzcw=="  # base64 of me:pass


def test_the_openai_key_goes_to_the_openai_address_only(server: ModelServer) -> None:
    settings = Settings.from_env({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "ASKPAPERS_LLM_KEY": "other"})
    server.enqueue("One.", "Two.")
    collect(model_of("openai/gpt-6-luna", settings=settings))
    collect(model_of(f"openai-like/m@{server.url}", settings=settings))
    assert [request.headers["authorization"] for request in server.history] == [f"Bearer {KEY}", "Bearer other"]


@pytest.mark.parametrize(
    ("environ", "llm"),
    [
        ({}, "none"),
        ({"OPENAI_API_KEY": KEY}, f"openai/{DEFAULT_OPENAI_MODEL}"),
        ({"OPENAI_API_KEY": KEY, "ASKPAPERS_LLM": "none"}, "none"),
        ({"ASKPAPERS_LLM": "openai-like/q@http://h/v1"}, "openai-like/q@http://h/v1"),
    ],
)
def test_the_environment_chooses_the_model(environ: dict[str, str], llm: str) -> None:
    assert Settings.from_env(environ).llm == llm


@pytest.mark.parametrize("value", ["many", "0", "-3", "nan", "1e12"])
def test_a_number_in_the_environment_that_is_none_is_an_error_with_its_name(value: str) -> None:
    with pytest.raises(SettingsError, match="ASKPAPERS_CONTEXT_TOKENS"):
        Settings.from_env({"ASKPAPERS_CONTEXT_TOKENS": value})


@pytest.mark.parametrize(
    ("spec", "environ", "tokens"),
    [
        ("openai/gpt-6-luna", {}, 1_050_000),
        ("openai/gpt-6-luna-2026-09-22", {}, 1_050_000),
        ("openai/gpt-99-new", {}, 128_000),
        ("openai-like/q@http://h:8000/v1", {}, 8_192),
        ("openai-like/q@http://h:11434/v1", {}, 4_096),
        ("openai/gpt-6-luna", {"OPENAI_BASE_URL": "http://h/v1"}, 8_192),
        ("openai-like/q@http://h:11434/v1", {"ASKPAPERS_CONTEXT_TOKENS": "32768"}, 32_768),
    ],
)
def test_how_much_fits(spec: str, environ: dict[str, str], tokens: int) -> None:
    model = load_llm(spec, settings=Settings.from_env(environ))
    assert model is not None and model.context_tokens == tokens


# A call that works


@both
def test_text_streams_as_it_comes_and_usage_closes_it(server: ModelServer, ask: Collect) -> None:
    server.enqueue(Reply(pieces=("GaLore [", "1", "] works."), usage=(120, 9)))
    text, last, error = ask(local(server))
    assert (text, error) == ("GaLore [1] works.", None)
    assert last == Chunk(usage=Usage(prompt_tokens=120, completion_tokens=9), finish="stop")
    request = server.history[0]
    assert (request.system, request.user, request.body["model"]) == ("Be brief.", "Why?", "scripted")
    assert request.body["max_tokens"] == 50 and request.body["temperature"] == 0
    assert request.body["stream_options"] == {"include_usage": True}


def test_pieces_arrive_before_the_reply_is_complete(server: ModelServer) -> None:
    server.enqueue(Reply(text="first second", hang_after=1))
    stream = local(server).stream("", "Why?", max_tokens=50)
    assert next(stream).text == "first"
    stream.close()  # type: ignore[attr-defined]


@both
def test_leaving_a_stream_early_ends_the_connection(server: ModelServer, ask: Collect) -> None:
    server.enqueue(Reply(text="first second", hang_after=1), "Next.")
    model = local(server)

    async def leave() -> None:
        stream = model.astream("", "Why?", max_tokens=50)
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]

    if ask is collect:
        stream = model.stream("", "Why?", max_tokens=50)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
    else:
        asyncio.run(leave())
    server.left.wait(5)
    assert server.left.is_set()
    assert ask(model)[0] == "Next."


@both
def test_missing_usage_figures_are_none(server: ModelServer, ask: Collect) -> None:
    server.enqueue(Reply(text="Fine.", usage=None))
    assert ask(local(server))[1] == Chunk(finish="stop")


@both
def test_a_reply_that_reached_the_limit_says_so(server: ModelServer, ask: Collect) -> None:
    server.enqueue(Reply(text="It goes on and", finish="length"))
    text, last, _ = ask(local(server))
    assert text == "It goes on and" and last is not None and last.finish == "length"


@both
def test_a_server_that_cannot_stream_answers_whole(server: ModelServer, ask: Collect) -> None:
    server.enqueue(Reply(text="All at once.", streams=False, usage=(5, 3)))
    text, last, error = ask(local(server))
    assert (text, error) == ("All at once.", None)
    assert last == Chunk(usage=Usage(prompt_tokens=5, completion_tokens=3), finish="stop")


@both
def test_an_end_without_done_or_finish_reason_is_only_accepted_with_the_other(
    server: ModelServer, ask: Collect
) -> None:
    server.enqueue(Reply(text="No reason.", finish=None), Reply(text="No done.", done=False))
    assert ask(local(server))[0] == "No reason."
    assert ask(local(server))[0] == "No done."


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (("<think>one\n", "two</think>", "\n\nYes."), "Yes."),
        (("\n\n", "<th", "ink>x</thi", "nk> Yes", " it is"), "Yes it is"),
        (("<thin", " line> is", " drawn"), "<thin line> is drawn"),
        (("  ", "\n", "Yes"), "Yes"),
        (("<",), "<"),
    ],
)
def test_thinking_and_white_space_in_front_of_the_text_are_left_out(
    server: ModelServer, pieces: tuple[str, ...], shown: str
) -> None:
    server.enqueue(Reply(pieces=pieces))
    assert collect(local(server))[0] == shown


def test_reasoning_beside_the_text_is_left_out(server: ModelServer) -> None:
    server.enqueue(Reply(text="Seven.", reasoning="let me count"))
    assert collect(local(server))[0] == "Seven."


@both
def test_a_model_survives_many_event_loops_and_calls(server: ModelServer, ask: Collect) -> None:
    server.default = "Again."
    model = local(server)
    assert [ask(model)[0] for _ in range(3)] == ["Again."] * 3


def test_async_calls_run_side_by_side(server: ModelServer) -> None:
    server.default = lambda request: f"echo {request.user}"
    model = local(server)

    async def one(text: str) -> str:
        return "".join([chunk.text async for chunk in model.astream("", text, max_tokens=9)])

    async def run() -> list[str]:
        return await asyncio.gather(*(one(str(i)) for i in range(5)))

    assert asyncio.run(run()) == [f"echo {i}" for i in range(5)]


# What servers do not take


@both
@pytest.mark.parametrize(
    ("fields", "n_requests"),
    [(("stream_options",), 2), (("temperature",), 2), (("max_tokens",), 2), (("stream_options", "temperature"), 3)],
)
def test_a_field_that_is_rejected_is_left_out_from_then_on(
    ask: Collect, fields: tuple[str, ...], n_requests: int
) -> None:
    with ModelServer(reject=fields, default="Works.") as server:
        waits = Waits()
        model = local(server, waits=waits)
        assert ask(model)[0] == "Works." and len(server.history) == n_requests
        assert ask(model)[0] == "Works." and len(server.history) == n_requests + 1
        assert waits == []
        if "stream_options" in fields:
            assert ask(model)[1] == Chunk(finish="stop")


def test_a_rejection_without_a_name_is_met_once_with_the_plainest_request(server: ModelServer) -> None:
    server.enqueue(Reply(status=422, error="Bad request"), "Fine.")
    assert collect(local(server))[0] == "Fine."
    assert "stream_options" not in server.history[1].body and "temperature" not in server.history[1].body


def test_where_the_plainest_request_is_refused_too_later_calls_are_as_before(server: ModelServer) -> None:
    server.enqueue(Reply(status=400, error="no"), Reply(status=400, error="no"), "Fine.")
    model = local(server)
    _, _, error = collect(model)
    assert error is not None and error.reason == "refused" and len(server.history) == 2
    assert collect(model)[0] == "Fine." and "stream_options" in server.history[2].body


def test_a_prompt_that_is_too_long_is_refused_at_once(server: ModelServer) -> None:
    server.enqueue(Reply(status=400, error="This model's maximum context length is 10 tokens"))
    _, _, error = collect(local(server))
    assert error is not None and error.reason == "refused" and "ASKPAPERS_CONTEXT_TOKENS" in str(error)
    assert len(server.history) == 1


def test_openai_models_that_think_get_room_and_no_temperature() -> None:
    settings = Settings.from_env({"OPENAI_API_KEY": KEY})
    luna = model_of("openai/gpt-6-luna", settings=settings).source.options(100, 60.0)
    assert luna["max_completion_tokens"] == 100 + 4096 and luna["reasoning_effort"] == "low"
    assert luna["temperature"] is openai.omit
    older = model_of("openai/gpt-4.1-mini", settings=settings).source.options(100, 60.0)
    assert older["max_completion_tokens"] == 100 and older["temperature"] == 0.0 and "reasoning_effort" not in older


def test_a_model_that_spent_its_tokens_on_thinking_gets_more_once(server: ModelServer) -> None:
    server.enqueue(Reply(finish="length"), "Now.")
    model = local(server)
    assert collect(model)[0] == "Now."
    assert [request.body["max_tokens"] for request in server.history] == [50, 50 + 4096]
    server.enqueue(Reply(finish="length"))
    _, _, error = collect(model)
    assert error is not None and error.reason == "empty_reply" and "thinking" in str(error)
    assert server.n_left == 0


# What goes wrong


@both
@pytest.mark.parametrize(
    ("reply", "reason", "said", "n_requests"),
    [
        (Reply(status=401, error="Incorrect API key"), "unauthorised", "ASKPAPERS_LLM_KEY", 1),
        (Reply(status=403, error="Not in your country"), "unauthorised", "Not in your country", 1),
        (Reply(status=404, error="The model 'x' does not exist"), "no_such_model", "does not have this model", 1),
        (Reply(status=404, error="Not Found"), "no_such_model", "end in /v1", 1),
        (Reply(status=429), "rate_limited", "429", 3),
        (Reply(status=429, code="insufficient_quota", error="No credit"), "rate_limited", "No credit", 1),
        (Reply(status=429, headers={"retry-after": "120"}), "rate_limited", "wait 120 seconds", 1),
        (Reply(status=500, error="Oops"), "server_error", "Oops", 3),
        (Reply(status=503, error="Overloaded"), "server_error", "Overloaded", 3),
        (Reply(), "empty_reply", "was empty", 2),
        (Reply(text="  \n "), "empty_reply", "was empty", 2),
        (Reply(body=b"", content_type="text/event-stream"), "empty_reply", "was empty", 2),
        (Reply(finish="content_filter"), "refused", "filter", 1),
        (Reply(body=b"<html>Log in</html>", content_type="text/html"), "bad_reply", "end in /v1", 1),
        (Reply(body=b"nonsense"), "bad_reply", "nonsense", 1),
        (Reply(body=b'{"answer": 42}'), "bad_reply", "answer", 1),
        (Reply(body=b"{oops"), "bad_reply", "oops", 1),
        (Reply(body=b"[1, 2]"), "bad_reply", "[1, 2]", 1),
        (Reply(text="x", body_after=0, body=b"data: {oops\n\n"), "bad_reply", "cannot be read", 1),
        (Reply(body=b'{"error": {"message": "Overloaded"}}'), "server_error", "Overloaded", 3),
        (Reply(text="x", cut_after=0), "cut_off", "before the first word", 2),
        (Reply(text="x", cut_after=0, cut="silent"), "cut_off", "before the first word", 2),
    ],
    ids=lambda value: f"{value.status}-{value.text or value.body!r}" if isinstance(value, Reply) else None,
)
def test_a_failure_before_the_first_word_is_one_error_with_a_reason(
    server: ModelServer, ask: Collect, reply: Reply, reason: str, said: str, n_requests: int
) -> None:
    server.default = reply
    text, _, error = ask(local(server))
    assert text == "" and error is not None
    assert error.reason == reason and said in str(error) and "\n" not in str(error)
    assert str(error).startswith("openai-like/scripted@http://127.0.0.1")
    assert len(server.history) == n_requests


@both
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(text="It needs 24 GB.", cut_after=2), "cut_off"),
        (Reply(text="It needs 24 GB.", cut_after=2, cut="silent"), "cut_off"),
        (Reply(text="It needs 24 GB.", body_after=2, body=b'data: {"error": {"message": "dead"}}\n\n'), "cut_off"),
        (Reply(text="It needs 24 GB.", body_after=2, body=b"data: {oops\n\n"), "bad_reply"),
    ],
)
def test_what_came_before_a_cut_is_kept_and_nothing_is_asked_again(
    server: ModelServer, ask: Collect, reply: Reply, reason: str
) -> None:
    server.enqueue(reply)
    text, _, error = ask(local(server))
    assert text == "It needs" and error is not None and error.reason == reason
    assert len(server.history) == 1


@both
@pytest.mark.parametrize(
    "reply", [Reply(text="a b", hang_after=0), Reply(text="a b", hang_after=1)], ids=["none", "one"]
)
@pytest.mark.parametrize("drip", [False, True], ids=["silent", "drip"])
def test_a_reply_that_takes_too_long_is_given_up(server: ModelServer, ask: Collect, reply: Reply, drip: bool) -> None:
    from dataclasses import replace

    server.enqueue(replace(reply, drip=drip))
    text, _, error = ask(local(server), timeout_s=0.3)
    assert text == ("a" if reply.hang_after else "")
    assert error is not None and error.reason == "timeout" and "0.3 seconds" in str(error)
    assert len(server.history) == 1


@both
def test_a_server_that_is_not_running_is_unreachable(ask: Collect) -> None:
    with ModelServer() as server:
        model = local(server)
    error = ask(model)[2]
    assert error is not None and error.reason == "unreachable" and "is it running" in str(error)


@both
def test_https_to_a_plain_port_names_the_mistake(server: ModelServer, ask: Collect) -> None:
    _, _, error = ask(model_of(f"openai-like/m@{server.url.replace('http:', 'https:')}"))
    assert error is not None and error.reason == "tls" and "http://" in str(error) and not error.retryable


def test_a_certificate_that_is_not_trusted_is_tls_trouble() -> None:
    import ssl

    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED")
    found = model_error(error, TARGET, timeout_s=60)
    assert found.reason == "tls" and "SSL_CERT_FILE" in str(found)


@both
def test_no_key_is_an_error_of_the_first_call_that_names_the_variable(ask: Collect) -> None:
    _, _, error = ask(model_of("openai/gpt-6-luna"))
    assert error is not None and error.reason == "no_key" and "OPENAI_API_KEY" in str(error)


@both
def test_a_missing_package_names_the_command_that_installs_it(ask: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_index.llms.openai_like", None)
    _, _, error = ask(model_of("openai-like/m@http://127.0.0.1:1/v1"))
    assert error is not None and error.reason == "missing_package"
    assert 'pip install "askpapers[models]"' in str(error)


@both
def test_a_wrong_key_is_in_no_error_even_when_the_server_repeats_it(ask: Collect) -> None:
    with ModelServer() as server:
        server.default = Reply(status=401, error=f"Incorrect API key provided: {KEY}. Also sk-proj-abc***xyz.")
        settings = Settings.from_env({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url})
        _, _, error = ask(model_of("openai/m", settings=settings))
    assert error is not None and error.reason == "unauthorised" and "OPENAI_API_KEY" in str(error)
    shown = "".join(traceback.format_exception(error))
    assert KEY not in shown and "sk-" not in str(error)


# Patience


@both
def test_trouble_that_passes_is_waited_out(server: ModelServer, ask: Collect) -> None:
    waits = Waits()
    server.enqueue(Reply(status=500), Reply(status=429, headers={"retry-after": "7"}), "At last.")
    assert ask(local(server, waits=waits))[0] == "At last."
    assert waits == [0.5, 7.0]


@both
def test_the_wait_that_a_provider_asks_for_is_kept_within_twenty_seconds(server: ModelServer, ask: Collect) -> None:
    waits = Waits()
    server.default = Reply(status=429, headers={"retry-after": "12"})
    _, _, error = ask(local(server, waits=waits))
    assert waits == [12.0] and sum(waits) <= PATIENCE_S
    assert error is not None and error.retryable and error.retry_after_s == 12.0


def test_no_wait_goes_beyond_the_time_for_the_whole_reply(server: ModelServer) -> None:
    waits = Waits()
    server.default = Reply(status=429, headers={"retry-after": "5"})
    assert collect(local(server, waits=waits), timeout_s=4)[2] is not None and waits == []


def test_a_date_as_retry_after_is_understood() -> None:
    response = httpx.Response(
        429, headers={"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, request=httpx.Request("POST", "http://h")
    )
    error = model_error(openai.RateLimitError("slow", response=response, body=None), TARGET, timeout_s=60)
    assert error.retry_after_s == 0.0


# LlamaIndex's own objects


class Scripted:
    """As little of a LlamaIndex LLM as is needed: cumulative messages without deltas, Anthropic's names for usage."""

    metadata = MockLLM().metadata
    model = "scripted"

    def stream_chat(self, messages: list[ChatMessage], **options: Any) -> Iterator[ChatResponse]:
        assert not options
        for text in ["It ", "It works."]:
            message = ChatMessage(role=MessageRole.ASSISTANT, content=text)
            yield ChatResponse(
                message=message, raw={"usage": {"input_tokens": 3, "output_tokens": 2}, "stop_reason": "end_turn"}
            )

    async def astream_chat(self, messages: list[ChatMessage], **options: Any) -> AsyncIterator[ChatResponse]:
        async def run() -> AsyncIterator[ChatResponse]:
            for reply in self.stream_chat(messages, **options):
                yield reply

        return run()


@both
def test_any_llamaindex_model_object_serves(ask: Collect) -> None:
    assert ask(model_of(MockLLM(max_tokens=3)))[:2] == ("text text text", Chunk())
    text, last, _ = ask(model_of(Scripted()))
    assert text == "It works."
    assert last == Chunk(usage=Usage(prompt_tokens=3, completion_tokens=2), finish="end_turn")
    assert model_of(Scripted()).name == "llama-index/Scripted/scripted"


@both
def test_an_object_that_cannot_stream_is_asked_for_the_whole(ask: Collect) -> None:
    class Whole(Scripted):
        def stream_chat(self, messages: list[ChatMessage], **options: Any) -> Iterator[ChatResponse]:
            raise NotImplementedError

        async def astream_chat(self, messages: list[ChatMessage], **options: Any) -> AsyncIterator[ChatResponse]:
            raise NotImplementedError

        def chat(self, messages: list[ChatMessage]) -> ChatResponse:
            return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content="Whole."))

        async def achat(self, messages: list[ChatMessage]) -> ChatResponse:
            return self.chat(messages)

    assert ask(model_of(Whole()))[0] == "Whole."


@both
def test_an_openai_like_object_of_the_caller_reports_usage_and_its_errors_are_mapped(
    server: ModelServer, ask: Collect
) -> None:
    limits = httpx.Limits(max_keepalive_connections=0)
    llm = OpenAILike(
        model="m",
        api_base=server.url,
        api_key=KEY,
        is_chat_model=True,
        max_retries=0,
        http_client=httpx.Client(limits=limits),
        async_http_client=httpx.AsyncClient(limits=limits),
    )
    model = model_of(llm)
    server.enqueue("Fine.", Reply(status=401, error=f"bad {KEY}"))
    text, last, _ = ask(model)
    assert text == "Fine." and last is not None and last.usage == Usage(prompt_tokens=11, completion_tokens=7)
    error = ask(model)[2]
    assert error is not None and error.reason == "unauthorised" and KEY not in str(error)


def test_llamaindexs_openai_with_a_name_it_does_not_know_says_what_to_use() -> None:
    _, _, error = collect(model_of(OpenAI(model="gpt-99-new", api_key=KEY)))
    assert error is not None and error.reason == "no_such_model" and "OpenAILike" in str(error)


def test_a_known_openai_object_has_its_price_and_length() -> None:
    model = model_of(OpenAI(model="gpt-6-luna", api_key=KEY))
    assert (model.name, model.context_tokens) == ("openai/gpt-6-luna", 1_050_000)
    assert model.cost(Usage(prompt_tokens=1_000_000 // 4)) == 0.025


def test_a_failing_plugin_is_a_model_error_and_a_model_of_ones_own_passes_through() -> None:
    class Broken(Scripted):
        def stream_chat(self, messages: list[ChatMessage], **options: Any) -> Iterator[ChatResponse]:
            raise KeyError("choices")

    class Busy(Exception):
        status_code = 503

    class Overloaded(Scripted):
        def stream_chat(self, messages: list[ChatMessage], **options: Any) -> Iterator[ChatResponse]:
            raise Busy("try later")

    broken = collect(model_of(Broken()))[2]
    assert broken is not None and broken.reason == "bad_reply" and "KeyError" in str(broken)
    busy = collect(model_of(Overloaded()))[2]
    assert busy is not None and busy.reason == "server_error" and busy.retryable
    mine = model_of(Scripted())
    assert load_llm(mine, settings=SETTINGS) is mine


# Every exception of the packages underneath

REQUEST = httpx.Request("POST", "http://127.0.0.1:1/v1/chat/completions")


def _status_error(kind: type[openai.APIStatusError], status: int) -> openai.APIStatusError:
    return kind("said", response=httpx.Response(status, request=REQUEST), body=None)


EXCEPTIONS: dict[str, tuple[Callable[[], BaseException], str]] = {
    "openai.OpenAIError": (lambda: openai.OpenAIError("Missing credentials: api_key"), "no_key"),
    "openai.APIError": (lambda: openai.APIError("said", REQUEST, body=None), "server_error"),
    "openai.APIStatusError": (lambda: _status_error(openai.APIStatusError, 418), "refused"),
    "openai.APIConnectionError": (lambda: openai.APIConnectionError(request=REQUEST), "unreachable"),
    "openai.APITimeoutError": (lambda: openai.APITimeoutError(REQUEST), "timeout"),
    "openai.APIResponseValidationError": (
        lambda: openai.APIResponseValidationError(httpx.Response(200, request=REQUEST), None),
        "bad_reply",
    ),
    "openai.BadRequestError": (lambda: _status_error(openai.BadRequestError, 400), "refused"),
    "openai.AuthenticationError": (lambda: _status_error(openai.AuthenticationError, 401), "unauthorised"),
    "openai.OAuthError": (
        lambda: openai.OAuthError(response=httpx.Response(401, request=REQUEST), body=None),
        "unauthorised",
    ),
    "openai.PermissionDeniedError": (lambda: _status_error(openai.PermissionDeniedError, 403), "unauthorised"),
    "openai.NotFoundError": (lambda: _status_error(openai.NotFoundError, 404), "no_such_model"),
    "openai.ConflictError": (lambda: _status_error(openai.ConflictError, 409), "server_error"),
    "openai.UnprocessableEntityError": (lambda: _status_error(openai.UnprocessableEntityError, 422), "refused"),
    "openai.RateLimitError": (lambda: _status_error(openai.RateLimitError, 429), "rate_limited"),
    "openai.InternalServerError": (lambda: _status_error(openai.InternalServerError, 500), "server_error"),
    "openai.LengthFinishReasonError": (
        lambda: openai.LengthFinishReasonError(completion=type("Completion", (), {"usage": None})()),
        "cut_off",
    ),
    "openai.ContentFilterFinishReasonError": (lambda: openai.ContentFilterFinishReasonError(), "refused"),
    "openai.InvalidWebhookSignatureError": (lambda: openai.InvalidWebhookSignatureError("said"), "bad_reply"),
    "httpx.HTTPError": (lambda: httpx.HTTPError("said"), "unreachable"),
    "httpx.HTTPStatusError": (
        lambda: httpx.HTTPStatusError("said", request=REQUEST, response=httpx.Response(502, request=REQUEST)),
        "server_error",
    ),
    "httpx.RequestError": (lambda: httpx.RequestError("said"), "unreachable"),
    "httpx.TransportError": (lambda: httpx.TransportError("said"), "unreachable"),
    "httpx.NetworkError": (lambda: httpx.NetworkError("said"), "unreachable"),
    "httpx.ConnectError": (lambda: httpx.ConnectError("said"), "unreachable"),
    "httpx.ReadError": (lambda: httpx.ReadError("said"), "cut_off"),
    "httpx.WriteError": (lambda: httpx.WriteError("said"), "unreachable"),
    "httpx.CloseError": (lambda: httpx.CloseError("said"), "unreachable"),
    "httpx.ProxyError": (lambda: httpx.ProxyError("said"), "unreachable"),
    "httpx.UnsupportedProtocol": (lambda: httpx.UnsupportedProtocol("said"), "unreachable"),
    "httpx.ProtocolError": (lambda: httpx.ProtocolError("said"), "unreachable"),
    "httpx.LocalProtocolError": (lambda: httpx.LocalProtocolError("said"), "unreachable"),
    "httpx.RemoteProtocolError": (lambda: httpx.RemoteProtocolError("said"), "cut_off"),
    "httpx.TimeoutException": (lambda: httpx.TimeoutException("said"), "timeout"),
    "httpx.ConnectTimeout": (lambda: httpx.ConnectTimeout("said"), "unreachable"),
    "httpx.ReadTimeout": (lambda: httpx.ReadTimeout("said"), "timeout"),
    "httpx.WriteTimeout": (lambda: httpx.WriteTimeout("said"), "timeout"),
    "httpx.PoolTimeout": (lambda: httpx.PoolTimeout("said"), "unreachable"),
    "httpx.DecodingError": (lambda: httpx.DecodingError("said"), "bad_reply"),
    "httpx.TooManyRedirects": (lambda: httpx.TooManyRedirects("said"), "unreachable"),
    "httpx.InvalidURL": (lambda: httpx.InvalidURL("said"), "unreachable"),
    "httpx.CookieConflict": (lambda: httpx.CookieConflict("said"), "bad_reply"),
    "httpx.StreamError": (lambda: httpx.StreamError("said"), "bad_reply"),
    "httpx.StreamConsumed": (lambda: httpx.StreamConsumed(), "bad_reply"),
    "httpx.StreamClosed": (lambda: httpx.StreamClosed(), "bad_reply"),
    "httpx.ResponseNotRead": (lambda: httpx.ResponseNotRead(), "bad_reply"),
    "httpx.RequestNotRead": (lambda: httpx.RequestNotRead(), "bad_reply"),
    "builtins.TimeoutError": (lambda: TimeoutError(), "timeout"),
    "builtins.ConnectionError": (lambda: ConnectionError("said"), "unreachable"),
    "builtins.ConnectionRefusedError": (lambda: ConnectionRefusedError("said"), "unreachable"),
    "builtins.ConnectionResetError": (lambda: ConnectionResetError("said"), "unreachable"),
    "builtins.ConnectionAbortedError": (lambda: ConnectionAbortedError("said"), "unreachable"),
    "builtins.BrokenPipeError": (lambda: BrokenPipeError("said"), "unreachable"),
    "builtins.ModuleNotFoundError": (lambda: ModuleNotFoundError("said", name="anthropic"), "missing_package"),
}


def test_every_exception_of_openai_and_httpx_is_in_the_list() -> None:
    # openai's errors of web sockets and of workload identities belong to interfaces that are not used
    unused = {
        "openai.SubjectTokenProviderError",
        "openai.WebSocketConnectionClosedError",
        "openai.WebSocketQueueFullError",
    }
    real = {
        f"{module.__name__}.{name}"
        for module in (openai, httpx)
        for name in module.__all__
        if isinstance(kind := getattr(module, name), type) and issubclass(kind, Exception)
    }
    listed = {name for name in EXCEPTIONS if not name.startswith("builtins.")}
    assert real - unused == listed
    assert all(hasattr(builtins, name.partition(".")[2]) for name in EXCEPTIONS.keys() - listed)


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_each_exception_has_its_reason_and_one_sentence(name: str) -> None:
    make, reason = EXCEPTIONS[name]
    error = model_error(make(), TARGET, timeout_s=60)
    assert error.reason == reason and str(error).startswith("openai/x: ") and "\n" not in str(error)
    in_the_middle = model_error(make(), TARGET, timeout_s=60, n_chunks=2)
    assert in_the_middle.reason not in ("server_error", "unreachable", "rate_limited")


# Tokens and money


def test_tokens_are_counted_offline_as_openai_counts_them() -> None:
    assert count_tokens("") == 0
    assert count_tokens("hello world") == 2
    assert count_tokens("<|endoftext|>") > 1  # plain text here, not a control token
    assert count_tokens("\ud800 lone surrogate") > 0


def test_without_tiktoken_tokens_are_estimated_on_the_high_side(monkeypatch: pytest.MonkeyPatch) -> None:
    from rag.model import tokens as model_tokens

    text = "Training needs far less optimizer memory when gradients are projected to a low rank."
    exact = count_tokens(text)
    monkeypatch.setattr(model_tokens, "encoding_of", lambda name: None)
    assert count_tokens("") == 0 and count_tokens("a") == 1 and count_tokens("abcd") == 2
    assert count_tokens(text) == 28 > exact  # 84 characters


def test_counting_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from rag.model import tokens as model_tokens

    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    model_tokens.encoding_of.cache_clear()
    count_tokens("again")
    assert "TIKTOKEN_CACHE_DIR" not in os.environ


def test_prices_are_of_one_day_and_unknown_ones_are_none() -> None:
    settings = Settings.from_env({})
    assert date(2026, 1, 1) < model_facts.READ_ON
    luna = load_llm("openai/gpt-6-luna", settings=settings)
    new = load_llm("openai/gpt-99-new", settings=settings)
    like = load_llm("openai-like/gpt-6-luna@http://h/v1", settings=settings)
    assert luna is not None and new is not None and like is not None
    usage = Usage(prompt_tokens=10_000, completion_tokens=500)
    # 10,000 x $0.10 / 1M + 500 x $0.50 / 1M
    assert luna.cost(usage) == pytest.approx(0.001 + 0.00025)
    assert new.cost(usage) is None and like.cost(usage) is None
    assert luna.cost(Usage(prompt_tokens=272_001)) is None  # another tariff begins there
    assert DEFAULT_OPENAI_MODEL in model_facts.OPENAI_MODELS


@pytest.mark.parametrize(
    ("model", "thinks"),
    [
        ("gpt-6-luna", True),
        ("o3-mini", True),
        ("gpt-5.4-nano", True),
        ("gpt-10", True),
        ("gpt-5-chat-latest", False),
        ("gpt-4.1-mini", False),
        ("chatgpt-4o-latest", False),
    ],
)
def test_which_openai_models_think(model: str, thinks: bool) -> None:
    assert model_facts.thinks(model) is thinks


# The command


def run_check(*arguments: str, monkeypatch: pytest.MonkeyPatch, **environ: str) -> Any:
    from ui.cli_models import app

    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ASKPAPERS_LLM", "ASKPAPERS_LLM_KEY", "ASKPAPERS_CONTEXT_TOKENS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(app, ["check", *arguments])


def test_check_says_in_one_line_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(models=({"id": "scripted", "max_model_len": 32768},)) as server:
        server.enqueue(Reply(text="one, two, three", usage=(40, 12)))
        done = run_check("--llm", f"openai-like/scripted@{server.url}", monkeypatch=monkeypatch)
        assert len(server.history) == 1
    assert done.exit_code == 0 and done.stdout.count("\n") == 1 and done.stderr == ""
    line = re.sub(r"\d\.\d s", "0.1 s", done.stdout.strip())
    assert line == (
        f"openai-like/scripted@{server.url} works: streams (first word after 0.1 s), "
        "usage figures (40 + 12 tokens, price not known), context length 8,192 tokens "
        "(the server says 32,768: set ASKPAPERS_CONTEXT_TOKENS=32768)."
    )


def test_check_says_what_does_not_work_without_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(models=()) as server:
        server.enqueue(Reply(text="one, two", usage=None, streams=False))
        done = run_check(monkeypatch=monkeypatch, ASKPAPERS_LLM=f"openai-like/scripted@{server.url}")
    assert done.exit_code == 0
    assert "does not stream" in done.stdout and "no usage figures" in done.stdout and "8,192 tokens." in done.stdout


def test_check_fails_with_what_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(api_key="right") as server:
        done = run_check("--llm", f"openai-like/m@{server.url}", monkeypatch=monkeypatch, ASKPAPERS_LLM_KEY="wrong-key")
    assert done.exit_code == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert "ASKPAPERS_LLM_KEY" in done.stderr and "wrong-key" not in done.stderr


def test_check_without_a_model_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_check(monkeypatch=monkeypatch)
    assert done.exit_code == 0 and "OPENAI_API_KEY" in done.stdout


def test_check_of_a_spec_that_cannot_be_read_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run_check("--llm", "gpt", monkeypatch=monkeypatch)
    assert done.exit_code == 2 and "openai-like/MODEL@http://host/v1" in re.sub(r"[\s│]+", " ", done.stderr)


# The server of the tests itself


def test_the_model_server_plays_its_script_and_keeps_what_it_was_asked(server: ModelServer) -> None:
    server.enqueue("First.", lambda request: request.user.upper())
    body = {"model": "m", "messages": [{"role": "user", "content": "say it"}]}
    replies = [httpx.post(f"{server.url}/chat/completions", json=body) for _ in range(3)]
    said = [json.loads(reply.text) for reply in replies]
    assert [whole["choices"][0]["message"]["content"] for whole in said[:2]] == ["First.", "SAY IT"]
    assert replies[2].status_code == 400 and "enqueued" in replies[2].text
    assert [request.user for request in server.history] == ["say it"] * 3


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("does its address end in /v1?", "does its address end in /v1?"),
        ("the reply broke off", "the reply broke off."),
        ("no credit left.", "no credit left."),
        ("the reply broke off in the middle: wait…", "the reply broke off in the middle: wait…"),
    ],
)
def test_a_message_ends_with_one_mark_where_a_line_goes_on_behind_it(said: str, shown: str) -> None:
    assert ended(said) == shown
