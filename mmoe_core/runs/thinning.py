"""How much of a long run is kept: rules that depend on steps and epochs alone.

Because they do, a run that was interrupted and resumed keeps the same as one that was not.
"""

from __future__ import annotations

__all__ = ["MAX_SNAPSHOTS", "THINNED", "is_kept", "kept_checkpoints", "kept_gates", "snapshot_stride"]

MAX_SNAPSHOTS = 500
THINNED = {"gates": 0, "gradients": 1}  # kinds of records that come every few steps, and the step of the first
_MAX_GATE_FILES = 50


def snapshot_stride(step: int, snapshot_every: int) -> int:
    """Steps between the snapshots that are kept once training is at `step`: doubled until they are few enough."""
    return _doubled(snapshot_every, step, MAX_SNAPSHOTS)


def is_kept(kind: str, step: int, stride: int) -> bool:
    """Whether a record stays; of those that come every few steps, the first and one per stride."""
    return kind not in THINNED or step == THINNED[kind] or step % stride == 0


def kept_checkpoints(last: int, best: int) -> set[int]:
    """Epochs whose checkpoint stays: initial, best, the last two, and the powers of two between."""
    powers = {2**exponent for exponent in range(last.bit_length())}
    return {epoch for epoch in {0, best, last - 1, last} | powers if 0 <= epoch <= last}


def kept_gates(last: int, best: int) -> set[int]:
    """Epochs whose gates stay, row by row: those with a checkpoint, and up to fifty evenly spaced ones."""
    return kept_checkpoints(last, best) | set(range(0, last + 1, _doubled(1, last, _MAX_GATE_FILES)))


def _doubled(stride: int, last: int, most: int) -> int:
    while last // stride >= most:
        stride *= 2
    return stride
