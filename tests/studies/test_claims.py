"""Each claim says yes, no, or that these seeds cannot tell, as the losses were made to say."""

from __future__ import annotations

import pytest

from mmoe_core.studies import Contrast, SeedDifference, judge
from tests.studies.tables import CORRELATIONS, losses

RELATED, GAP, IDENTICAL, BEATEN, LOWEST = range(5)
HARDER = {0.5: 0.04, 0.9: 0.02, 1.0: 0.0}  # what less related tasks cost
AS_THE_PAPER_SAYS = {
    (kind, p): HARDER[p] * (1 if kind == "mmoe" else 2) + (0.02 if kind == "shared_bottom" else 0)
    for kind in ("shared_bottom", "one_gate", "mmoe")
    for p in CORRELATIONS
}


def verdicts(effects: dict[tuple[str, float], float], **made: float) -> list[str]:
    return [claim.verdict for claim in judge(losses(effects, **made))]


def test_planted_effects_are_found() -> None:
    found = verdicts(AS_THE_PAPER_SAYS)
    assert [found[claim] for claim in (RELATED, GAP, IDENTICAL, BEATEN)] == ["holds"] * 4


def test_no_effect_is_not_distinguishable_from_one() -> None:
    found = verdicts({}, noise=0.01)
    assert [found[claim] for claim in (RELATED, GAP, BEATEN)] == ["not distinguishable"] * 3


def test_no_difference_is_a_small_one() -> None:
    found = verdicts({}, noise=0.001)
    assert [found[claim] for claim in (IDENTICAL, LOWEST)] == ["holds"] * 2


def test_the_opposite_does_not_hold() -> None:
    found = verdicts({pair: -effect for pair, effect in AS_THE_PAPER_SAYS.items()})
    assert [found[claim] for claim in (RELATED, GAP, BEATEN)] == ["does not hold"] * 3


def test_a_large_difference_is_not_comparable() -> None:
    found = verdicts({("one_gate", 1.0): 0.1})
    assert [found[claim] for claim in (IDENTICAL, LOWEST)] == ["does not hold"] * 2


def test_one_part_that_cannot_be_told_leaves_the_claim_open() -> None:
    found = verdicts({**AS_THE_PAPER_SAYS, ("mmoe", 0.9): 0.0})  # no better at p = 1 than here
    assert found[RELATED] == "not distinguishable"


def test_one_part_that_goes_the_other_way_refutes_the_claim() -> None:
    found = verdicts({**AS_THE_PAPER_SAYS, ("mmoe", 0.9): 0.06})
    assert found[RELATED] == "does not hold"


def test_one_seed_tells_nothing() -> None:
    assert verdicts(AS_THE_PAPER_SAYS, num_seeds=1) == ["not distinguishable"] * 5


def test_a_claim_of_many_parts_has_wider_intervals() -> None:
    found = judge(losses({}))
    assert [round(claim.level, 4) for claim in found] == [0.9917, 0.975, 0.95, 0.975, 0.9917]
    assert [len(claim.contrasts) for claim in found] == [6, 2, 1, 2, 6]


def test_chance_rarely_refutes_what_is_true() -> None:
    refuted = [verdicts({}, num_seeds=10, noise=0.01, seed=seed)[BEATEN] for seed in range(60)]
    assert refuted.count("not distinguishable") >= 54


@pytest.mark.parametrize(
    ("low", "high", "margin", "verdict"),
    [
        (0.1, 0.2, None, "holds"),
        (-0.1, 0.2, None, "not distinguishable"),
        (-0.2, -0.1, None, "does not hold"),
        (-0.1, 0.1, 0.2, "holds"),
        (0.05, 0.1, 0.2, "holds"),  # seen, and small
        (0.1, 0.3, 0.2, "not distinguishable"),
        (0.3, 0.4, 0.2, "does not hold"),
        (-0.4, -0.3, 0.2, "does not hold"),
    ],
)
def test_a_contrast_goes_by_its_interval(low: float, high: float, margin: float | None, verdict: str) -> None:
    difference = SeedDifference(30, (low + high) / 2, low, high, None, None)
    assert Contrast("x", difference, margin=margin).verdict == verdict
