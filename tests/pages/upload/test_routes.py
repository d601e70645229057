"""The route that takes files in: to disk as they come, from this server's own pages only, whole or not at all."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from mmoe_core.config import uploads_folder
from mmoe_core.data import uploaded_file, uploads
from pages.ui.upload import upload_routes
from pages.ui.upload.routes import ADDRESS, HEADER

HOST = "127.0.0.1:8501"
OWN = {"host": HOST, "origin": f"http://{HOST}", HEADER: "1"}
PIECE = bytes(1 << 16)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    monkeypatch.delenv(uploads.UPLOAD_VARIABLE, raising=False)


def there() -> list[str]:
    return [path.name for path in uploads_folder().glob("*")]


def send(
    pieces: Iterator[bytes],
    headers: dict[str, str] = OWN,
    *,
    path: str = ADDRESS,
    method: str = "POST",
    ends: str = "http.request",
) -> tuple[int, dict[str, Any]]:
    """A request whose body is these pieces; `ends` is how it stops: whole, or with a client that is gone."""
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        return {"type": ends, "body": b"", "more_body": False}

    async def answer(message: dict[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
    }
    with ThreadPoolExecutor(max_workers=1) as thread:  # the browser tests keep an event loop in this one
        thread.submit(asyncio.run, Starlette(routes=upload_routes())(scope, receive, answer)).result()
    body = b"".join(one.get("body", b"") for one in said[1:])
    return said[0]["status"], json.loads(body) if body.startswith(b"{") else {}


def test_what_is_sent_lies_under_a_token_of_ours_byte_by_byte() -> None:
    status, said = send(iter([b"a,b\n", b"", b"1,2\n"]))
    assert (status, said["size"]) == (201, 8)
    assert uploaded_file(said["token"]).read_bytes() == b"a,b\n1,2\n"
    assert there() == [said["token"]]
    assert send(iter([]), path=f"{ADDRESS}/{said['token']}", method="DELETE")[0] == 204
    assert there() == []


def test_sixty_four_megabytes_do_not_pass_through_memory() -> None:
    send(iter([PIECE]))  # whatever the first request imports
    tracemalloc.start()
    try:
        status, said = send(PIECE for _ in range(1024))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (status, said["size"]) == (201, 64 << 20)
    assert uploaded_file(said["token"]).stat().st_size == 64 << 20
    assert peak < 8 << 20


def test_a_client_that_goes_away_leaves_nothing() -> None:
    send(iter([PIECE] * 40), ends="http.disconnect")
    assert there() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"host": HOST, "origin": f"http://{HOST}"},  # a form of another site could send that
        {"host": HOST, HEADER: "1"},
        {**OWN, "origin": "http://elsewhere.test"},
        {**OWN, "origin": "null"},
        {**OWN, "origin": "http://127.0.0.1:9999"},
        {},
    ],
)
def test_another_site_may_neither_upload_nor_delete(headers: dict[str, str]) -> None:
    token = send(iter([b"mine"]))[1]["token"]
    for method, path in (("POST", ADDRESS), ("DELETE", f"{ADDRESS}/{token}")):
        status, said = send(iter([b"x"]), headers, method=method, path=path)
        assert status == 403
        assert "Only a page of this server" in said["message"]
    assert there() == [token]


@pytest.mark.parametrize("headers", [OWN, {**OWN, "content-length": "2000000"}, {**OWN, "content-length": "much"}])
def test_more_than_the_limit_is_refused_with_a_sentence_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setenv(uploads.UPLOAD_VARIABLE, "0.001")
    status, said = send((PIECE for _ in range(64)), headers)
    assert status == 413
    assert uploads.UPLOAD_VARIABLE in said["message"]
    assert there() == []


def test_an_announced_size_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(uploads.UPLOAD_VARIABLE, "0.001")
    pieces = iter([PIECE])
    assert send(pieces, {**OWN, "content-length": "2000000"})[0] == 413
    assert next(pieces) is PIECE


def test_nothing_can_be_read_back() -> None:
    token = send(iter([b"mine"]))[1]["token"]
    for path in (ADDRESS, f"{ADDRESS}/{token}"):
        assert send(iter([]), path=path, method="GET")[0] == 405
