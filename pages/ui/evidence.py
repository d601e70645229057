"""What the Evidence page says around its pictures: where numbers come from, tables, verdicts, and ways to train."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import streamlit as st

from mmoe_core.config import PresetName, RunConfig, to_flat
from mmoe_core.errors import LabError
from mmoe_core.studies import (
    Architectures,
    Claim,
    Contrast,
    Mechanisms,
    Race,
    SeedDifference,
    auc_differences,
    auc_table,
    differences,
    losses,
    mean_losses,
)
from mmoe_core.studies.results import Cell, Made

from .architecture_inputs import kind_label
from .language import mark, plain, t, task_label, translate, translate_error

__all__ = [
    "architectures",
    "entries",
    "link_architectures",
    "link_mechanisms",
    "link_race",
    "named",
    "paired",
    "pick_dataset",
    "say_architectures",
    "say_claims",
    "say_mechanisms",
    "say_race",
    "say_refusals",
    "spread",
    "tasks",
]

_DATASET = "on"
_NONE = "–"
_MINUS = str.maketrans("-", "−")
_colors = {"holds": "green", "does not hold": "red", "not distinguishable": "gray"}
_verdicts = {
    "holds": mark("holds"),
    "does not hold": mark("does not hold"),
    "not distinguishable": mark("not distinguishable"),
}
_datasets: dict[PresetName, str] = {"census": mark("Census"), "classroom": mark("Classroom")}
_badges: dict[PresetName, str] = {"classroom": mark("simulated · classroom rates")}

Table = list[dict[str, str]]
Row = tuple[str, float]


def say_race(race: Race) -> None:
    """That its rows are simulated, how many trainings it is, and which command prints it."""
    st.badge(t("simulated · MMoE paper"), color="yellow")
    seeds = len({run.seed for run in race.runs})
    _say_origin(race, t("{trainings} trainings on {seeds} seeds", trainings=len(race.runs), seeds=seeds))


def paired(race: Race) -> tuple[Mapping[Row, Sequence[float]], Mapping[Row, tuple[float, float | None, float | None]]]:
    """Each architecture's losses less MMoE's, seed by seed, and their means with intervals; by name and correlation."""
    found, means = losses(race), differences(race)
    names = {kind: f"{kind_label(kind)} − MMoE" for kind, _ in means}
    return (
        {(names[kind], p): list(found[kind, p] - found["mmoe", p]) for kind, p in means},
        {(names[kind], p): (one.mean, one.low, one.high) for (kind, p), one in means.items()},
    )


def spread(race: Race) -> Mapping[Row, Sequence[float]]:
    """Every loss, by the architecture's name and the correlation."""
    found = losses(race)
    return {(kind_label(kind), p): list(found[kind, p]) for kind, p in found.columns}


def entries(race: Race) -> Table:
    """The architectures of the race: size, learning rate, mean losses."""
    means = mean_losses(race)
    return [
        {
            t("architecture"): kind_label(entry.kind),
            t("expert width"): f"{entry.config.model.expert_widths[-1]}",
            t("parameters"): f"{entry.parameters:,}",
            t("as the paper counts"): f"{entry.weights:,}",
            t("learning rate"): f"{entry.config.train.learning_rate:g}",
            **{
                t("MSE at p = {p}", p=f"{p:g}"): f"{test:.4f}"
                for (kind, p), (test, _) in means.items()
                if kind == entry.kind
            },
        }
        for entry in race.entries
    ]


def link_race(race: Race) -> None:
    """Each architecture of the race, to be trained and watched."""
    _links([entry.config for entry in race.entries])


def say_claims(claims: Sequence[Claim]) -> None:
    """Each claim with its verdict; the numbers behind, folded."""
    for number, claim in enumerate(claims, start=1):
        verdict = f":{_colors[claim.verdict]}-badge[{t(_verdicts[claim.verdict])}]"
        place = f"{number}. " if len(claims) > 1 else ""
        st.markdown(f"{place}{translate(claim.template, {})} {verdict}")
    with st.expander(t("The numbers behind")):
        rows = [
            {t("claim"): f"{number}", **_contrast(contrast, claim.level)}
            for number, claim in enumerate(claims, start=1)
            for contrast in claim.contrasts
        ]
        st.dataframe(rows, hide_index=True)


def _contrast(contrast: Contrast, level: float) -> dict[str, str]:
    values = {
        name: kind_label(value) if name == "kind" else value if isinstance(value, str) else f"{value:g}"
        for name, value in contrast.values.items()
    }
    found = contrast.difference
    return {
        t("what is compared"): translate(contrast.template, values),
        t("mean"): _signed(found.mean),
        t("interval"): f"{_interval(found.low, found.high)} · {level:.3g}",
        t("by resampling"): _interval(found.check_low, found.check_high),
        t("margin"): _NONE if contrast.margin is None else f"±{contrast.margin:.4f}",
        t("verdict"): t(_verdicts[contrast.verdict]),
    }


