"""Which topic answers which question."""

from __future__ import annotations

from .asked import Contributions, Examine, Experts, Operate, Routing, RowRouting, Trace
from .contributions import contributions
from .examine import examine
from .experts import experts
from .network import Network
from .operate import operate
from .questions import Answer, Question
from .routing import routing, row_routing
from .trace import trace

__all__ = ["answer"]


def answer(network: Network, question: Question) -> Answer:
    """Work a question out.

    Raises:
        LabError: it cannot be asked of this network, with the reason.
    """
    match question:
        case Trace():
            return trace(network, question)
        case Contributions():
            return contributions(network, question)
        case Operate():
            return operate(network, question)
        case Examine():
            return examine(network)
        case Routing():
            return routing(network)
        case RowRouting():
            return row_routing(network, question)
        case Experts():
            return experts(network, question)
