"""One forward pass with all that lies between: what every bank reads and says, and the gates' logits.

Shape suffixes in this file:
    B batch   D input width   M members of a bank   O width of a layer   R readers   E experts   H expert output width
    T tasks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from torch import Tensor, nn

from .banks import Bank
from .network import MultiTaskModel
from .output import MultiTaskOutput

__all__ = ["Followed", "FollowedBank", "follow", "hooked"]


@dataclass(frozen=True)
class FollowedBank:
    """What a bank was given and what it made of it.

    Attributes:
        bank: Who.
        names: Of its members: experts, or the tasks whose towers they are.
        read: For all of them, (B, I), or for each, (M, B, I).
        said_MBO: Before the ReLU that may follow.
    """

    bank: Bank
    names: tuple[str, ...]
    read: Tensor
    said_MBO: Tensor

    def layers(self) -> Iterator[Tensor]:
        """What each layer says before its ReLU, (M, B, O), computed once more."""
        x = self.read
        for number in range(len(self.bank.biases_MO)):
            x = self.bank.layer(number, x)
            yield x


@dataclass(frozen=True)
class Followed:
    """A forward pass.

    Attributes:
        experts: Of each level.
        logits_BRE: Of each level's gates.
        towers_TBH: What each task's tower reads.
        towers: Banks of towers of equal shape.
        output: What came out.
    """

    experts: tuple[FollowedBank, ...]
    logits_BRE: tuple[Tensor, ...]
    towers_TBH: Tensor
    towers: tuple[FollowedBank, ...]
    output: MultiTaskOutput


def follow(model: MultiTaskModel, x_BD: Tensor) -> Followed:
    """Score embedded rows and keep what lies between; the graph too, where one is built."""
    experts, logits, towers, reads = list[FollowedBank](), list[Tensor](), list[FollowedBank](), list[Tensor]()
    with ExitStack() as hooks:
        for level, bank, gates in zip(model.levels, model.experts, model.gates, strict=True):
            hooks.enter_context(hooked(bank, _noting(experts, level.experts)))
            hooks.enter_context(hooked(gates, lambda _module, _read, said_BRE: logits.append(said_BRE)))
        for bank, tasks in zip(model.towers.banks, model.towers.tasks_of_bank, strict=True):
            hooks.enter_context(hooked(bank, _noting(towers, tuple(model.tasks[task] for task in tasks))))
        hooks.enter_context(hooked(model.towers, lambda _module, read, _said: reads.append(read[0])))
        output = model.score(x_BD)
    return Followed(tuple(experts), tuple(logits), reads[0], tuple(towers), output)


@contextmanager
def hooked(module: nn.Module, hook: Callable[..., Tensor | None]) -> Iterator[None]:
    """Let a hook see, or replace, what a module returns, inside the block; as `register_forward_hook`."""
    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def _noting(into: list[FollowedBank], names: tuple[str, ...]) -> Callable[..., None]:
    def note(bank: Bank, read: tuple[Tensor, ...], said_MBO: Tensor) -> None:
        into.append(FollowedBank(bank, names, read[0], said_MBO))

    return note
