"""`python -m mmoe_core.bench.program WHO --rows N --threads K`: one timed process; its figures are its last line.

With `--rank R --of N --meet FILE` it is one of several that train together; rank 0's figures are all's.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

from ..config import RunConfig
from .engine import time_together
from .figures import Figures
from .work import Work, bench_config, make_work

__all__ = ["main"]


def main() -> None:
    """Time one of those who are compared."""
    parser = argparse.ArgumentParser()
    parser.add_argument("who", choices=["engine", "balancing", "floor", "parts", "torch-rechub", "deepctr-torch"])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--ahead", type=int, default=1)
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--of", type=int, default=1)
    parser.add_argument("--meet", default="")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # the libraries' own
    config = bench_config(num_threads=asked.threads, batch_size=asked.batch, threads_ahead=asked.ahead)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        work = make_work(asked.rows, Path(folder))
        torch.set_num_threads(asked.threads)
        if asked.of > 1:
            figures = time_together(work, config, asked.rank, asked.of, asked.meet)
        else:
            figures = _timer(asked.who)(work, config)
    sys.stdout.write(figures.model_dump_json() + "\n")


def _timer(who: str) -> Callable[[Work, RunConfig], Figures]:
    from .engine import time_balancing, time_engine
    from .floor import time_floor
    from .parts import time_parts
    from .peers import time_deepctr_torch, time_torch_rechub

    return {
        "engine": time_engine,
        "balancing": time_balancing,
        "floor": time_floor,
        "parts": time_parts,
        "torch-rechub": time_torch_rechub,
        "deepctr-torch": time_deepctr_torch,
    }[who]


if __name__ == "__main__":
    main()
