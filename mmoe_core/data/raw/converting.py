"""The four raw files of Ali-CCP become a dataset: streaming, in bounded memory, after a kill from where it was.

1. impressions of train and test, 2. the sessions they belong to: text → numbers, spilled to a work folder, counted;
3. vocabularies and scaling from train's counts; 4. numbers → dataset. Validation is a tenth of train's sessions.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ...errors import DatasetError
from ..dataset import Dataset, open_dataset
from ..manifest import DataWarning, Dropped, SplitName
from ..writing import DatasetWriter
from .encoding import Encoder, raw_schema
from .layout import PARTS, Part, raw_files
from .options import RawOptions
from .published import compare, verdict
from .reading import FIELDS, PartRead, Reader
from .tally import Tally, Vocabulary
from .watching import WRITING, Cancelled, Silent, Watcher

__all__ = ["convert_raw", "work_folder"]

_VERSION = 1  # of what lies in a work folder
_VALUED = ("109_14", "110_14", "127_14", "150_14", "210", "508", "509", "702", "853")
_SPLITS_OF: dict[Part, tuple[SplitName, ...]] = {"train": ("train", "validation"), "test": ("test",)}


def convert_raw(raw: Path, out: Path, options: RawOptions | None = None, *, watcher: Watcher | None = None) -> Dataset:
    """Convert the raw Ali-CCP log.

    A folder `.NAME.work` stands beside the dataset while it is made. It survives a kill or a cancellation, and the next
    conversion of the same files with the same options goes on from its last complete stage.

    Args:
        raw: The folder with the four files; .gz too.
        out: The dataset folder to be; it must not be there.
        options: The choices.
        watcher: Told the progress; may end it.

    Raises:
        DatasetError: names file, line, column and remedy; nothing is left behind.
        Cancelled: the watcher asked for it.
    """
    options, watcher = options or RawOptions(), watcher or Silent()
    if out.exists():
        raise DatasetError("{folder} is already there. Choose a folder that is not, or delete it.", folder=out.name)
    plan = _plan(raw, options)
    work = work_folder(out)
    with _held(work):
        try:
            _take_up(work, plan)
            _convert(raw, work, options, watcher)
            (work / "dataset").rename(out)
        except (Cancelled, KeyboardInterrupt):
            raise
        except BaseException as error:
            shutil.rmtree(work, ignore_errors=True)
            if isinstance(error, OSError):
                raise DatasetError(
                    "'{folder}' could not be written: {reason}. While it works, a conversion needs about as much room "
                    "as the raw files have. Make room, or choose another place. Nothing was imported.",
                    folder=out.name,
                    reason=error.strerror or str(error),
                ) from None
            raise
        shutil.rmtree(work, ignore_errors=True)
    return open_dataset(out)


@contextlib.contextmanager
def _held(work: Path) -> Iterator[None]:
    """Two conversions into one folder would write over each other: the second one is refused.

    A kernel lock, so that it ends with the process however that ends.
    """
    work.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(work, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatasetError(
                "Another conversion into '{folder}' is going on. Wait until it has ended, or choose another folder.",
                folder=work.name.removeprefix(".").removesuffix(".work"),
            ) from None
        yield
    finally:
        os.close(descriptor)


def work_folder(out: Path) -> Path:
    """What stands beside a dataset while it is made, and is kept when the conversion is ended early."""
    return out.parent / f".{out.name}.work"


def _plan(raw: Path, options: RawOptions) -> str:
    """What a work folder must have been made from to be of use."""
    stamps = [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in raw_files(raw)]
    return json.dumps({"version": _VERSION, "options": options.model_dump(exclude={"num_threads"}), "files": stamps})


def _take_up(work: Path, plan: str) -> None:
    path = work / "plan.json"
    is_of_use = path.is_file() and path.read_text(encoding="utf-8") == plan
    if not is_of_use:
        path.unlink(missing_ok=True)  # first, since a kill in between must not leave half of what it promises
    for left in work.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif not is_of_use:
            left.unlink()
    path.write_text(plan, encoding="utf-8")


def _convert(raw: Path, work: Path, options: RawOptions, watcher: Watcher) -> None:
    reader, tally = Reader(raw, work, options, watcher), Tally(FIELDS)
    parts = {part: reader.read(part, tally) for part in PARTS}
    vocabulary = Vocabulary(tally, options.min_frequency)
    scaling = {field: tally.scaling(field) for field in _VALUED}
    schema = raw_schema(vocabulary, options)
    labels = {field: known.astype(str) for field, known in vocabulary.known.items()}
    total = sum(part.counted["kept"] for part in parts.values())
    with DatasetWriter(work / "dataset", schema, labels) as writer:
        done = 0
        for name, part in parts.items():
            encoder = Encoder(part, _SPLITS_OF[name], vocabulary, scaling, options)
            if not options.single_value:
                for split, table in encoder.sessions():
                    writer.append_sessions(split, table)
            for count, tables in encoder.rows():
                for split, table in tables:
                    writer.append(split, table)
                done += count
                watcher.progress(WRITING, done, total)
                if watcher.is_cancelled():
                    raise Cancelled
        comparisons = compare({name: part.counted for name, part in parts.items()}, is_sample=options.sample < 1)
        dropped = sum(part.counted["dropped"] for part in parts.values())
        writer.finish(
            "Converted from the raw files of Ali-CCP.",
            source_checksums={file: digest for part in parts.values() for file, digest in part.sha256.items()},
            scaling=scaling | {f"D{field}": of for field, of in scaling.items() if field != "210"},
            dropped=[Dropped(reason="A purchase without a click.", rows=dropped)] if dropped else (),
            warnings=[warning for name, part in parts.items() for warning in _warnings(name, part)],
            comparisons=comparisons,
            verdict=verdict(comparisons, options.sample),
        )


def _warnings(name: Part, part: PartRead) -> list[DataWarning]:
    """What is odd, but no reason to stop."""

    def place(oddity: str) -> dict[str, str | int | float]:
        return {"count": part.counted[oddity], "part": name, "line": part.first.get(oddity, 0)}

    lost = {"rows": part.counted["rows_without_user"], "keys": part.counted["keys_without_user"], "part": name}
    of_oddity = {
        "unknown": DataWarning(
            template="{count:,} features of fields that Ali-CCP does not have were left out ({part}, first after line "
            "{line:,}).",
            values=place("unknown"),
        ),
        "miscounted": DataWarning(
            template="On {count:,} lines feature_num is not the number of features ({part}, first on line {line:,}); "
            "the features that are there were used.",
            values=place("miscounted"),
        ),
        "unended": DataWarning(
            template="The last line has no line end ({part}, line {line:,}), so its last value may be cut short.",
            values=place("unended"),
        ),
        "twice": DataWarning(
            template="{count:,} sessions have more than one line of common features ({part}, first after line "
            "{line:,}); the first was used.",
            values=place("twice"),
        ),
        "rows_without_user": DataWarning(
            template="{rows:,} rows ({part}) name {keys:,} sessions that the common features do not have; they "
            "were kept, their user fields missing.",
            values=lost,
        ),
    }
    return [warning for oddity, warning in of_oddity.items() if part.counted[oddity]]
