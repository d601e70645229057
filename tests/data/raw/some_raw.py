"""A small raw log in Ali-CCP's format, with its oddities: lists in any order, missing users, repeated fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmoe_core.data.raw import RawOptions

HISTORY = ("109_14", "110_14", "127_14", "150_14")
PROFILE = ("101", "121", "122", "124", "125", "126", "127", "128", "129")
ITEM = ("205", "206", "207", "216", "301")
CROSS = ("508", "509", "702")
FIELDS = (*PROFILE, *HISTORY, *ITEM, *CROSS, "210", "853")
FIRST_ID = {name: 1_000 * index for index, name in enumerate(FIELDS, start=1)}
Token = tuple[str, int, float]
OPTIONS = RawOptions(history_tokens=10, item_tokens=4, num_threads=1)


@dataclass(frozen=True)
class RawSize:
    """How much text to write."""

    train_rows: int = 600
    test_rows: int = 300
    rows_per_session: int = 12
    history_tokens: int = 20
    ids_per_field: int = 40


def write_raw(folder: Path, size: RawSize = RawSize(), *, seed: int = 3) -> Path:
    """Write the four files; the same seed, the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    for part, num_rows in (("train", size.train_rows), ("test", size.test_rows)):
        num_sessions = max(1, num_rows // size.rows_per_session)
        keys = [f"{int(key):016x}" for key in draw.integers(0, 2**63, num_sessions)]
        with (folder / f"common_features_{part}.csv").open("w", newline="\n") as file:
            for number in draw.permutation(num_sessions):
                if number != 1:  # one session is absent from the common features
                    file.write(f"{keys[number]},{_list(_session(draw, size), draw)}\n")
        with (folder / f"sample_skeleton_{part}.csv").open("w", newline="\n") as file:
            sessions = np.sort(draw.integers(0, num_sessions, num_rows))
            click = draw.random(num_rows) < 0.3
            purchase = click & (draw.random(num_rows) < 0.3) | (draw.random(num_rows) < 0.01)
            for row in range(num_rows):
                labels = f"{int(click[row])},{int(purchase[row])}"
                file.write(f"{row + 1},{labels},{keys[sessions[row]]},{_list(_impression(draw, size), draw)}\n")
    return folder


def _session(draw: np.random.Generator, size: RawSize) -> list[Token]:
    tokens = [(name, _id(draw, name, size), 1.0) for name in PROFILE if draw.random() < 0.8]
    for name in HISTORY:
        if draw.random() < 0.9:
            tokens += _many(draw, name, int(draw.integers(1, 2 * size.history_tokens)), size)
    return tokens


def _impression(draw: np.random.Generator, size: RawSize) -> list[Token]:
    tokens = [(name, _id(draw, name, size), 1.0) for name in ITEM if name != "216" or draw.random() < 0.7]
    tokens += [(name, _id(draw, name, size), _value(draw)) for name in CROSS if draw.random() < 0.4]
    tokens += [(name, identity, 1.0) for name, identity, _ in _many(draw, "210", int(draw.integers(1, 12)), size)]
    return tokens + (_many(draw, "853", int(draw.integers(1, 11)), size) if draw.random() < 0.4 else [])


def _many(draw: np.random.Generator, name: str, count: int, size: RawSize) -> list[Token]:
    places = draw.choice(size.ids_per_field, min(count, size.ids_per_field), replace=False)
    return [(name, FIRST_ID[name] + int(place), _value(draw)) for place in places]


def _id(draw: np.random.Generator, name: str, size: RawSize) -> int:
    return FIRST_ID[name] + int(size.ids_per_field * draw.random() ** 3)


def _value(draw: np.random.Generator) -> float:
    return float(np.log1p(int(draw.geometric(0.2))).round(5))


def _list(tokens: Sequence[Token], draw: np.random.Generator) -> str:
    texts = [f"{name}\x02{identity}\x03{value:g}" for name, identity, value in tokens]
    draw.shuffle(texts)
    return f"{len(texts)}," + "\x01".join(texts)