def say_mechanisms(study: Mechanisms) -> None:
    """That its rows are simulated, how many trainings it is, and which command prints it."""
    st.badge(t(_badges["classroom"]), color="yellow")
    _say_origin(study, t("{trainings} trainings, each on a world of its own", trainings=len(study.runs)))


def link_mechanisms(study: Mechanisms) -> None:
    """Its network, to be trained and watched."""
    _links([study.config])


def pick_dataset(table: Architectures) -> PresetName:
    """On which rows; the first one until somebody chooses."""
    there = list(dict.fromkeys(cell.preset for cell in table.cells))
    chosen = st.segmented_control(
        t("Dataset"),
        there,
        format_func=lambda name: t(_datasets.get(name, name)),
        default=there[0],
        key=_DATASET,
        label_visibility="collapsed",
    )
    return there[0] if chosen is None else chosen


def say_architectures(table: Architectures, chosen: PresetName) -> None:
    """Whether rows are simulated, how many are tested, and which command prints it."""
    if chosen in _badges:
        st.badge(t(_badges[chosen]), color="yellow")
    trained = [one for cell in _cells(table, chosen) for one in cell.trained.values()]
    tested = trained[0].test if trained else {}
    positives = " · ".join(
        f"{plain(task_label(task))} {found.positives:,}"
        for task, found in tested.items()
        if found.positives is not None
    )
    rows = max((found.rows for found in tested.values()), default=0)
    counted = t(
        "{trainings} trainings; {rows} test rows, positives: {positives}",
        trainings=len(trained),
        rows=f"{rows:,}",
        positives=positives,
    )
    _say_origin(table, counted)


def named(aucs: pd.DataFrame) -> pd.DataFrame:
    """With the architectures' names."""
    return aucs.assign(kind=[kind_label(kind) for kind in aucs["kind"]])


def tasks(aucs: pd.DataFrame) -> list[str]:
    """In order."""
    return list(dict.fromkeys(aucs["task"]))


def architectures(table: Architectures, chosen: PresetName) -> Table:
    """One row per architecture that could be trained."""
    aucs = auc_table(table, chosen)
    against = auc_differences(aucs)
    rows = []
    for cell in _cells(table, chosen):
        kind = cell.config.model.kind
        if not cell.trained:
            continue
        pace = [one.rows_per_second for one in cell.trained.values()]
        row = {
            t("architecture"): kind_label(kind),
            t("experts' widths"): ", ".join(map(str, cell.config.model.expert_widths)),
            t("parameters"): f"{cell.parameters:,}",
            t("rows/s"): f"{sum(pace) / len(pace):,.0f}",
        }
        for task in tasks(aucs):
            found = aucs.loc[(aucs["kind"] == kind) & (aucs["task"] == task), "auc"]
            name = task_label(task)
            row[f"AUC {name}"] = f"{found.mean():.4f} ({found.min():.4f} – {found.max():.4f})"
            row[f"{name} − MMoE"] = _against(against.get((kind, task)))
        rows.append(row)
    return rows


def say_refusals(table: Architectures, chosen: PresetName) -> None:
    """What could not be trained on these rows, and why."""
    for cell in _cells(table, chosen):
        if cell.refusal is not None:
            st.caption(
                f"**{kind_label(cell.config.model.kind)}** – {translate_error(LabError.from_json(cell.refusal))}"
            )


def link_architectures(table: Architectures, chosen: PresetName) -> None:
    """Each architecture, to be trained and watched with these choices."""
    _links([cell.config for cell in _cells(table, chosen) if cell.trained])


def _links(configs: Iterable[RunConfig]) -> None:
    st.caption(t("Train one with these choices:"))
    with st.container(horizontal=True, gap="small"):
        for config in configs:
            label = kind_label(config.model.kind)
            st.page_link("train.py", label=label, query_params=to_flat(config), width="content")


def _cells(table: Architectures, chosen: PresetName) -> list[Cell]:
    return [cell for cell in table.cells if cell.preset == chosen]


def _say_origin(made: Made, counted: str) -> None:
    when = f"{made.finished_at:%Y-%m-%d}"
    st.caption(
        t(
            "{counted}. Threads: {threads}; torch {torch}; {date}. Printed by `{command}`",
            counted=counted,
            threads=made.num_threads,
            torch=made.torch,
            date=when,
            command=made.command,
        )
    )


def _against(difference: SeedDifference | None) -> str:
    if difference is None:
        return _NONE
    is_seen = difference.low is not None and difference.high is not None and not difference.low <= 0 <= difference.high
    return _signed(difference.mean) + ("" if is_seen else f" · {t('not distinguishable')}")


def _interval(low: float | None, high: float | None) -> str:
    return _NONE if low is None or high is None else f"{_signed(low)} … {_signed(high)}"


def _signed(number: float) -> str:
    return f"{round(number, 4) or 0.0:+.4f}".translate(_MINUS)  # never −0.0000
