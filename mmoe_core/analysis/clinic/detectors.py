"""One small detector per fault, in order of cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..lens import Examination, GateSaid
from .checks import BLIND, DEAD, POLARISED, STARVED, TWINS, UNIFORM
from .evidence import Evidence
from .findings import FAULTS, Diagnosis, Finding

__all__ = ["diagnose"]

_ALIKE = 1e-6  # of the largest output: the same function
_TWIN_CKA = 0.999

Detector = Callable[[Evidence], Finding | None]


def diagnose(evidence: Evidence) -> Diagnosis:
    """Find all faults; the first cause is the verdict."""
    found = [finding for code in FAULTS if (finding := _detectors[code](evidence))]
    verdict, rest = (found[0], found[1:]) if found else (None, [])
    follows = () if verdict is None else verdict.fault.leads_to
    return Diagnosis(
        verdict=verdict,
        consequences=tuple(finding for finding in rest if finding.code in follows),
        others=tuple(finding for finding in rest if finding.code not in follows),
        checked=tuple(FAULTS),
    )


def _not_a_number(evidence: Evidence) -> Finding | None:
    if evidence.failure is None:
        return None
    return Finding(code="not_a_number", values=evidence.failure)


def _constant_start(evidence: Evidence) -> Finding | None:
    trained = evidence.trained
    for level in trained.experts if trained else ():
        gates = [gate for gate in trained.gates if gate.level == level.level] if trained else []
        are_even = all(gate.top_weight < 1 / gate.num_heard + 1e-4 for gate in gates)
        if level.spread <= _ALIKE and gates and are_even:
            widest = max(gates, key=lambda gate: gate.top_weight)
            return Finding(
                code="constant_start",
                values={
                    "level": level.level,
                    "count": level.num_experts,
                    "difference": level.spread,
                    "top": widest.top_weight,
                    "even": 1 / widest.num_heard,
                },
            )
    return None


def _starved_task(evidence: Evidence) -> Finding | None:
    shares = [task for task in evidence.tasks if task.gradient_share is not None]
    least = min(shares, key=lambda task: task.gradient_share or 0, default=None)
    if least is None or len(shares) < 2 or least.gradient_share is None or least.gradient_share >= STARVED:
        return None
    return Finding(
        code="starved_task", values={"task": least.task, "share": least.gradient_share, "weight": least.weight}
    )


def _dead_relus(evidence: Evidence) -> Finding | None:
    trained = evidence.trained
    dead = [layer for layer in trained.relus if layer.dead >= DEAD] if trained else []
    if not dead or trained is None:
        return None
    names = ", ".join(dict.fromkeys(layer.name for layer in dead))
    worst = max(dead, key=lambda layer: layer.dead)
    return Finding(
        code="dead_relus",
        values={"names": names, "dead": worst.num_dead, "units": worst.num_units, "rows": trained.num_rows},
    )


def _twin_experts(evidence: Evidence) -> Finding | None:
    for level in evidence.trained.experts if evidence.trained else ():
        for pair in level.closest:
            if pair.difference <= _ALIKE or (pair.difference <= TWINS and (pair.cka or 0) >= _TWIN_CKA):
                cka = 1.0 if pair.cka is None else pair.cka
                return Finding(
                    code="twin_experts",
                    values={
                        "level": level.level,
                        "one": pair.one,
                        "other": pair.other,
                        "difference": pair.difference,
                        "cka": cka,
                    },
                )
    return None


def _frozen_gate(evidence: Evidence) -> Finding | None:
    untrained = {_place(gate): gate for gate in evidence.untrained.gates} if evidence.untrained else {}
    frozen = [
        gate
        for gate in _gates(evidence.trained)
        if _place(gate) in untrained and untrained[_place(gate)].fingerprint == gate.fingerprint
    ]
    return _of_gates("frozen_gate", frozen, steps=evidence.steps) if evidence.steps else None


def _constant_gate(evidence: Evidence) -> Finding | None:
    blind = [gate for gate in _gates(evidence.trained) if gate.sd_logits < BLIND]
    return _of_gates("constant_gate", blind, sd=max((gate.sd_logits for gate in blind), default=0.0))


def _polarised_gate(evidence: Evidence) -> Finding | None:
    polarised = [gate for gate in _gates(evidence.trained) if gate.top_weight >= POLARISED]
    worst = max(polarised, key=lambda gate: gate.top_weight, default=None)
    if worst is None:
        return None
    return _of_gates("polarised_gate", polarised, expert=worst.top_expert, top=worst.top_weight)


def _uniform_gate(evidence: Evidence) -> Finding | None:
    untrained = {_place(gate): gate.entropy for gate in _gates(evidence.untrained)}
    even = [
        gate
        for gate in _gates(evidence.trained)
        if gate.entropy >= UNIFORM and gate.entropy >= untrained.get(_place(gate), 0.0)
    ]
    if not even:
        return None
    before = untrained.get(_place(even[0]))
    told = "–" if before is None else f"{before:.4f}"
    return _of_gates("uniform_gate", even, entropy=even[0].entropy, untrained=told)


_detectors: dict[str, Detector] = {
    "not_a_number": _not_a_number,
    "constant_start": _constant_start,
    "starved_task": _starved_task,
    "dead_relus": _dead_relus,
    "twin_experts": _twin_experts,
    "frozen_gate": _frozen_gate,
    "constant_gate": _constant_gate,
    "polarised_gate": _polarised_gate,
    "uniform_gate": _uniform_gate,
}


def _gates(examination: Examination | None) -> Iterator[GateSaid]:
    yield from examination.gates if examination else ()


def _place(gate: GateSaid) -> tuple[int, str]:
    return gate.level, gate.reader


def _of_gates(code: str, gates: Iterable[GateSaid], **values: str | int | float) -> Finding | None:
    names = ", ".join(gate.reader for gate in gates)
    return Finding(code=code, values={"names": names, **values}) if names else None
