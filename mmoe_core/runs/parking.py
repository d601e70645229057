"""A trainer that waits, imported and warm, to become the next run: what a click then waits for is its first step.

A server keeps at most one. It holds no slot, no lock and no store; at last it is handed what a cold start inherits, the
run's lock and its log. The two talk over a pair of sockets: when the server ends, however it does, its end closes, and
who still waits goes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from ..config import PROJECT
from .lock import Lock
from .worker import LOCK_VARIABLE

__all__ = ["PARKING", "Parking", "wait_to_be_needed"]

_PROGRAM = (sys.executable, "-m", "mmoe_core", "parked")
_READY, _TAKEN = b"r", b"t"
_ANSWER_S = 1.0  # a waiting process answers in a millisecond; one that does not is not waited for
_MOST_BYTES = 65_536


class Parking:
    """Where one trainer waits, for as long as somebody keeps the place.

    Args:
        program: The command that waits, to which its descriptor is added.
    """

    def __init__(self, program: Sequence[str] = _PROGRAM) -> None:
        self._program = tuple(program)
        self._changing = threading.Lock()
        self._is_kept = False
        self._parked: _Parked | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep a trainer parked inside the block."""
        self._is_kept = True
        self.park()
        try:
            yield
        finally:
            with self._changing:
                self._is_kept = False
                if self._parked is not None:
                    self._parked.let_go()
                self._parked = None

    def park(self) -> None:
        """See to it that one waits, where the place is kept.

        Called at a server's start and whenever one of its runs has ended: a trainer that warms up beside a run that
        begins would take the core from it.
        """
        with self._changing:
            if self._is_kept and (self._parked is None or not self._parked.is_alive):
                self._parked = _Parked(self._program)

    def hand_over(
        self, run_id: str, lock: Lock, log: IO[bytes], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes] | None:
        """Let the trainer that waits become a run.

        Args:
            run_id: The run.
            lock: Its lock, which is never free in between.
            log: Where what the process says goes from now on.
            environment: What it shall find there beside its own.

        Returns:
            The run's process; None where nobody waits, or nobody who is warm: then somebody has to be started.
        """
        with self._changing:
            parked = self._parked
            if parked is None or not parked.is_ready:
                return None
            self._parked = None
        return parked.process if parked.become(run_id, lock, log, environment) else None


class _Parked:
    """One process that waits."""

    def __init__(self, program: Sequence[str]) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [*program, str(theirs.fileno())],
                cwd=PROJECT,
                env=os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},  # read when torch is loaded
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )
        self._is_warm = False

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        if not self._is_warm:
            try:
                self._is_warm = self._line.recv(1, socket.MSG_DONTWAIT) == _READY
            except OSError:  # it has said nothing yet, or is gone
                return False
        return self._is_warm and self.is_alive

    def become(self, run_id: str, lock: Lock, log: IO[bytes], environment: Mapping[str, str]) -> bool:
        order = json.dumps({"run_id": run_id, "environment": dict(environment)}).encode()
        self._line.settimeout(_ANSWER_S)
        try:
            socket.send_fds(self._line, [order], [lock.descriptor, log.fileno()])
            if self._line.recv(1) == _TAKEN:
                return True
        except OSError:
            pass
        finally:
            self._line.close()
        self.process.kill()  # whatever it was handed goes with it
        self.process.wait()
        return False

    def let_go(self) -> None:
        self._line.close()  # heard as soon as it waits
        self.process.kill()
        self.process.wait()


PARKING = Parking()  # of this process: of a server, or empty


def wait_to_be_needed(descriptor: int, warm_up: Callable[[], None]) -> str | None:
    """The other side: get warm, say so, and wait.

    Args:
        descriptor: This process's end of the pair.
        warm_up: Loads what a run needs.

    Returns:
        The run that this process is from now on, with its lock, log and environment in place; None where nobody is
        there any more who could need it.
    """
    with socket.socket(fileno=descriptor) as line:
        warm_up()
        try:
            line.sendall(_READY)
            order, descriptors, *_ = socket.recv_fds(line, _MOST_BYTES, 2)
            if not order:
                return None
            lock, log = descriptors
            wanted = json.loads(order)
            os.environ.update({**wanted["environment"], LOCK_VARIABLE: str(lock)})
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
                os.dup2(log, stream.fileno())
            os.close(log)
            line.sendall(_TAKEN)
        except ConnectionError:
            return None
    run_id: str = wanted["run_id"]
    return run_id
