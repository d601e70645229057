"""The one address that takes anything in: a file, written to disk as it comes."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mmoe_core.data import Reception, discard_upload
from mmoe_core.errors import DatasetError, LabError

__all__ = ["ADDRESS", "HEADER", "upload_routes"]

ADDRESS = "/api/uploads"
HEADER = "x-mmoe-upload"  # no form of another site can send it, and a script of another site may not
_PIECE_BYTES = 1 << 20
_BROKEN_OFF = 499  # nobody reads it
_HEADERS = {"Cache-Control": "no-store"}


def upload_routes() -> list[Route]:
    """What `st.App(routes=…)` serves."""
    return [
        Route(ADDRESS, _take, methods=["POST"]),
        Route(ADDRESS + "/{token}", _discard, methods=["DELETE"]),
    ]


async def _take(request: Request) -> Response:
    """The body becomes a file: 201 with its token, 413 where it is too large, 403 for another site."""
    if not _is_own(request):
        return _foreign()
    announced = request.headers.get("content-length", "")
    num_bytes = int(announced) if announced.isascii() and announced.isdigit() and len(announced) < 19 else None
    try:
        with await run_in_threadpool(Reception, num_bytes) as reception:
            piece = bytearray()
            async for received in request.stream():
                piece += received
                if len(piece) >= _PIECE_BYTES:
                    await run_in_threadpool(reception.write, bytes(piece))
                    piece.clear()
            await run_in_threadpool(reception.write, bytes(piece))
            token = reception.keep()
    except ClientDisconnect:
        return Response(status_code=_BROKEN_OFF)
    except LabError as error:
        return _refusal(error, 413)
    return JSONResponse({"token": token, "size": reception.num_bytes}, status_code=201, headers=_HEADERS)


async def _discard(request: Request) -> Response:
    """Forget an uploaded file."""
    if not _is_own(request):
        return _foreign()
    await run_in_threadpool(discard_upload, str(request.path_params["token"]))
    return Response(status_code=204, headers=_HEADERS)


def _is_own(request: Request) -> bool:
    """Whether a page of this server asks: browsers say where a request comes from and cannot be made to lie."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    return HEADER in request.headers and bool(origin) and origin == request.headers.get("host")


def _foreign() -> Response:
    return _refusal(DatasetError("Only a page of this server may upload files to it."), 403)


def _refusal(error: LabError, status: int) -> Response:
    return Response(error.to_json(), status_code=status, media_type="application/json", headers=_HEADERS)
