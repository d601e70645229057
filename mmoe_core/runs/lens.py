"""Questions that need a run's network, asked from where there is no torch: a process answers, one question at a time.

Answers are kept with the run, `runs/ID/lens/*.json`: weights that are written do not change, nor does what is said of
them.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import PROJECT, home
from ..errors import LabError, RunError
from .networks import Weights, weights_at
from .store import Store

if TYPE_CHECKING:
    from ..analysis.lens import Answer, Question

__all__ = ["LENS", "Lens"]

_PROGRAM = (sys.executable, "-m", "mmoe_core", "lens")
_MOST_SECONDS = 30.0
_VERSION = 1  # of the answers: a higher number, and old ones are worked out anew


class Lens:
    """Where questions are asked.

    Args:
        program: The command that answers, to which its descriptor is added.
        seconds: How long an answer may take.
    """

    def __init__(self, program: Sequence[str] = _PROGRAM, *, seconds: float = _MOST_SECONDS) -> None:
        self._program, self._seconds = tuple(program), seconds
        self._asking = threading.Lock()
        self._worker: _Worker | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Let the process end with the block."""
        try:
            yield
        finally:
            self.close()

    def warm_up(self) -> None:
        """Have the process start, if it has not, so that it is ready when somebody asks; returns at once."""
        if self._asking.acquire(blocking=False):
            try:
                self._started(str(home()))
            finally:
                self._asking.release()

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._asking:
            self._end()

    def ask(self, store: Store, run_id: str, epoch: int | str, question: Question) -> Answer:
        """Ask of a run's network as it was after an epoch (0: untrained), or of its `best` weights so far.

        Raises:
            RunError: there is no such run, its weights were not kept, or the answer takes too long.
            DatasetError: its dataset is not there, or the question is about a row that it has not.
        """
        from ..analysis.lens import answer_from_json  # pandas: a trainer does without

        weights = weights_at(store, run_id, epoch)
        kept = _file(store.run_folder(run_id), weights, question)
        try:
            return answer_from_json(question, kept.read_bytes())
        except (FileNotFoundError, ValueError):
            pass
        with self._asking:
            text = self._asked(store, run_id, weights, question)
        found = answer_from_json(question, text)
        _keep(kept, text)
        return found

    def _asked(self, store: Store, run_id: str, weights: Weights, question: Question) -> str:
        order = {"run_id": run_id, "weights": list(weights), "question": question.model_dump(mode="json")}
        worker = self._started(str(store.folder.parent))
        try:
            said = worker.ask(json.dumps(order).encode(), self._seconds)
        except BaseException as error:  # also where somebody left the page: what comes now answers no later question
            self._end()
            match error:
                case TimeoutError():
                    raise RunError(
                        "Looking into run {run_id} took more than {seconds:g} seconds and was ended. Ask about fewer "
                        "rows, or look into a smaller network.",
                        run_id=run_id,
                        seconds=self._seconds,
                    ) from None
                case OSError() | ValueError():
                    raise RunError(
                        "The process that looks into networks ended while it looked into run {run_id}: it may have "
                        "needed more memory than there is. The server's log says more.",
                        run_id=run_id,
                    ) from None
            raise
        if "error" in said:
            raise LabError.from_json(json.dumps(said["error"]))
        return json.dumps(said["answer"], separators=(",", ":"))

    def _started(self, place: str) -> _Worker:
        if self._worker is None or not self._worker.serves(place):
            self._end()
            self._worker = _Worker(self._program, place)
        return self._worker

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.end()
        self._worker = None


class _Worker:
    """The process, and this end of the pair of sockets."""

    def __init__(self, program: Sequence[str], place: str) -> None:
        self._place = place
        self._line, theirs = socket.socketpair()
        self._pipe = self._line.makefile("rwb")
        with theirs:
            self._process = subprocess.Popen(
                [*program, str(theirs.fileno())],
                cwd=PROJECT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MMOE_HOME": place},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )

    def serves(self, place: str) -> bool:
        return self._place == place and self._process.poll() is None

    def ask(self, order: bytes, seconds: float) -> dict[str, object]:
        self._line.settimeout(seconds)
        self._pipe.write(order + b"\n")
        self._pipe.flush()
        said: dict[str, object] = json.loads(self._pipe.readline())
        return said

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._line.close()


def _file(folder: Path, weights: Weights, question: Question) -> Path:
    asked = hashlib.sha256(question.model_dump_json().encode()).hexdigest()[:16]
    return folder / "lens" / f"{question.kind}-{weights.checkpoint}-{weights.group}-{asked}-{_VERSION}.json"


def _keep(file: Path, text: str) -> None:
    """Whole or not at all; not worth a sync, since it can be asked again."""
    file.parent.mkdir(exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


LENS = Lens()  # of this process
