"""A run as an MLflow run, written by MLflow's own client: `mlflow ui --backend-store-uri sqlite:///FOLDER/mlflow.db`."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ..config import to_flat
from .ended import EndedRun
from .scalars import scalars

__all__ = ["DATABASE", "EXPERIMENT", "write_mlflow"]

DATABASE = "mlflow.db"
EXPERIMENT = "MMoE Lab"
_AT_ONCE = 1_000  # metrics in one call, at most
_MOST_PARAM_CHARACTERS = 6_000
Item = TypeVar("Item")


def write_mlflow(run: EndedRun, folder: Path) -> None:
    """Write the choices as parameters, and every number that the run said as metrics.

    Args:
        run: The run.
        folder: Where the tracking database shall be.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing leaves this machine unasked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its libraries tell each other
        from mlflow.entities import Metric, Param, RunTag
        from mlflow.tracking import MlflowClient

        place = f"sqlite:///{folder / DATABASE}"
        client = MlflowClient(tracking_uri=place, registry_uri=place)
        experiment = client.create_experiment(EXPERIMENT, artifact_location=(folder / "artifacts").as_uri())
        started = _milliseconds(run.row.started_at or run.row.created_at)
        mlflow_id = client.create_run(
            experiment, start_time=started, run_name=run.row.name or run.row.run_id
        ).info.run_id
        params = [
            Param(_name(path.split(".")), value[:_MOST_PARAM_CHARACTERS])
            for path, value in to_flat(run.row.config).items()
        ]
        tags = [RunTag("mmoe_run_id", run.row.run_id), RunTag("mmoe_end", run.end.reason)]
        client.log_batch(mlflow_id, params=params, tags=tags)
        metrics = (
            Metric(_name(point.parts), point.value, round(point.seconds * 1000), point.step) for point in scalars(run)
        )
        for some in _batches(metrics):
            client.log_batch(mlflow_id, metrics=some)
        client.set_terminated(mlflow_id, end_time=_milliseconds(run.row.ended_at or run.row.created_at))


def _name(parts: Iterable[str]) -> str:
    """A name as MLflow takes it: what is no letter, digit, dash or blank in a part becomes an underscore."""
    return "/".join(re.sub(r"[^\w\- ]", "_", part) for part in parts)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(items)
    while some := list(islice(waiting, _AT_ONCE)):
        yield some
