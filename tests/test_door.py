"""What a page does with what is sent to it: bounds of bodies, uploads, wrong passwords, and errors that name no folder."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from rag.errors import AskpapersError, LibraryDamaged, LibraryError, LibraryNotFound
from rag.library import Library
from rag.lock import WriterLock
from ui.api_document import document
from ui.desk import Desk
from ui.door import BodyLimit
from ui.guard import Guard
from ui.limits import Guesses
from ui.page_adding import adding
from ui.page_endpoints import endpoints
from ui.page_guard import PageHeaders
from ui.service import Service, told, without_paths
from ui.uploads import DAY_S, UploadDoor, Uploads


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Says how much it was sent."""
    n_bytes = 0
    while (message := await receive())["type"] == "http.request":
        n_bytes += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(n_bytes).encode()})


def send_to(app: Any, path: str, chunks: list[bytes], **headers: str) -> tuple[int, Any, int]:
    """Status, JSON reply, and how many chunks were taken from who sends them."""
    left = list(chunks)
    replies: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        replies.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": raw, "client": ("10.0.0.9", 1)}
    asyncio.run(app(scope, receive, send))
    return replies[0]["status"], json.loads(replies[1]["body"]), len(chunks) - len(left)


# Bodies


def test_a_body_is_refused_by_its_announced_length_before_any_of_it_is_read() -> None:
    status, said, taken = send_to(BodyLimit(_app), "/login", [b"x"] * 3, content_length="1048577")
    assert (status, taken) == (413, 0) and "1,048,576 bytes" in said["error"]


def test_a_body_whose_length_is_not_announced_is_refused_while_it_comes() -> None:
    status, _, taken = send_to(BodyLimit(_app, most_bytes=10), "/login", [b"1234"] * 50)
    assert (status, taken) == (413, 3)
    assert send_to(BodyLimit(_app, most_bytes=12), "/login", [b"1234"] * 3)[:2] == (200, 12)


def test_uploads_and_their_size_are_not_the_business_of_the_bound_for_calls() -> None:
    assert send_to(BodyLimit(_app, most_bytes=10), "/gradio_api/upload", [b"1234"] * 5)[:2] == (200, 20)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"null", b"[" * 100_000, b"\xff"])
@pytest.mark.parametrize("path", ["/gradio_api/call/v2/ask", "/gradio_api/call/ask", "/gradio_api/queue/join"])
def test_a_call_that_is_no_json_object_is_told_so(body: bytes, path: str) -> None:
    status, said, _ = send_to(BodyLimit(_app), path, [body])
    assert (status, said) == (400, {"error": "The body of a call must be a JSON object of its arguments."})
    assert send_to(BodyLimit(_app), path, [b"{}"])[0] == 200


# Uploads


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    kept = Uploads(limit_bytes=100)
    yield kept
    kept.close()


def upload(uploads: Uploads, *files: tuple[str, bytes], read_only: bool = False) -> tuple[int, Any]:
    body = b""
    for name, data in files:
        body += (
            b'--xyz\r\nContent-Disposition: form-data; name="files"; filename="'
            + name.encode()
            + b'"\r\n\r\n'
            + data
            + b"\r\n"
        )
    body += b"--xyz--\r\n"
    chunks = [body[at : at + 7] for at in range(0, len(body), 7)]
    door = UploadDoor(_app, uploads=uploads, read_only=read_only)
    return send_to(door, "/gradio_api/upload", chunks, content_type="multipart/form-data; boundary=xyz")[:2]


def test_two_readers_who_send_the_same_file_have_one_each(uploads: Uploads) -> None:
    (_, [first]), (_, [second]) = upload(uploads, ("a.jsonl", b"same")), upload(uploads, ("a.jsonl", b"same"))
    assert first != second
    place, other = uploads.place(first), uploads.place(second)
    assert place is not None and other is not None
    place.unlink()
    assert other.read_bytes() == b"same" and uploads.place(second) == other and uploads.place(first) is None


def test_a_token_says_nothing_of_the_machine_and_the_folder_is_nobody_elses(uploads: Uploads) -> None:
    _, [token] = upload(uploads, ("../../etc/x.jsonl.gz", b"data"))
    place = uploads.place(token)
    assert place is not None and "/" not in token and place.name == token and token.endswith(".jsonl.gz")
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert uploads.place("../" + token) is None and uploads.place(str(place)) is None
    uploads.close()
    assert not place.parent.exists()


