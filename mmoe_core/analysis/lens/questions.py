"""All questions in one union, each a JSON object by its `kind`, and what each is answered with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from .asked import (
    Contributions,
    Examination,
    Examine,
    Experts,
    ExpertsCompared,
    MeanContributions,
    Operate,
    Operated,
    Routing,
    RoutingSaid,
    RowRouting,
    RowRoutingSaid,
    RowTrace,
    Trace,
)

__all__ = ["Answer", "Question", "answer_from_json", "question_from_json"]

Question = Annotated[
    Trace | Contributions | Operate | Examine | Routing | RowRouting | Experts, Field(discriminator="kind")
]
Answer = RowTrace | MeanContributions | Operated | Examination | RoutingSaid | RowRoutingSaid | ExpertsCompared

_answers: dict[str, type[Answer]] = {
    "trace": RowTrace,
    "contributions": MeanContributions,
    "operate": Operated,
    "examine": Examination,
    "routing": RoutingSaid,
    "row_routing": RowRoutingSaid,
    "experts": ExpertsCompared,
}
_question: TypeAdapter[Question] = TypeAdapter(Question)


def question_from_json(text: str | bytes) -> Question:
    """Read one question; the inverse of `model_dump_json`."""
    return _question.validate_json(text)


def answer_from_json(question: Question, text: str | bytes) -> Answer:
    """Read the answer to a question.

    Raises:
        ValueError: it is not of the question's kind, or an older version wrote it.
    """
    return _answers[question.kind].model_validate_json(text)
