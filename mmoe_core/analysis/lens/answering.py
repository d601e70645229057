"""Which topic answers which question."""

from __future__ import annotations

from .network import Network
from .questions import Answer, Question
from .routing import routing
from .trace import trace

__all__ = ["answer"]


def answer(network: Network, question: Question) -> Answer:
    """Work a question out.

    Raises:
        LabError: it cannot be asked of this network, with the reason.
    """
    match question.kind:
        case "trace":
            return trace(network, question)
        case "routing":
            return routing(network, question)
