"""Read-only routes beside Streamlit: what is new in a run, a recorded run, and whether the server lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mmoe_core.config import SHIPPED, runs_folder
from mmoe_core.errors import ConfigError, LabError, RunError

__all__ = ["ReadDelta", "live_routes"]

ReadDelta = Callable[[str, int, str], bytes | None]
"""(run id, cursor, state that the reader knows) → the body, or None where nothing is new; RunError: no such run."""

_LONGEST_ID = 80
_MOST = 2**63 - 1  # what a cursor can be
_HEADERS = {"Cache-Control": "no-store"}


def live_routes(read_delta: ReadDelta | None = None, replays: Path = SHIPPED / "replay") -> list[Route]:
    """What `st.App(routes=…)` serves.

    Args:
        read_delta: Where deltas come from; the store of this installation if not said.
        replays: Folder of recorded runs, one JSON file each.
    """
    read = read_delta or _read_from_store

    async def delta(request: Request) -> Response:
        """What is new in a run since a cursor: 200 with a body, 204 where nothing is."""
        try:
            asked = _run_id(request), _cursor(request), request.query_params.get("state", "")[:_LONGEST_ID]
            body = await run_in_threadpool(read, *asked)
        except LabError as error:
            return _refusal(error)
        return Response(status_code=204, headers=_HEADERS) if body is None else _json(body)

    async def replay(request: Request) -> Response:
        """A recorded run, whole."""
        try:
            return _json(await run_in_threadpool(_read_replay, replays, request.path_params["name"]))
        except LabError as error:
            return _refusal(error)

    return [
        Route("/api/runs/{run_id}/delta", delta, methods=["GET"]),
        Route("/api/replay/{name}", replay, methods=["GET"]),
        Route("/api/health", _health, methods=["GET"]),
    ]


async def _health(request: Request) -> Response:
    """The server answers."""
    del request
    return JSONResponse({"status": "ok"}, headers=_HEADERS)


def _run_id(request: Request) -> str:
    run_id = str(request.path_params["run_id"])
    if len(run_id) > _LONGEST_ID or not run_id.isprintable():
        raise RunError("There is no such run.")
    return run_id


def _cursor(request: Request) -> int:
    """The reader's place in the record stream; 0 is the beginning."""
    text = request.query_params.get("cursor", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(_MOST)) or int(text) > _MOST:
        raise ConfigError("'cursor' must be a whole number from 0 on; got '{text}'.", text=text[:_LONGEST_ID])
    return int(text)


def _read_replay(folder: Path, name: str) -> bytes:
    from mmoe_core import runs

    return runs.replay_bytes(name, folder)


@cache
def _open_store(folder: Path) -> object:
    from mmoe_core.runs import Store

    return Store(folder)


def _read_from_store(run_id: str, cursor: int, state: str) -> bytes | None:
    from mmoe_core import runs

    return runs.delta(_open_store(runs_folder()), run_id, cursor, state)


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers=_HEADERS)


def _refusal(error: LabError) -> Response:
    """A sentence: 404 for a run that is not there, 400 for a question that cannot be answered."""
    status = 404 if isinstance(error, RunError) else 400
    return Response(error.to_json(), status_code=status, media_type="application/json", headers=_HEADERS)
