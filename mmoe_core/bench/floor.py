"""What the processor allows: the step's matmuls by the fastest library at hand, one gather of its rows, one scatter
back; nothing else.

Shape suffixes in this file:
    B batch   D input width   M outputs of all experts and gates   P rows of the table   L numbers that a row owns
"""

from __future__ import annotations

import time

import numpy as np
import torch

from ..config import RunConfig, plan, sizes
from ..models.linear import linear
from ..training.shuffling import shuffled_rows
from .figures import Figures
from .work import Work

__all__ = ["time_floor"]

_ROW_NUMBERS = 12  # 48 bytes: weight, first and second moment of an embedding of 4


def time_floor(work: Work, config: RunConfig) -> Figures:
    """One epoch of bare arithmetic and memory traffic, on one thread."""
    torch.set_num_threads(config.train.num_threads)
    model, train = config.model, work.split("train")
    width = sizes(model, work.schema).input_width
    (level,) = plan(model, work.schema.task_names)
    outputs = len(level.experts) * model.expert_widths[0] + sum(level.outputs_per_gate)
    table_PL = torch.zeros(work.schema.num_ids, _ROW_NUMBERS)
    weight_MD, x_BD = torch.randn(outputs, width), torch.randn(config.train.batch_size, width)
    batches = [
        torch.from_numpy(np.unique(train.ids_NF[rows]).astype(np.int64))
        for rows in shuffled_rows(len(train), config.train.batch_size, seed=1, epoch=1)
    ]
    began = time.perf_counter()
    for touched in batches:
        rows_UL = table_PL[touched]
        z_BM = linear(x_BD, weight_MD)
        linear(z_BM, weight_MD.T)
        linear(z_BM.T, x_BD.T)
        table_PL[touched] = rows_UL
    return Figures(train_rows_per_second=len(batches) * config.train.batch_size / (time.perf_counter() - began))
