"""The entry of `streamlit run dashboard.py`: the pages, the routes beside them, and who may ask. No content.

Streamlit finds `app` by reading this file, so it has to stand here by this name.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from mmoe_core.data import sweep_uploads
from mmoe_core.runs import LENS, PARKING
from pages.ui.policy import LOOPBACK, ContentPolicy
from pages.ui.routes import live_routes
from pages.ui.upload import upload_routes


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Sweep old uploads, and keep a trainer warm; who looks into networks goes with the server.

    What was imported goes out of the collector's sight, since every script run collects.
    """
    sweep_uploads()
    gc.collect()
    gc.freeze()
    with PARKING.kept(), LENS.kept():
        yield


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    routes=[*live_routes(), *upload_routes()],
    middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK)), Middleware(ContentPolicy)],
)
