"""The routes beside Streamlit, asked as a server would ask them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from starlette.applications import Starlette

from mmoe_core.errors import RunError
from pages.ui.routes import live_routes


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def read_delta(run_id: str, cursor: int, state: str) -> bytes | None:
    if run_id != "here":
        raise RunError("There is no run '{run}'.", run=run_id)
    if cursor == 7 and state == "running":
        return None
    return json.dumps({"cursor": 7, "state": "running", "asked": [cursor, state]}).encode()


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    replays = tmp_path / "replay"
    replays.mkdir()
    (replays / "classroom.json").write_text('{"state":"finished"}')
    (tmp_path / "secret.json").write_text('{"secret":1}')
    return Starlette(routes=live_routes(read_delta, replays))


def ask(app: Starlette, path: str, query: str = "", method: str = "GET") -> Answer:
    said: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
    }
    # In a thread of its own: the browser tests keep an event loop in this one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, app(scope, receive, send)).result()
    headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], headers, b"".join(one.get("body", b"") for one in said[1:]))


def test_what_is_new_comes_as_json_that_nobody_keeps(app: Starlette) -> None:
    answer = ask(app, "/api/runs/here/delta", "cursor=3&state=queued")
    assert answer.status == 200
    assert json.loads(answer.body)["asked"] == [3, "queued"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_a_first_question_needs_no_cursor(app: Starlette) -> None:
    assert json.loads(ask(app, "/api/runs/here/delta").body)["asked"] == [0, ""]


def test_nothing_new_is_204_without_a_body(app: Starlette) -> None:
    answer = ask(app, "/api/runs/here/delta", "cursor=7&state=running")
    assert (answer.status, answer.body) == (204, b"")


def test_a_run_that_is_not_there_is_404_with_a_sentence(app: Starlette) -> None:
    answer = ask(app, "/api/runs/gone/delta", "cursor=0")
    assert answer.status == 404
    assert json.loads(answer.body) == {
        "error": "RunError",
        "template": "There is no run '{run}'.",
        "values": {"run": "gone"},
        "message": "There is no run 'gone'.",
    }


@pytest.mark.parametrize("cursor", ["-1", "1.5", "abc", "", "²", "9" * 19, "9" * 5000])
def test_a_cursor_that_is_no_place_in_the_stream_is_400_with_a_sentence(app: Starlette, cursor: str) -> None:
    answer = ask(app, "/api/runs/here/delta", f"cursor={quote(cursor)}")
    assert answer.status == 400
    assert "cursor" in json.loads(answer.body)["message"]


def test_an_absurd_run_id_is_not_asked_for(app: Starlette) -> None:
    assert ask(app, f"/api/runs/{'x' * 5000}/delta").status == 404


def test_a_recorded_run_is_served_whole(app: Starlette) -> None:
    answer = ask(app, "/api/replay/classroom")
    assert (answer.status, answer.body) == (200, b'{"state":"finished"}')


@pytest.mark.parametrize("name", ["absent", "..%2Fsecret", "%2e%2e%2fsecret", "Classroom", "classroom.json", "a%00b"])
def test_only_a_name_in_the_folder_is_a_recorded_run(app: Starlette, name: str) -> None:
    assert ask(app, f"/api/replay/{name}").status == 404


def test_the_server_says_that_it_lives(app: Starlette) -> None:
    assert json.loads(ask(app, "/api/health").body) == {"status": "ok"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_routes_only_read(app: Starlette, method: str) -> None:
    assert ask(app, "/api/runs/here/delta", method=method).status == 405


def test_without_a_source_the_store_of_this_installation_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    answer = ask(Starlette(routes=live_routes()), "/api/runs/20250101T000000-abcdef/delta")
    assert answer.status == 404
    assert "20250101T000000-abcdef" in json.loads(answer.body)["message"]
