"""The wire on which ranks say little, wait long, and notice a death.

Rank 0 has a TCP connection to every other rank. The kernel closes a killed process's end at once, and asks after a
silent machine's (keep-alive), so nobody waits for the dead, while nobody who waits for a paused run is ever timed out:
numbers go by gloo, pauses by this. Messages are JSON, one per line.
"""

from __future__ import annotations

import _thread
import hmac
import json
import os
import queue
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from ..errors import LabError, RankLost

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

__all__ = ["Lifeline", "address_towards", "meet"]

_KEY = "mmoe-lab/rank-0"
_POLL_S = 0.1
_LAST_WORDS_S = 5.0  # between a broken exchange and knowing who broke it
_ALARM = signal.SIGUSR1
_ORPHANED = 3  # exit code
_KEEP_ALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 30_000))


class Lifeline:
    """One rank's end.

    Rank 0 learns of a loss by an exception wherever its main thread is (inside `alarmed`), another rank ends at once
    when rank 0 is gone.

    Args:
        rank: This process's.
        count: Of all ranks.
        wires: Rank → its connection; another rank than 0 has one, to rank 0.
        hosts: Rank → the name of its machine.
    """

    def __init__(self, rank: int, count: int, wires: Mapping[int, socket.socket], hosts: Mapping[int, str]) -> None:
        self.rank, self.count = rank, count
        self._wires, self._hosts = wires, hosts
        self._heard: dict[int, queue.SimpleQueue[Any]] = {other: queue.SimpleQueue() for other in wires}
        self._loss: LabError | None = None
        self._is_said = False  # the loss, to the main thread
        self._finished: set[int] = set()
        for other in wires:
            threading.Thread(target=self._listen, args=(other,), daemon=True, name=f"rank {other}").start()

    def tell(self, message: object) -> None:
        """Say something to everybody at the other end."""
        line = json.dumps(message, allow_nan=False).encode() + b"\n"
        for wire in self._wires.values():
            with suppress(OSError):  # a death, which `_listen` hears of
                wire.sendall(line)

    def hear(self, other: int = 0) -> Any:
        """What a rank says next, however long that takes.

        Raises:
            RankLost: it is gone, or another one; or the error that it ended with.
        """
        while True:
            try:
                return self._heard[other].get(timeout=_POLL_S)
            except queue.Empty:
                if self._loss is not None:
                    raise self.loss() from None

    def finish(self) -> None:
        """Say that this rank has done its part, and may go."""
        self.tell({"done": True})
        self._finished.add(0)

    def fail(self, error: LabError) -> None:
        """Say why this rank cannot go on; rank 0 raises it."""
        self.tell({"error": error.to_json()})

    def lose(self, error: LabError) -> None:
        """There is no going on, for a reason that another thread has found: interrupt the main thread with it."""
        self._loss = self._loss or error
        _thread.interrupt_main(_ALARM)  # nothing happens outside `alarmed`

    def loss(self) -> LabError:
        """Why an exchange broke."""
        deadline = time.monotonic() + _LAST_WORDS_S
        while self._loss is None and time.monotonic() < deadline:
            time.sleep(_POLL_S / 10)
        self._is_said = True
        return self._loss or RankLost(
            "The connection between the {count} ranks broke, and nobody knows whose. The last checkpoint is kept: "
            "resume the run to go on from there.",
            count=self.count,
        )

    @contextmanager
    def alarmed(self) -> Iterator[None]:
        """Inside, a loss is raised in the main thread at once; at its end the wires are cut."""
        is_main = threading.current_thread() is threading.main_thread()
        before = signal.signal(_ALARM, self._raise) if is_main else None
        try:
            yield
        finally:
            self._is_said = True  # what comes now is the end of all
            self._finished |= self._wires.keys()
            if is_main:
                signal.signal(_ALARM, before)
            for wire in self._wires.values():
                with suppress(OSError):
                    wire.shutdown(socket.SHUT_RDWR)
                wire.close()

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if not self._is_said:
            raise self.loss()

    def _listen(self, other: int) -> None:
        with suppress(OSError, ValueError), self._wires[other].makefile("rb") as lines:
            for line in lines:
                match json.loads(line):
                    case {"done": True}:
                        self._finished.add(other)
                    case {"error": str(error)}:
                        self.lose(LabError.from_json(error))
                    case message:
                        self._heard[other].put(message)
        if other in self._finished:
            return
        if self.rank != 0:
            sys.stderr.write(f"Rank {self.rank} ends: rank 0 is gone.\n")
            sys.stderr.flush()
            os._exit(_ORPHANED)
        self.lose(
            RankLost(
                "Rank {rank} of {count} (on {host}) is gone: it was killed, or its machine cannot be reached. "
                "The other ranks were ended. The last checkpoint is kept: resume the run to go on from there.",
                rank=other,
                count=self.count,
                host=self._hosts[other],
            )
        )