@pytest.mark.parametrize("name", ["x.exe", "x.svg", "X.JS", "a.jsonl.php"])
def test_a_kind_that_holds_no_papers_is_refused_at_the_door_and_never_kept(uploads: Uploads, name: str) -> None:
    status, said = upload(uploads, (name, b"MZ"))
    assert status == 415 and f"{name} cannot be read here" in said["error"]
    status, [kept, dropped] = upload(uploads, ("a.jsonl", b"{}"), (name, b"MZ"))
    place = uploads.place(kept)
    assert (status, dropped) == (200, "") and place is not None
    assert [file.name for file in place.parent.iterdir()] == [kept]


def test_a_file_over_the_limit_is_refused_while_it_comes_and_leaves_nothing(uploads: Uploads) -> None:
    assert upload(uploads, ("a.txt", b"x" * 100))[0] == 200
    status, said = upload(uploads, ("b.txt", b"y"), ("a.txt", b"x" * 101))
    assert status == 413 and "a.txt has" in said["error"]
    _, [token] = upload(uploads, ("c.txt", b""))
    place = uploads.place(token)
    assert place is not None and len(list(place.parent.iterdir())) == 2


def test_what_waits_is_bounded_in_number_and_in_bytes_until_it_is_read() -> None:
    uploads = Uploads(limit_bytes=100, most_bytes=150, most_waiting=2)
    _, [first] = upload(uploads, ("a.txt", b"x" * 100))
    status, said = upload(uploads, ("a.txt", b"x" * 60))
    assert status == 413 and "too many files wait" in said["error"].lower()
    assert upload(uploads, ("a.txt", b"x" * 50))[0] == 200
    assert upload(uploads, ("a.txt", b""))[0] == 413
    place = uploads.place(first)
    assert place is not None
    place.unlink()  # read
    assert upload(uploads, ("a.txt", b"x" * 100))[0] == 200
    uploads.close()


def test_a_file_that_nobody_came_for_is_deleted_after_a_day() -> None:
    now = [0.0]
    uploads = Uploads(limit_bytes=100, clock=lambda: now[0])
    _, [old] = upload(uploads, ("a.txt", b"x"))
    now[0] = DAY_S
    _, [new] = upload(uploads, ("a.txt", b"x"))
    assert uploads.place(old) is None and uploads.place(new) is not None
    uploads.close()


def test_bodies_that_are_no_uploads_and_closed_doors_are_told_so(uploads: Uploads) -> None:
    door = UploadDoor(_app, uploads=uploads)
    assert send_to(door, "/gradio_api/upload", [b"{}"], content_type="application/json")[0] == 400
    form = "multipart/form-data; boundary=xyz"
    assert send_to(door, "/gradio_api/upload", [b"nonsense"], content_type=form)[0] == 400
    assert upload(uploads, ("a.txt", b"x"), read_only=True)[0] == 403


def only(endpoint: Any, payload: object) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        return [record async for record in endpoint(payload)]

    return asyncio.run(run())


def desk_of(library: Library, folder: Path, **options: Any) -> Desk:
    return Desk(
        own=library,
        feedback=folder / "f.jsonl",
        open_sample=lambda: pytest.fail("made"),
        upload_limit_bytes=100,
        **options,
    )


def test_the_page_adds_what_came_through_its_door_and_names_what_was_not_kept(
    sample_copy: Library, tmp_path: Path, uploads: Uploads
) -> None:
    add = adding(desk_of(sample_copy, tmp_path), uploads.place)["page_add"]
    secret = tmp_path / "secret.txt"
    secret.write_text("x", "utf-8")
    for path in (str(secret), "", None, 7, "nonsense"):
        assert (
            only(add, {"files": [{"path": path, "name": "s.txt"}]})[-1]["message"] == "This file was not uploaded here."
        )
    line = {
        "title": "Doors That Count",
        "abstract": "We count what passes a door. It is bounded by a number that we give.",
    }
    large = Uploads(limit_bytes=10_000)
    _, tokens = upload(large, ("a.jsonl", json.dumps(line).encode() + b"\n"), ("run.exe", b"MZ"))
    add = adding(_roomy(sample_copy, tmp_path), large.place)["page_add"]
    names = ("a.jsonl", "run.exe")
    report = only(add, {"files": [{"path": token, "name": name} for token, name in zip(tokens, names, strict=True)]})[
        -1
    ]
    assert report["kind"] == "report" and report["new"] == 1 and report["rejected"] == 1
    assert "run.exe cannot be read here" in report["problems"][0] and large.place(tokens[0]) is None
    large.close()


