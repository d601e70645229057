"""Only this machine is answered, and its pages load nothing from elsewhere."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pages.ui.policy import CONTENT_POLICY, LOOPBACK, ContentPolicy


def answer_of(app: Any, kind: str = "http") -> list[dict[str, Any]]:
    """What an ASGI app sends for one request."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # the browser tests leave a loop running in this one
        thread.submit(asyncio.run, app({"type": kind, "path": "/", "headers": []}, receive, send)).result()
    return sent


async def hello(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b"1")]})
    await send({"type": "http.response.body", "body": b"hello"})


def test_every_answer_carries_the_policy_and_keeps_its_own_headers_and_body() -> None:
    start, body = answer_of(ContentPolicy(hello))
    headers = dict(start["headers"])
    assert headers[b"content-security-policy"] == CONTENT_POLICY.encode()
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"etag"] == b"1"
    assert body["body"] == b"hello"


@pytest.mark.parametrize("directive", CONTENT_POLICY.split("; "))
def test_no_directive_allows_a_foreign_host(directive: str) -> None:
    name, *sources = directive.split(" ")
    local = {"'self'", "'unsafe-inline'", "'wasm-unsafe-eval'", "blob:", "data:"} | {f"ws://{h}:*" for h in LOOPBACK}
    assert set(sources) <= local, name
