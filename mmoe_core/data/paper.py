"""The synthetic regression tasks of the MMoE paper, whose relatedness is a dial.

Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", KDD 2018,
section 3.2. What the paper leaves open (m, c, alpha, beta) is a dial, and by default as in its repeat by PLE (Tang et
al., RecSys 2020).

    y_k = w_k x + sum_i sin(alpha_i w_k x + beta_i) + epsilon,   x ~ N(0, I),   epsilon ~ N(0, noise)

For two tasks w_1 = c u_1 and w_2 = c (p u_1 + sqrt(1 - p^2) u_2), u orthonormal. That is the Cholesky factor of the
2 x 2 matrix of cosines, so K tasks take the factor L of the K x K matrix with p off its diagonal: W = c L U. Such a
matrix exists for p from -1 / (K - 1) to 1; the dial offers 0 to 1.

Shape suffixes in this file:
    N rows, train first   D features   T tasks   M waves
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..config import MmoePaper, Schema, TaskSpec, ValueField
from .manifest import Scaling, SplitName
from .simulator.behaviour import task_factor
from .writing import SEGMENT, TRUTH, DatasetWriter

__all__ = ["SIGNS", "Regressions", "draw_regressions", "task_directions", "write_regressions"]

SIGNS = ("both high", "only the first high", "only the second high", "both low")
"""Of the first two tasks' linear parts: where they agree and where they do not."""

_SHARES: tuple[tuple[SplitName, float, float], ...] = (("train", 0, 0.8), ("validation", 0.8, 0.9), ("test", 0.9, 1.0))


@dataclass(frozen=True)
class Regressions:
    """Inputs, labels, and what only the generator knows. Labels have mean 0 and variance 1 on train.

    Attributes:
        weights_TD: w_k.
        alphas_M: Frequency of each wave, the same for all tasks.
        betas_M: Its phase.
        x_DN: Inputs, float32.
        linear_TN: w_k x.
        mean_TN: What a perfect model would say: the label without its noise.
        labels_TN: With noise.
        scaling: How each task's label was standardised.
    """

    weights_TD: NDArray[np.float64]
    alphas_M: NDArray[np.float64]
    betas_M: NDArray[np.float64]
    x_DN: NDArray[np.float32]
    linear_TN: NDArray[np.float64]
    mean_TN: NDArray[np.float64]
    labels_TN: NDArray[np.float64]
    scaling: tuple[Scaling, ...]


def draw_regressions(config: MmoePaper) -> Regressions:
    """Draw the rows. Equal dials give equal rows; turning p alone keeps x, the waves and the noise."""
    of_function, of_inputs, of_noise = (
        np.random.default_rng(seed) for seed in np.random.SeedSequence(config.seed).spawn(3)
    )
    num_train = round(0.8 * config.num_rows)
    weights_TD = task_directions(config, of_function)
    spreads = np.array([[config.alpha_spread], [config.beta_spread]])
    alphas_M, betas_M = spreads * of_function.standard_normal((2, config.num_waves))
    x_DN = of_inputs.standard_normal((config.num_features, config.num_rows), dtype=np.float32)
    linear_TN = (weights_TD.astype(np.float32) @ x_DN).astype(np.float64)
    mean_TN = linear_TN + _waves(linear_TN, alphas_M, betas_M)
    labels_TN = mean_TN + np.sqrt(config.noise) * of_noise.standard_normal(mean_TN.shape)
    scaling = tuple(
        Scaling(shift=float(of_task.mean()), scale=float(of_task.std())) for of_task in labels_TN[:, :num_train]
    )
    shift_T, scale_T = np.array([[found.shift, found.scale] for found in scaling]).T
    return Regressions(
        weights_TD=weights_TD,
        alphas_M=alphas_M,
        betas_M=betas_M,
        x_DN=x_DN,
        linear_TN=linear_TN,
        mean_TN=(mean_TN - shift_T[:, None]) / scale_T[:, None],
        labels_TN=(labels_TN - shift_T[:, None]) / scale_T[:, None],
        scaling=scaling,
    )


def task_directions(config: MmoePaper, rng: np.random.Generator) -> NDArray[np.float64]:
    """w_k, each of length c, any two with cosine p, (T, D)."""
    num_tasks, p = config.num_tasks, config.correlation
    orthonormal_DT, _ = np.linalg.qr(rng.standard_normal((config.num_features, num_tasks)))
    factor_TT = task_factor(np.full((num_tasks, num_tasks), p) + (1 - p) * np.eye(num_tasks))
    return np.asarray(config.scale * factor_TT @ orthonormal_DT.T)


def write_regressions(config: MmoePaper, folder: Path) -> None:
    """Draw the rows and write them as a dataset. They are independent, so the splits are cut in their order."""
    drawn = draw_regressions(config)
    inputs = [f"x{number}" for number in range(1, config.num_features + 1)]
    tasks = [f"y{number}" for number in range(1, config.num_tasks + 1)]
    schema = Schema(
        id_fields=(),
        value_fields=tuple(ValueField(name=name) for name in inputs),
        tasks=tuple(TaskSpec(name=name, kind="regression") for name in tasks),
        is_simulated=True,
    )
    is_low_TN = drawn.linear_TN[:2] < 0
    columns: dict[str, np.ndarray] = {
        **dict(zip(inputs, drawn.x_DN, strict=True)),
        **dict(zip(tasks, drawn.labels_TN.astype(np.float32), strict=True)),
        **{TRUTH + name: mean_N for name, mean_N in zip(tasks, drawn.mean_TN, strict=True)},
        SEGMENT: (2 * is_low_TN[0] + is_low_TN[1]).astype(np.int8),
    }
    table = pa.table(columns)
    with DatasetWriter(folder, schema, {}) as writer:
        for split, low, high in _SHARES:
            start, stop = round(low * config.num_rows), round(high * config.num_rows)
            writer.append(split, table.slice(start, stop - start))
        writer.finish(
            "Generated as in the MMoE paper (KDD 2018, section 3.2); no row is real.",
            config=config,
            segments=SIGNS,
            scaling={**{name: Scaling() for name in inputs}, **dict(zip(tasks, drawn.scaling, strict=True))},
        )


def _waves(
    linear_TN: NDArray[np.float64], alphas_M: NDArray[np.float64], betas_M: NDArray[np.float64]
) -> NDArray[np.float64]:
    total_TN = np.zeros_like(linear_TN)
    for alpha, beta in zip(alphas_M, betas_M, strict=True):
        total_TN += np.sin(alpha * linear_TN + beta)
    return total_TN
