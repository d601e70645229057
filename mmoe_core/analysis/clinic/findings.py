"""What the clinic can find, in order of cause: for each fault a sentence and what it means.

The sentences are literals with places, the keys of their translations; a finding carries the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...config import Frozen

__all__ = ["FAULTS", "Diagnosis", "Fault", "Finding"]


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong.

    Attributes:
        title: In a few words.
        template: What was found, with its numbers.
        meaning: What it means.
        leads_to: Faults that follow from it.
    """

    title: str
    template: str
    meaning: str
    leads_to: tuple[str, ...] = ()


FAULTS: Mapping[str, Fault] = {  # causes before what they lead to
    "not_a_number": Fault(
        "A value is no longer a number",
        "At step {step} training broke down. The first value that was no number, on the way from the rows to the "
        "losses and back, is {origin} ({name}).",
        "What comes after it on that way is lost as well: one such value in a batch reaches every weight by the next "
        "step. A step that was too long is the usual cause, a row with such a value the other one.",
        (
            "starved_task",
            "constant_start",
            "dead_relus",
            "twin_experts",
            "frozen_gate",
            "constant_gate",
            "polarised_gate",
            "uniform_gate",
        ),
    ),
    "constant_start": Fault(
        "All experts began alike",
        "Level {level}: all {count} experts say the same (largest difference {difference:.1e} of the largest output), "
        "and every gate over them is even (largest mean weight {top:.3f}, where 1/n is {even:.3f}).",
        "Experts of equal weights under even gates get equal gradients, so nothing ever tells them apart: many experts "
        "do the work of one.",
        ("twin_experts", "uniform_gate", "frozen_gate", "constant_gate", "dead_relus"),
    ),
    "dead_relus": Fault(
        "ReLUs are dead",
        "{names}: {dead} of {units} ReLUs of a layer are never above 0 on {rows:,} probe rows.",
        "A ReLU that is 0 on every row passes no gradient on, so it does not come back by itself. An expert whose "
        "outputs are all dead adds nothing to any mixture.",
        ("starved_task", "twin_experts", "frozen_gate", "polarised_gate"),
    ),
    "starved_task": Fault(
        "A task is starved",
        "{task} has {share:.2%} of the gradient in what the tasks share (second half of the watched steps); its weight "
        "is {weight:g}.",
        "The others decide what the shared layers learn. What is the task's own may stand still, its gate included.",
        ("frozen_gate", "uniform_gate"),
    ),
    "twin_experts": Fault(
        "Two experts are one",
        "Level {level}: {one} and {other} say the same: their outputs differ by at most {difference:.2%} of the "
        "largest output (linear CKA {cka:.4f}).",
        "The pair does the work of one expert, and how a gate divides its weight between the two means nothing.",
        ("uniform_gate",),
    ),
    "frozen_gate": Fault(
        "A gate has never moved",
        "The gate of {names} has the weights that it was drawn with, to the last bit, after {steps:,} steps.",
        "What it does is chance. Either no gradient arrives at it, or something keeps it from being trained.",
        ("uniform_gate", "polarised_gate", "constant_gate"),
    ),
    "constant_gate": Fault(
        "A gate does not see its rows",
        "The logits of the gate of {names} vary over the rows by {sd:.4f} (standard deviation).",
        "Every row gets the same mixture. A linear gate over embeddings that are too small begins so, and it may take "
        "long to leave.",
        ("uniform_gate",),
    ),
    "polarised_gate": Fault(
        "A gate hears one expert only",
        "The gate of {names} gives {expert} {top:.1%} of its weight on average.",
        "The task has one expert, as a Shared-Bottom has, and the others get no gradient from it.",
    ),
    "uniform_gate": Fault(
        "A gate hears all experts alike",
        "The gate of {names} is even on every row: {entropy:.4f} of the largest entropy (untrained {untrained}).",
        "All experts are averaged: the gate has no part in what is learnt.",
    ),
}


class Finding(Frozen):
    """One fault that was found."""

    code: str
    values: Mapping[str, str | int | float]

    @property
    def fault(self) -> Fault:
        """What kind of fault."""
        return FAULTS[self.code]

    def __str__(self) -> str:
        """What was found, in English."""
        return self.fault.template.format(**self.values)


class Diagnosis(Frozen):
    """What the clinic says.

    Attributes:
        verdict: The first cause; None: nothing was found.
        consequences: What follows from it.
        others: What was found beside it.
        checked: Codes of all faults that were looked for.
    """

    verdict: Finding | None
    consequences: tuple[Finding, ...]
    others: tuple[Finding, ...]
    checked: tuple[str, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All, the verdict first."""
        return (*((self.verdict,) if self.verdict else ()), *self.consequences, *self.others)
