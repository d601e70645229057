"""What the doctor can find: for each code a sentence, what it means, and what to do.

The sentences are literals with places, the keys of their translations; a finding carries the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...config import Frozen

__all__ = ["KINDS", "SAMPLED", "Finding", "Kind", "Severity"]

Severity = Literal["problem", "warning", "information"]

SAMPLED = "Judged on a sample of {sampled_rows:,} rows."


@dataclass(frozen=True)
class Kind:
    """One thing that can be found. The places of all three sentences are filled from the finding's values."""

    severity: Severity  # problem: numbers from this data mislead; warning: look at it; information: know it
    template: str
    meaning: str
    remedy: str


KINDS: Mapping[str, Kind] = {
    "equals_label": Kind(
        "problem",
        "{field} alone tells {task} without a mistake.",
        "It is the label under another name, or was written down after it. It will not be there when a prediction is "
        "needed, and every AUC from this data is a mirage.",
        "Leave {field} out.",
    ),
    "predicts_label": Kind(
        "warning",
        "{field} alone predicts {task} with an AUC of {auc:.3f}.",
        "A single column that is so sure is often written down after the label. Where it is honest, the task is easy, "
        "and little is left for a network to show.",
        "Ask whether {field} is known before {task} happens. If it is not, leave it out.",
    ),
    "explains_label": Kind(
        "warning",
        "{field} alone explains {share:.1%} of the variance of {task}.",
        "A single column that is so sure is often written down after the label, or is the label in another unit.",
        "Ask whether {field} is known before {task} happens. If it is not, leave it out.",
    ),
    "sorted_rows": Kind(
        "warning",
        "The place in the file alone predicts {task} with an AUC of {auc:.3f} (train).",
        "The rows are sorted, or what happens changed along the file. The first rows are no fair sample of all.",
        "Shuffle the rows before they are cut into splits; or, where the order is time, split by time on purpose.",
    ),
    "rates_differ": Kind(
        "warning",
        "{task} is 1 in {share:.2%} of train, but in {other_share:.2%} of {split}.",
        "The splits come from different places of the log, so {split} does not judge what train teaches.",
        "Split again at random by user, or by time with neighbouring periods.",
    ),
    "repeated_rows": Kind(
        "warning",
        "{rows:,} of {all_rows:,} rows of {split} repeat another one, labels included.",
        "A row that is there twice counts twice, and intervals look narrower than they are.",
        "Drop the copies, unless each was an event of its own.",
    ),
    "rows_of_train": Kind(
        "warning",
        "{rows:,} of {all_rows:,} rows of {split} are in train too, labels included.",
        "On these rows a network can be right by heart, so {split} flatters those that memorise.",
        "Drop the copies before the split, or split by a key that keeps copies together.",
    ),
    "odd_labels": Kind(
        "problem",
        "{rows:,} labels of {task} in {split} are neither 0 nor 1.",
        "A task of two classes learns from 0 and 1 only; anything else bends its loss, and its AUC counts it as one "
        "or the other.",
        "Correct the column, or declare {task} a regression.",
    ),
    "one_class": Kind(
        "problem",
        "Every label of {task} in {split} is {label}.",
        "Where there is one class only, there is nothing to order: the AUC is undefined.",
        "Add rows of the other class, or split so that each split has both.",
    ),
    "without_click": Kind(
        "problem",
        "{rows:,} rows of {split} have {task} without {before}.",
        "What can only follow {before} came without it: the labels were joined wrongly, or some were lost.",
        "Drop these rows, or repair the join.",
    ),
    "one_user": Kind(
        "problem",
        "All rows of train belong to one user.",
        "What is learnt about one person says nothing about others, whatever the AUC.",
        "Use it to check formats; draw conclusions from a log of many users.",
    ),
    "few_users_shared": Kind(
        "warning",
        "{share:.1%} of the rows of {split} belong to users who are in train too; the others do not.",
        "The split seems to keep users apart, but not all of them: the shared ones leak what train knows about them.",
        "Split by a hash of the user, after users were given one name each.",
    ),
    "users_shared": Kind(
        "information",
        "{share:.1%} of the rows of {split} belong to users who are in train too.",
        "Metrics say how well known users are predicted; new users will be predicted worse.",
        "Split by user if the question is about new ones.",
    ),
    "unseen_ids": Kind(
        "warning",
        "{share:.1%} of the rows of {split} have a {field} that train does not know; {train_share:.1%} of train's own.",
        'All these rows share one embedding, "rare", which train hardly teaches.',
        "Give train more rows, split so that ids recur, or group {field} more coarsely.",
    ),
    "constant_fields": Kind(
        "warning",
        "{count} of {fields} fields have one value only in train: {names}.",
        "A column that never changes teaches nothing.",
        "Leave them out, or find out why they are constant.",
    ),
    "empty_fields": Kind(
        "warning",
        "{count} of {fields} fields are empty, or the same, in almost every row of train: {names}.",
        "What is there in so few rows is learnt from so few rows.",
        "Leave them out, or find out where the values were lost.",
    ),
    "not_numbers": Kind(
        "problem",
        "{rows:,} values of {field} in {split} are not finite numbers.",
        "One of them in a batch makes every weight not a number.",
        "Fill them or drop their rows.",
    ),
    "unscaled_value": Kind(
        "warning",
        "{field} has mean {mean:.4g} and standard deviation {deviation:.4g}: it is not scaled.",
        "Beside embeddings of size 1 a much larger column drowns the others, and a much smaller one is not heard.",
        "Scale it to mean 0 and standard deviation 1, after ln(1 + v) where its tail is heavy.",
    ),
    "outlying_value": Kind(
        "warning",
        "{field} reaches {extreme:.4g}, while 98 % of its values lie between {low:.4g} and {high:.4g}.",
        "A few extreme values decide the gradient of their batch, and often are errors.",
        "Check them; clip the column at a high quantile, or take ln(1 + v).",
    ),
    "precision": Kind(
        "information",
        "{split} has {positives:,} of {task} in {rows:,} rows: an AUC near {auc} has a standard error of {error:.4f} "
        "there.",
        "Another sample of this size would move the AUC by about as much, with nothing else changed.",
        "Call no difference of less than two standard errors a finding, unless it was tested in pairs.",
    ),
    "rows_needed": Kind(
        "information",
        "To see a difference of {difference} in the AUC of {task}, {rows:,} rows would be needed; {split} has "
        "{rows_there:,}.",
        "With so many rows two separate samples would show it in 80 of 100 tries, at the 5 % level. Two networks that "
        "are judged on the same rows need fewer, since their errors go together.",
        "Compare networks on the same rows and over several seeds.",
    ),
}


class Finding(Frozen):
    """One thing that was found."""

    code: str
    severity: Severity
    template: str
    meaning: str  # a template too
    remedy: str  # a template too
    values: Mapping[str, str | int | float]
    sampled_rows: int | None = None  # how many rows were looked at; None = all

    @staticmethod
    def of(code: str, *, sampled_rows: int | None = None, **values: str | int | float) -> Finding:
        """A finding of a kind."""
        kind = KINDS[code]
        return Finding(
            code=code,
            severity=kind.severity,
            template=kind.template,
            meaning=kind.meaning,
            remedy=kind.remedy,
            values=values,
            sampled_rows=sampled_rows,
        )

    def __str__(self) -> str:
        """The sentence in English, and whether it rests on a sample."""
        said = self.template.format(**self.values)
        return said if self.sampled_rows is None else f"{said} {SAMPLED.format(sampled_rows=self.sampled_rows)}"

    @property
    def explanation(self) -> str:
        """What it means and what to do, in English."""
        return f"{self.meaning.format(**self.values)} {self.remedy.format(**self.values)}"
