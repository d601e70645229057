"""The terminal, called in this process; and one real run, trained once for all tests that only look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mmoe_core.commands import main
from mmoe_core.runs import Store

TINY = ("--set", "data.num_rows=4000", "--set", "train.epochs=2", "--set", "train.batch_size=256")


@dataclass(frozen=True)
class Answer:
    """What a verb left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The object on the last line, read strictly."""

        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        return json.loads(self.out.splitlines()[-1], parse_constant=refuse)


class Terminal:
    """`python -m mmoe_core ARGUMENTS` without a new process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Answer:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Answer(ended.value.code, said.out, said.err)


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished classroom run."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMOE_HOME", str(home))
        with pytest.raises(SystemExit) as ended:
            main(["train", "--preset", "classroom", *TINY, "--name", "the tiny one", "--json"])
        assert ended.value.code == 0
    return home


@pytest.fixture
def trained(trained_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The finished run's id, in its home."""
    monkeypatch.setenv("MMOE_HOME", str(trained_home))
    return Store().rows()[0].run_id
