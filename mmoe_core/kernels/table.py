"""Reading and moving rows of the embedding table.

Shape suffixes in this file:
    B batch   F id fields   K ids of a row, all fields side by side   V value fields
    S embedding size   D = F S + V   U touched rows   P rows of the table   L numbers that a row of it owns
"""

from __future__ import annotations

import numpy as np

from .compiled import kernel
from .prefetching import prefetch

__all__ = ["add_up", "gather", "move_by_adam"]

_ROWS_AHEAD = 16  # of the table; enough to hide its memory's delay


@kernel
def gather(
    table_PS: np.ndarray,
    ids_BK: np.ndarray,
    weights_BK: np.ndarray,
    first_of_field: np.ndarray,
    dense_BV: np.ndarray,
    x_BD: np.ndarray,
) -> None:
    """x = each field's embedding (of several ids their weighted mean, 0 where none has weight), then the values.

    Args:
        table_PS: One embedding per id; rows may lie apart.
        ids_BK: Rows of the table.
        weights_BK: How much each id counts within its field; of shape (0, 0) where every field has one id.
        first_of_field: The F + 1 columns at which fields begin and the last one ends.
        dense_BV: Values.
        x_BD: Written.
    """
    num_rows, num_fields, size = len(ids_BK), len(first_of_field) - 1, table_PS.shape[1]
    for row in range(num_rows):
        if row + 1 < num_rows:
            for place in range(ids_BK.shape[1]):
                prefetch(table_PS, ids_BK[row + 1, place])
        for field in range(num_fields):
            to = field * size
            if weights_BK.size == 0:
                for s in range(size):
                    x_BD[row, to + s] = table_PS[ids_BK[row, field], s]
                continue
            for s in range(size):
                x_BD[row, to + s] = 0
            total = x_BD.dtype.type(0)
            for place in range(first_of_field[field], first_of_field[field + 1]):
                weight = weights_BK[row, place]
                if weight > 0:
                    total += weight
                    for s in range(size):
                        x_BD[row, to + s] += weight * table_PS[ids_BK[row, place], s]
            if total > 0:
                for s in range(size):
                    x_BD[row, to + s] /= total
        for value in range(dense_BV.shape[1]):
            x_BD[row, num_fields * size + value] = dense_BV[row, value]


@kernel
def add_up(
    gradient_BD: np.ndarray,
    places_BK: np.ndarray,
    weights_BK: np.ndarray,
    first_of_field: np.ndarray,
    gradient_US: np.ndarray,
) -> None:
    """∂L/∂row of the table = the sum of what its readers send back: the transpose of `gather`.

    Args:
        gradient_BD: ∂L/∂x.
        places_BK: Which touched row each id is, −1 on padding (`group_ids`).
        weights_BK: As in `gather`.
        first_of_field: As in `gather`.
        gradient_US: Added to.
    """
    num_rows, num_fields, size = len(places_BK), len(first_of_field) - 1, gradient_US.shape[1]
    for row in range(num_rows):
        for field in range(num_fields):
            of = field * size
            if weights_BK.size == 0:
                for s in range(size):
                    gradient_US[places_BK[row, field], s] += gradient_BD[row, of + s]
                continue
            total = gradient_BD.dtype.type(0)
            for place in range(first_of_field[field], first_of_field[field + 1]):
                total += weights_BK[row, place]
            for place in range(first_of_field[field], first_of_field[field + 1]):
                weight = weights_BK[row, place]
                if weight > 0:
                    for s in range(size):
                        gradient_US[places_BK[row, place], s] += weight / total * gradient_BD[row, of + s]


@kernel
def move_by_adam(
    rows_PL: np.ndarray,
    steps_PL: np.ndarray,
    touched_U: np.ndarray,
    gradient_US: np.ndarray,
    step: int,
    betas: tuple[float, float],
    decays: tuple[np.ndarray, np.ndarray],
    learning_rate: float,
    weight_decay: float,
    epsilon: float,
) -> None:
    """Adam (Kingma and Ba 2015, algorithm 1) on the rows that a batch touched, each in one visit to its memory.

    A row that was last touched Δ steps ago has had gradients of 0 since, so m ← β₁^Δ m + (1 − β₁) g, v likewise: its
    moments are those of dense Adam, and so are the corrections by 1 − β^step. What is left out are the moves that dense
    Adam makes by momentum alone while a row is away. Weight decay (λ w added to g) acts when a row is touched.

    Args:
        rows_PL: Per id: S weights, S first moments, S second moments, the step of its last move, padding.
        steps_PL: The same memory as whole numbers, for that step.
        touched_U: Ids.
        gradient_US: Their gradients.
        step: From 1.
        betas: β₁, β₂.
        decays: β₁^Δ and β₂^Δ for Δ = 0, 1, …; the last entry stands for all beyond.
        learning_rate: α.
        weight_decay: λ.
        epsilon: ε.
    """
    size, real = gradient_US.shape[1], rows_PL.dtype.type
    decay_1, decay_2 = decays
    fresh_1, fresh_2 = real(1 - betas[0]), real(1 - betas[1])
    rate, corrected_2 = real(learning_rate / (1 - betas[0] ** step)), real(1 / (1 - betas[1] ** step))
    shrink, tiny = real(weight_decay), real(epsilon)
    for u in range(len(touched_U)):
        if u + _ROWS_AHEAD < len(touched_U):
            prefetch(rows_PL, touched_U[u + _ROWS_AHEAD])
        p = touched_U[u]
        away = step - steps_PL[p, 3 * size]
        old_1 = decay_1[min(away, len(decay_1) - 1)]
        old_2 = decay_2[min(away, len(decay_2) - 1)]
        for s in range(size):
            g = gradient_US[u, s] + shrink * rows_PL[p, s]
            m = old_1 * rows_PL[p, size + s] + fresh_1 * g
            v = old_2 * rows_PL[p, 2 * size + s] + fresh_2 * g * g
            rows_PL[p, size + s], rows_PL[p, 2 * size + s] = m, v
            rows_PL[p, s] -= rate * m / (np.sqrt(v * corrected_2) + tiny)
        steps_PL[p, 3 * size] = step
