"""The live run: one panel that draws a run while it trains, or plays a recorded one.

The panel's JavaScript fetches what is new from a read-only route by itself; Streamlit only mounts it and hands back
what people want of the run. The scripts in `js/` are one module, split by subject; the order below is the order in
which they are joined, and each says at its top what it draws.
"""

from .panel import live_run
from .view import LiveTask, LiveView
from .words import EMBEDDING, STRINGS

__all__ = ["EMBEDDING", "STRINGS", "LiveTask", "LiveView", "live_run"]