def meet(store: Store, rank: int, count: int, address: str, while_waiting: Callable[[], None]) -> Lifeline:
    """Wait until every rank is there, and be connected.

    Args:
        store: Where rank 0 says how it is reached.
        rank: This process's.
        count: Of all ranks.
        address: Of this machine, as the others reach it.
        while_waiting: Called again and again; may raise.
    """
    if rank == 0:
        door = _Door(address)
        store.set(_KEY, json.dumps([address, door.port, door.token]))
        return door.gather(count, while_waiting)
    while not store.check([_KEY]):
        while_waiting()
        time.sleep(_POLL_S)
    address, port, token = json.loads(store.get(_KEY))
    return _knock(address, port, token, rank, count)


def address_towards(address: str) -> str:
    """This machine's address on the network that leads to another one."""
    family, kind, _, _, place = socket.getaddrinfo(address, 9, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as probe:
        probe.connect(place)  # of a datagram socket: nothing is sent
        return str(probe.getsockname()[0])


class _Door:
    """Where rank 0 waits for the others to come.

    Args:
        address: Of this machine, as the others reach it.
    """

    def __init__(self, address: str) -> None:
        self._socket = socket.create_server((address, 0))
        self._socket.settimeout(_POLL_S)
        self.token = secrets.token_hex(16)
        self.port: int = self._socket.getsockname()[1]

    def gather(self, count: int, while_waiting: Callable[[], None]) -> Lifeline:
        """Wait until all other ranks have come in.

        Args:
            count: Of all ranks.
            while_waiting: Called again and again; may raise.
        """
        wires: dict[int, socket.socket] = {}
        hosts: dict[int, str] = {}
        with self._socket:
            while len(wires) < count - 1:
                while_waiting()
                with suppress(TimeoutError):
                    wire, _ = self._socket.accept()
                    rank, host = self._greeted(wire)
                    if 0 < rank < count and rank not in wires:
                        wires[rank], hosts[rank] = wire, host
                    else:
                        wire.close()
        return Lifeline(0, count, wires, hosts)

    def _greeted(self, wire: socket.socket) -> tuple[int, str]:
        """The rank and machine of who came in; −1 for a stranger."""
        wire.settimeout(1.0)
        with suppress(OSError, ValueError, KeyError, TypeError):
            hello = json.loads(_first_line(wire))
            if hmac.compare_digest(str(hello["token"]), self.token):
                _kept_alive(wire)
                return int(hello["rank"]), str(hello["host"])[:80]
        return -1, ""


def _knock(address: str, port: int, token: str, rank: int, count: int) -> Lifeline:
    """Come in at rank 0's door."""
    wire = socket.create_connection((address, port), timeout=60)
    hello = {"rank": rank, "token": token, "host": socket.gethostname()}
    wire.sendall(json.dumps(hello).encode() + b"\n")
    _kept_alive(wire)
    return Lifeline(rank, count, {0: wire}, {0: address})


def _first_line(wire: socket.socket) -> bytes:
    """Read no further than the line's end: what follows is for `Lifeline`."""
    line = b""
    while not line.endswith(b"\n") and len(line) < 400 and (letter := wire.recv(1)):
        line += letter
    return line


def _kept_alive(wire: socket.socket) -> None:
    wire.settimeout(None)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _KEEP_ALIVE:
        if hasattr(socket, name):  # Linux; macOS asks after two hours
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