def _roomy(library: Library, folder: Path) -> Desk:
    return Desk(own=library, feedback=folder / "f.jsonl", open_sample=lambda: library)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"files": "x"}, "The files that were sent are no list."),
        ({"files": [{}] * 201}, "Up to 200 files can be added at a time."),
        ({"days": True}, "Daily Papers can be fetched for 1 to 365 days."),
    ],
)
def test_wrong_requests_to_add_are_told_what_is_wrong(
    sample: Library, tmp_path: Path, uploads: Uploads, payload: object, words: str
) -> None:
    add = adding(desk_of(sample, tmp_path), uploads.place)["page_add"]
    assert only(add, payload) == [{"kind": "error", "message": words}]


# Wrong passwords


def test_wrong_passwords_of_an_address_wait_longer_and_longer() -> None:
    now = [0.0]
    guesses = Guesses(free=2, longest_s=3.0, clock=lambda: now[0])
    assert [guesses.attempt("a") for _ in range(2)] == [0.0, 0.0]
    assert guesses.attempt("a") == 1.0 and guesses.attempt("b") == 0.0
    now[0] = 1.0
    assert guesses.attempt("a") == 0.0 and guesses.attempt("a") == 2.0
    now[0] = 3.0
    assert guesses.attempt("a") == 0.0 and guesses.attempt("a") == 3.0
    guesses.right("a")
    assert guesses.attempt("a") == 0.0
    now[0] = 10_000.0
    assert [guesses.attempt("a") for _ in range(2)] == [0.0, 0.0]


class _SignedIn:
    cookie_id = "c"

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}


@pytest.mark.parametrize("path", ["/gradio_api/call/v2/status", "/login"])
def test_behind_too_many_wrong_passwords_the_right_one_has_to_wait_too(path: str) -> None:
    """Else a guesser would go on guessing."""
    import base64

    now = [0.0]
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b"1"})

    guard = Guard(app, names=frozenset({"h"}), users={"u": "p"}, guesses=Guesses(free=3, clock=lambda: now[0]))

    def ask(password: str) -> int:
        headers = [(b"host", b"h")]
        if path != "/login":
            headers.append((b"authorization", b"Basic " + base64.b64encode(f"u:{password}".encode())))
        got: list[Any] = []

        async def send(message: Any) -> None:
            got.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": headers,
            "client": ("1.2.3.4", 5),
            "app": _SignedIn(),
        }
        asyncio.run(guard(scope, receive, send))
        return int(got[0]["status"])

    wrong = 400 if path == "/login" else 401
    assert [ask("x") for _ in range(4)] == [wrong, wrong, wrong, 429]
    assert ask("p") == 429
    now[0] = 1.0
    assert ask("p") == 400  # the app's own reply: it was let through


@pytest.mark.parametrize("config", ['{"auth_required": true}', '{"auth_required":true}'])
def test_the_sign_in_page_does_not_tell_what_the_endpoints_take(config: str) -> None:
    api = '<script>window.gradio_api_info = {"/ask": 1};</script>'
    page = f"<head><script>window.gradio_config = {config};</script>{api}</head>"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": page.encode()})

    got: list[Any] = []

    async def send(message: Any) -> None:
        got.append(message)

    asyncio.run(PageHeaders(app)({"type": "http", "path": "/"}, send, send))
    assert b"/ask" not in got[1]["body"] and b"window.gradio_api_info = null;</script></head>" in got[1]["body"]
    page = page.replace("auth_required", "other")
    got.clear()
    asyncio.run(PageHeaders(app)({"type": "http", "path": "/"}, send, send))
    assert b"/ask" in got[1]["body"]


# What errors and the status say


