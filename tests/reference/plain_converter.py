"""Raw Ali-CCP → dataset as published preprocessors do it: `split`, dictionaries, a text file in between.

Written to be read and compared with, and to be fair: one pass over each text, sessions parsed and encoded once, nothing
computed twice. The result is the same dataset as `mmoe_core.data.raw`'s.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from mmoe_core.config import FIRST_KNOWN, MISSING, PADDING, RARE
from mmoe_core.data.ali_ccp_schema import VALUE_NAMES, ali_ccp_schema
from mmoe_core.data.hashing import uniform
from mmoe_core.data.raw import RawOptions
from mmoe_core.data.raw.layout import COMMON_FIELDS, SKELETON_FIELDS
from mmoe_core.data.writing import DatasetWriter

Tokens = dict[str, list[tuple[int, float]]]
_VALUED = ("109_14", "110_14", "127_14", "150_14", "210", "508", "509", "702", "853")
_ROWS_AT_ONCE = 20_000


def convert_plainly(raw: Path, out: Path, options: RawOptions) -> None:
    """Convert the four plain-text files; default layout (many tokens, sessions apart)."""
    kept = dict.fromkeys((*SKELETON_FIELDS, *COMMON_FIELDS), 1) | dict(options.num_tokens)
    id_counts: dict[str, Counter[int]] = {field: Counter() for field in kept}
    bins: dict[str, Counter[int]] = {field: Counter() for field in _VALUED}
    sessions: dict[str, dict[str, Tokens]] = {}
    used: dict[str, list[str]] = {}
    is_validation: dict[str, bool] = {}
    for part in ("train", "test"):
        rows_of: Counter[str] = Counter()
        with (
            (raw / f"sample_skeleton_{part}.csv").open() as file,
            (out.parent / f"{out.name}-{part}.txt").open("w") as text,
        ):
            for line in file:
                _, click, purchase, key, _, features = line.rstrip("\n").split(",")
                if click == "0" and purchase == "1":
                    continue
                tokens = _parsed(features, kept, SKELETON_FIELDS)
                if key not in is_validation:
                    number = np.array([int(key, 16)], np.uint64)
                    is_validation[key] = bool(uniform(number, options.seed)[0] >= 1 - options.validation_share)
                rows_of[key] += 1
                if part == "train" and not is_validation[key]:
                    _count(tokens, 1, id_counts, bins)
                cells = (
                    " ".join(f"{identity}:{value!r}" for identity, value in tokens.get(field, ()))
                    for field in SKELETON_FIELDS
                )
                text.write(f"{click},{purchase},{key},{','.join(cells)}\n")
        sessions[part], used[part] = {}, list(rows_of)
        with (raw / f"common_features_{part}.csv").open() as file:
            for line in file:
                key, _, features = line.rstrip("\n").split(",")
                if key in sessions[part] or not rows_of[key]:
                    continue
                sessions[part][key] = tokens = _parsed(features, kept, COMMON_FIELDS)
                if part == "train" and not is_validation[key]:
                    _count(tokens, rows_of[key], id_counts, bins)

    known = {
        field: sorted(identity for identity, count in counts.items() if count >= options.min_frequency)
        for field, counts in id_counts.items()
    }
    local = {field: {identity: FIRST_KNOWN + rank for rank, identity in enumerate(ids)} for field, ids in known.items()}
    scale = {field: _high_quantile(counts) for field, counts in bins.items()}
    base = ali_ccp_schema({field: FIRST_KNOWN + len(ids) for field, ids in known.items()})
    schema = base.model_copy(
        update={
            "id_fields": tuple(
                field.model_copy(update={"num_tokens": kept[field.name], "per_session": field.name in COMMON_FIELDS})
                for field in base.id_fields
            )
        }
    )
    with DatasetWriter(
        out, schema, {field: [str(identity) for identity in ids] for field, ids in known.items()}
    ) as writer:
        for part in ("train", "test"):
            place: dict[str, dict[str, int]] = {"train": {}, "validation": {}, "test": {}}
            text_file = out.parent / f"{out.name}-{part}.txt"
            lost = [key for key in used[part] if key not in sessions[part]]
            for key in [*sessions[part], *lost]:
                split = _split(part, is_validation[key])
                is_lost = key not in sessions[part]
                if is_lost and "" in place[split]:
                    place[split][key] = place[split][""]
                    continue
                place[split][key] = len({*place[split].values()})
                if is_lost:
                    place[split][""] = place[split][key]
            for split, of_key in place.items():
                tokens_of = {row: sessions[part].get(key, {}) for key, row in of_key.items() if key}
                table = [tokens_of[row] for row in sorted(tokens_of)]
                writer.append_sessions(split, _table(table, COMMON_FIELDS, kept, local, scale))
            for split, lines in _batches(text_file, part, is_validation):
                writer.append(split, _rows(lines, sessions[part], place[split], kept, local, scale))
            text_file.unlink()
        writer.finish("Converted plainly.")


def _split(part: str, is_validation: bool) -> str:
    return "test" if part == "test" else "validation" if is_validation else "train"


def _parsed(features: str, kept: dict[str, int], fields: tuple[str, ...]) -> Tokens:
    tokens: Tokens = {}
    for feature in features.split("\x01"):
        field, identity, value = feature.replace("\x03", "\x02").split("\x02")
        tokens.setdefault(field, []).append((int(identity), float(value)))
    for field, found in tokens.items():
        found.sort(key=lambda token: -token[1])
        del found[kept.get(field, 1) :]
    return {field: found for field, found in tokens.items() if field in fields}


def _count(tokens: Tokens, times: int, ids: dict[str, Counter[int]], bins: dict[str, Counter[int]]) -> None:
    for field, found in tokens.items():
        for identity, value in found:
            ids[field][identity] += times
            if field in bins:
                bins[field][min(math.ceil(np.float32(value) * 1024), 65_535)] += times


def _high_quantile(counts: Counter[int]) -> float:
    total, up_to = sum(counts.values()), 0
    for number in sorted(counts):
        up_to += counts[number]
        if up_to >= 0.999 * total:
            return max(number, 1) / 1024
    return 1.0


def _batches(path: Path, part: str, is_validation: dict[str, bool]) -> Iterator[tuple[str, list[list[str]]]]:
    waiting: dict[str, list[list[str]]] = {"train": [], "validation": [], "test": []}
    with path.open() as file:
        for line in file:
            cells = line.rstrip("\n").split(",")
            split = _split(part, is_validation[cells[2]])
            waiting[split].append(cells)
            if len(waiting[split]) == _ROWS_AT_ONCE:
                yield split, waiting[split]
                waiting[split] = []
    for split, lines in waiting.items():
        if lines:
            yield split, lines


def _rows(
    lines: list[list[str]],
    sessions: dict[str, Tokens],
    place: dict[str, int],
    kept: dict[str, int],
    local: dict[str, dict[int, int]],
    scale: dict[str, float],
) -> pa.Table:
    rows: list[Tokens] = []
    for cells in lines:
        tokens: Tokens = {}
        for field, cell in zip(SKELETON_FIELDS, cells[3:], strict=True):
            if cell:
                pairs = (token.split(":") for token in cell.split(" "))
                tokens[field] = [(int(identity), float(value)) for identity, value in pairs]
        rows.append(tokens)
    table = _table(rows, SKELETON_FIELDS, kept, local, scale)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    columns["session"] = pa.array([place[cells[2]] for cells in lines], pa.int32())
    for name in VALUE_NAMES:
        field = name[1:]
        values = []
        for cells, tokens in zip(lines, rows, strict=True):
            found = tokens.get(field) if field in SKELETON_FIELDS else sessions.get(cells[2], {}).get(field)
            values.append(found[0][1] / scale[field] if found else 0.0)
        columns[name] = pa.array(values, pa.float32())
    for index, label in enumerate(("click", "purchase")):
        columns[label] = pa.array([int(cells[index]) for cells in lines], pa.uint8())
    return pa.table(columns)


def _table(
    rows: list[Tokens],
    fields: tuple[str, ...],
    kept: dict[str, int],
    local: dict[str, dict[int, int]],
    scale: dict[str, float],
) -> pa.Table:
    columns = {}
    for field in fields:
        local_of, width = local[field], kept[field]
        if width == 1:
            ids = [local_of.get(row[field][0][0], RARE) if field in row else MISSING for row in rows]
            columns[field] = pa.array(ids, pa.int32())
            continue
        ids, weights = [], []
        for row in rows:
            found = row.get(field)
            if found:
                ids += [local_of.get(identity, RARE) for identity, _ in found] + [PADDING] * (width - len(found))
                weights += [max(value / scale[field], 1e-6) for _, value in found] + [0.0] * (width - len(found))
            else:
                ids += [MISSING] + [PADDING] * (width - 1)
                weights += [1.0] + [0.0] * (width - 1)
        columns[field] = pa.FixedSizeListArray.from_arrays(pa.array(ids, pa.int32()), width)
        columns[f"weights:{field}"] = pa.FixedSizeListArray.from_arrays(pa.array(weights, pa.float32()), width)
    return pa.table(columns)
