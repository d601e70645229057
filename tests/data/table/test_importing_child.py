from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mmoe_core.data import (
    Progress,
    ali_ccp_csv,
    import_in_child,
    import_table_in_child,
    importing,
    look_in_child,
    open_dataset,
)
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from mmoe_core.data.parts import Part, sweep_parts
from mmoe_core.data.table import TableMapping
from mmoe_core.data.table.making import STAGES
from mmoe_core.errors import DatasetError

Log = Callable[[int], pd.DataFrame]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    return tmp_path


def test_a_look_and_an_import_happen_in_a_child(home: Path, log: Log, mapping: TableMapping) -> None:
    log(600).to_csv(home / "mine.csv", index=False)
    assert look_in_child(home / "mine.csv").num_rows == 600
    told: list[Progress] = []
    dataset = import_table_in_child(home / "mine.csv", mapping, home / "datasets" / "mine", on_progress=told.append)
    assert sum(dataset.manifest.rows.values()) == 600
    assert [progress.stage for progress in told if progress.step == 1][:1] == [STAGES[1]]
    assert told[-1].stage == STAGES[-1]


def test_a_refusal_comes_back_as_it_was_said(home: Path, mapping: TableMapping) -> None:
    (home / "empty.csv").write_text("user,item\n")
    with pytest.raises(DatasetError, match=r"empty\.csv has no column 'price'") as caught:
        import_table_in_child(home / "empty.csv", mapping, home / "datasets" / "mine")
    assert caught.value.values["column"] == "price"


def test_the_layout_of_ali_ccp_goes_the_same_way(home: Path) -> None:
    rows = {name: [index % 2 for index in range(200)] for name in LABEL_NAMES}
    rows |= {name: [index % 50 for index in range(200)] for name in (*ID_NAMES, *VALUE_NAMES)}
    pd.DataFrame(rows).to_csv(home / "all.csv", index=False)
    told: list[Progress] = []
    assert import_in_child(home / "all.csv", "mine", on_progress=told.append).name == "mine"
    assert list(dict.fromkeys(progress.stage for progress in told)) == list(ali_ccp_csv.STAGES)
    for name in ("../up", "a/b"):
        with pytest.raises(DatasetError, match="cannot be a dataset's name"):
            import_in_child(home / "all.csv", name)


def test_too_little_memory_is_a_sentence(
    home: Path, log: Log, mapping: TableMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(10).to_csv(home / "mine.csv", index=False)
    program = (
        "import resource, sys; sys.stdin.read(); resource.setrlimit(resource.RLIMIT_AS, (10**8,) * 2); bytes(10**9)"
    )
    monkeypatch.setattr(importing, "_COMMAND", [sys.executable, "-c", program])
    with pytest.raises(DatasetError, match="needed more memory than the 4 GB"):
        look_in_child(home / "mine.csv")


@pytest.mark.parametrize("how", ["time", "cancel"])
def test_a_child_that_takes_too_long_or_is_cancelled_is_ended_and_leaves_nothing(
    home: Path, log: Log, mapping: TableMapping, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    log(10).to_csv(home / "mine.csv", index=False)
    place = home / "datasets" / "mine"
    half = Progress(stage="Writing the dataset", step=1, num_steps=1, share=0.5).model_dump_json()
    program = (
        "import sys, time; sys.stdin.read(); from pathlib import Path; from mmoe_core.data.parts import Part;"
        f"part = Part(Path({str(place)!r})); (part.path / 'half').write_text('x');"
        f"print({half!r}, flush=True); time.sleep(60)"
    )
    monkeypatch.setattr(importing, "_COMMAND", [sys.executable, "-c", program])
    has_begun: list[Progress] = []
    if how == "time":
        monkeypatch.setattr(importing, "monotonic", lambda: 1e9 if has_begun else 0.0)
    with pytest.raises(DatasetError, match="was cancelled" if how == "cancel" else "took more than 300 seconds"):
        import_table_in_child(
            home / "mine.csv",
            mapping,
            place,
            on_progress=has_begun.append,
            is_cancelled=lambda: how == "cancel" and bool(has_begun),
        )
    assert list((home / "datasets").iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    left = tmp_path / ".mine.0123abcd.part"
    left.mkdir()
    (left / "half").write_text("x")
    other = tmp_path / ".mine.part"  # not of ours
    other.mkdir()
    program = (
        "import sys; from pathlib import Path; from mmoe_core.data.parts import Part;"
        "part = Part(Path(sys.argv[1])); print(part.path, flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "mine")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout is not None
        held = Path(writer.stdout.readline().strip())
        assert not left.exists()  # swept by the next maker
        assert sweep_parts(tmp_path) == 0
        assert held.is_dir()
    finally:
        writer.kill()
        writer.communicate()
    assert sweep_parts(tmp_path) == 1
    assert not held.exists()
    assert other.is_dir()


def test_a_part_is_gone_when_it_is_released(tmp_path: Path) -> None:
    part = Part(tmp_path / "mine")
    part.release()
    part.release()
    assert list(tmp_path.iterdir()) == []


def test_a_finished_import_is_open_to_all(home: Path, log: Log, mapping: TableMapping) -> None:
    log(600).to_csv(home / "mine.csv", index=False)
    import_table_in_child(home / "mine.csv", mapping, home / "datasets" / "mine")
    assert open_dataset(home / "datasets" / "mine").schema.task_names == ("click", "purchase")
    assert [path.name for path in (home / "datasets").iterdir()] == ["mine"]