@pytest.mark.parametrize(
    ("folder", "message", "shown"),
    [
        (
            "tmpfs/lib",
            "the index in tmpfs/lib/vectors-2 cannot be opened",
            "the index in …/lib/vectors-2 cannot be opened",
        ),
        ("/libabs", "No library at /libabs; make one", "No library at …/libabs; make one"),
        ("/home/ada/My Lib", "cannot read /home/ada/My Lib/x", "cannot read …/My Lib/x"),
        ("lib", "a calib/x is a library", "a calib/x is a library"),
    ],
)
def test_known_folders_are_hidden_however_they_are_written(folder: str, message: str, shown: str) -> None:
    assert without_paths(message, [Path(folder)]) == shown


def test_the_page_names_no_folder_in_its_status_nor_in_its_errors(sample_copy: Library, tmp_path: Path) -> None:
    from dataclasses import replace

    first, second = list(sample_copy.papers())[:2]
    places = (str(tmp_path / "x" / "page.txt"), str(tmp_path / "y" / "page.txt"))
    sample_copy.refresh([replace(first, seen_on=(places[0],)), replace(second, seen_on=(places[1],))])
    page = endpoints(_roomy(sample_copy, tmp_path))
    record = only(page["page_status"], {})[-1]
    assert {"name": "page.txt", "label": "page.txt", "n": 2} in record["sources"]
    assert str(tmp_path) not in json.dumps(record)


def test_an_error_of_a_broken_library_says_the_way_out_and_no_folder(sample: Library, tmp_path: Path) -> None:
    desk = desk_of(sample, tmp_path)
    words = told(LibraryDamaged(f"{sample.path}/vectors-1 cannot be opened"), desk)
    assert words.startswith(f"…/{sample.path.name}/vectors-1 cannot be opened. ") and str(sample.path) not in words
    assert "`askpapers library verify`" in words and "`askpapers library rebuild`" in words
    assert "verify" not in told(LibraryError("busy"), desk)


def test_a_callers_own_text_is_given_back_as_it_was(sample: Library, tmp_path: Path) -> None:
    with pytest.raises(AskpapersError, match="no paper '/etc/ssl/private/x' here"):
        Service(desk_of(sample, tmp_path)).paper("a", "/etc/ssl/private/x")


# The library while the page is open


def test_a_library_that_was_moved_away_is_not_half_made_again(sample_copy: Library, tmp_path: Path) -> None:
    folder = Path(sample_copy.path)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(LibraryNotFound):
        WriterLock(folder).try_acquire()
    with pytest.raises(LibraryError), sample_copy.writing():
        pass
    assert not folder.exists()


def test_the_sample_is_not_made_for_a_full_library_nor_on_a_page_that_is_read_only(
    sample: Library, tmp_path: Path
) -> None:
    assert desk_of(sample, tmp_path).use_sample() is sample
    empty = Library.create(tmp_path / "empty")
    with pytest.raises(AskpapersError, match="--read-only"):
        desk_of(empty, tmp_path, read_only=True).use_sample()


# The document


def test_the_document_says_what_must_be_given_how_long_it_may_be_and_what_comes_back() -> None:
    made = document()
    assert made["info"]["title"] == "askpapers" and "security" not in made
    assert sorted(made["paths"]) == sorted(
        f"/gradio_api/call/{way}"
        for name in ("ask", "search", "paper", "status")
        for way in (f"v2/{name}", f"{name}/{{event_id}}")
    )
    asked = made["paths"]["/gradio_api/call/v2/ask"]["post"]
    schema = asked["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["question"] and schema["properties"]["question"]["maxLength"] == 4_000
    assert (schema["properties"]["k"]["minimum"], schema["properties"]["k"]["maximum"]) == (1, 100)
    assert all(one["description"] for one in schema["properties"].values())
    assert {"200", "400", "413"} <= set(asked["responses"])
    example = asked["requestBody"]["content"]["application/json"]["example"]
    jsonschema.validate(example, schema)
    for wrong in (
        {},
        {"question": ""},
        {"question": "x" * 4_001},
        {"question": "x", "k": 0},
        {"question": "x", "colour": 1},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
    data = made["paths"]["/gradio_api/call/ask/{event_id}"]["get"]["responses"]["200"]["content"]["text/event-stream"][
        "x-data"
    ]
    assert data["complete"]["prefixItems"] == [{"$ref": "#/components/schemas/AnswerRecord"}]
    answer = made["components"]["schemas"]["AnswerRecord"]
    assert answer["properties"]["citations"]["items"]["properties"]["quote"] == {"type": "string"}
    assert document(signed_in=True)["security"] == [{"password": []}]
