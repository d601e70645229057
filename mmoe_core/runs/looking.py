"""The lens's own process: it has torch, loads networks, and answers questions of them, one line each way.

A line asks `{"run_id", "weights": [checkpoint, group], "question"}` and is answered `{"answer"}` or `{"error"}`.
"""

from __future__ import annotations

import json
import socket
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import LabError, RunError
from .networks import Weights, network_in
from .store import Store

if TYPE_CHECKING:
    from ..analysis.lens.network import Network

__all__ = ["answer_questions"]


def answer_questions(descriptor: int) -> None:
    """Answer until whoever asks is gone.

    Args:
        descriptor: This process's end of a pair of sockets.
    """
    import torch

    from ..analysis.lens import answering, questions  # noqa: F401 - loaded now, so that the first answer is quick

    torch.set_num_threads(1)
    with socket.socket(fileno=descriptor) as line, line.makefile("rwb") as pipe:
        for asked in pipe:
            try:
                reply = {"answer": _answer(json.loads(asked))}
            except LabError as error:
                reply = {"error": json.loads(error.to_json())}
            except MemoryError:
                reply = {
                    "error": json.loads(
                        RunError(
                            "There is not memory enough to look into this run. Stop another run and ask again."
                        ).to_json()
                    )
                }
            pipe.write(json.dumps(reply).encode() + b"\n")
            pipe.flush()


def _answer(asked: dict[str, Any]) -> Any:
    from ..analysis.lens import question_from_json
    from ..analysis.lens.answering import answer

    network = _network(asked["run_id"], *asked["weights"])
    question = question_from_json(json.dumps(asked["question"]))
    return answer(network, question).model_dump(mode="json")


@lru_cache(maxsize=2)
def _network(run_id: str, checkpoint: int | str, group: str) -> Network:
    """A run's network and rows; a few are kept, since questions come in a row."""
    from ..analysis.lens.network import Network
    from ..data import prepare

    store = Store()
    try:
        config = store.row(run_id).config
        dataset = prepare(config.data, home=store.folder.parent)
        model = network_in(store.run_folder(run_id), config, dataset.schema, Weights(checkpoint, group))
        return Network(model, config, dataset)
    finally:
        store.close()
