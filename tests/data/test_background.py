"""Jobs that go on while nobody looks."""

from __future__ import annotations

import threading

import pytest

from mmoe_core.data import BackgroundJob, Board, Progress, background
from mmoe_core.data.importing import IsCancelled
from mmoe_core.data.progress import OnProgress
from mmoe_core.errors import DatasetError


def half(step: int = 1, share: float = 0.5) -> Progress:
    return Progress(stage="Writing the dataset", step=step, num_steps=2, share=share)


def until_cancelled(on_progress: OnProgress, is_cancelled: IsCancelled) -> str:
    on_progress(half())
    while not is_cancelled():
        threading.Event().wait(0.01)
    raise DatasetError("Reading '{file}' was cancelled. Nothing was imported.", file="a.csv")


def test_a_job_that_finishes_keeps_its_result_and_what_it_last_said() -> None:
    def work(on_progress: OnProgress, is_cancelled: IsCancelled) -> str:
        on_progress(half(step=2))
        assert not is_cancelled()
        return "made"

    board: Board[str] = Board()
    job = board.start("mine", work)
    job.wait(10)
    assert (job.state, job.result, job.error, job.progress) == ("finished", "made", None, half(step=2))
    assert board.find("mine") is job
    assert board.jobs() == [job]
    board.dismiss("mine")
    assert board.find("mine") is None


def test_a_job_ends_when_it_is_cancelled_and_says_so() -> None:
    board: Board[str] = Board()
    job = board.start("mine", until_cancelled)
    board.dismiss("mine")
    assert board.find("mine") is job  # only what has ended can be forgotten
    job.cancel()
    job.wait(10)
    assert job.state == "cancelled"
    assert "was cancelled" in str(job.error)


def test_a_refusal_is_kept_as_it_was_said() -> None:
    def work(*_: object) -> str:
        raise DatasetError("{file} is empty.", file="a.csv")

    job = Board[str]().start("mine", work)
    job.wait(10)
    assert (job.state, str(job.error)) == ("failed", "a.csv is empty.")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_is_a_sentence_too_and_goes_to_the_log() -> None:
    def work(*_: object) -> str:
        raise ZeroDivisionError

    job = Board[str]().start("mine", work)
    job.wait(10)
    assert job.state == "failed"
    assert "'mine' ended unexpectedly" in str(job.error)


def test_what_is_being_made_is_not_made_twice_and_what_has_ended_gives_way() -> None:
    board: Board[str] = Board()
    first = board.start("mine", until_cancelled)
    other = board.start("other", until_cancelled)
    with pytest.raises(DatasetError, match="'mine' is being made at this moment"):
        board.start("mine", until_cancelled)
    assert board.jobs() == [other, first]
    for job in (first, other):
        job.cancel()
        job.wait(10)
    again = board.start("mine", lambda *_: "made")
    again.wait(10)
    assert board.find("mine") is again


def test_only_the_newest_ended_jobs_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_MOST_KEPT", 3)
    board: Board[str] = Board()
    for number in range(6):
        board.start(str(number), lambda *_: "made").wait(10)
    assert [job.key for job in board.jobs()] == ["5", "4", "3"]


def test_the_time_left_is_that_of_the_step_at_its_own_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(background, "monotonic", lambda: now[0])
    job = BackgroundJob("mine", lambda *_: "made")
    job.wait(10)
    assert job.seconds_left() is None
    for at, progress in [(0, half(1, 0.2)), (30, half(1, 0.5))]:
        now[0] = at
        job._hear(progress)
    assert job.seconds_left() == pytest.approx(50)  # .3 took 30 seconds, .5 is left
    now[0] = 31
    job._hear(half(2, 0.0))
    assert job.seconds_left() is None  # another step: its pace is not known yet
