"""A run as TensorBoard events, written by TensorBoard's own writer: `tensorboard --logdir FOLDER` shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..config import to_flat
from ..records import HISTOGRAM_BINS, GateSnapshot
from .ended import EndedRun
from .scalars import gate_name, scalars, seconds_at

__all__ = ["write_tensorboard"]


def write_tensorboard(run: EndedRun, folder: Path) -> None:
    """Write losses, weights, learning rate, metrics, mean gates and their histograms.

    Args:
        run: The run.
        folder: Becomes a log folder.
    """
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        table = "\n".join(f"| {path} | {value} |" for path, value in to_flat(run.row.config).items())
        writer.add_text("config", f"| choice | value |\n|---|---|\n{table}", 0)
        for point in scalars(run):
            writer.add_scalar("/".join(point.parts), point.value, point.step, walltime=point.seconds)
        for record, seconds in zip(run.records, seconds_at(run), strict=True):
            if isinstance(record, GateSnapshot):
                _write_histograms(writer, record, seconds)


def _write_histograms(writer: object, snapshot: GateSnapshot, seconds: float) -> None:
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    for number, level in enumerate(snapshot.levels):
        for r, reader in enumerate(level.readers):
            for e, expert in enumerate(level.experts):
                counts = np.array(level.histogram_REK[r][e])
                (filled,) = counts.nonzero()
                rows, mean, sd = int(counts.sum()), level.mean_RE[r][e], level.sd_RE[r][e]
                writer.add_histogram_raw(  # type: ignore[attr-defined]
                    "/".join(gate_name(number, reader, expert)),
                    min=float(edges[filled[0]]),
                    max=float(edges[filled[-1] + 1]),
                    num=rows,
                    sum=mean * rows,
                    sum_squares=(sd**2 + mean**2) * rows,
                    bucket_limits=edges[1:].tolist(),
                    bucket_counts=counts.tolist(),
                    global_step=snapshot.step,
                    walltime=seconds,
                )
