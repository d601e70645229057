"""Every sentence that can reach a screen, found in the sources.

`python -m tests.pages.sentences` lists those without a translation.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parents[2]
SPEAKING = {"t", "mark"}
FAILING = {
    "LabError",
    "ConfigError",
    "DatasetError",
    "ForeignError",
    "NameTaken",
    "RankLost",
    "TrainingError",
    "RunError",
}
WARNING = {"DataWarning", "Dropped", "finish", "Mark", "Comparison", "Claim", "Contrast"}


def calls(folder: str, names: set[str]) -> Iterator[tuple[Path, ast.Call]]:
    """Calls of a function of one of these names, below a folder of the project."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in names:
                yield path, node


def first_text(call: ast.Call) -> ast.expr | None:
    """What stands where the sentence belongs."""
    named = [keyword.value for keyword in call.keywords if keyword.arg in {"template", "reason", "quantity"}]
    return next(iter([*call.args, *named]), None)


def literals(folder: str, names: set[str]) -> dict[str, str]:
    """Sentence → the file that says it."""
    found = {}
    for path, call in calls(folder, names):
        text = first_text(call)
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            found[text.value] = str(path.relative_to(ROOT))
    return found


def all_sentences() -> dict[str, str]:
    """Sentence → who says it: the pages, the live panel, errors and warnings of the core."""
    from mmoe_core.exports.predictions import MEANINGS
    from mmoe_core.runs.baseline_program import STAGES
    from pages.ui import live, upload

    return {
        **dict.fromkeys(words_of_data(), "mmoe_core/data"),
        **literals("mmoe_core/viz", {"say", "empty_figure"}),
        **literals("mmoe_core", FAILING | WARNING),
        **dict.fromkeys(live.STRINGS, "pages/ui/live"),
        **dict.fromkeys(upload.STRINGS, "pages/ui/upload"),
        **dict.fromkeys(MEANINGS, "mmoe_core/exports"),
        **dict.fromkeys(STAGES, "mmoe_core/runs"),
        **literals("pages", SPEAKING | FAILING),
    }


def words_of_data() -> Iterator[str]:
    """What datasets are called, what their fields mean, and how their rows come about."""
    from mmoe_core.analysis.clinic import FAULTS, REMEDIES
    from mmoe_core.data import ali_ccp_csv, feed, known_datasets, paper, raw
    from mmoe_core.data.ali_ccp_schema import ID_MEANINGS, VALUE_MEANINGS
    from mmoe_core.data.doctor.findings import KINDS, SAMPLED
    from mmoe_core.data.raw.published import COUNTS
    from mmoe_core.data.simulator import LAWS, PROFILES
    from mmoe_core.data.table import guessing, making, report
    from mmoe_core.training.ancestry import ORIGINS

    yield from (known.title for known in known_datasets(home=ROOT / "absent"))
    yield from ID_MEANINGS.values()
    yield from VALUE_MEANINGS.values()
    yield from feed.FIELD_MEANINGS.values()
    yield from feed.VALUE_MEANINGS.values()
    yield from (group.name for group in feed.GROUPS)
    yield from paper.SIGNS
    for kind in KINDS.values():
        yield from (kind.template, kind.meaning, kind.remedy)
    for fault in FAULTS.values():
        yield from (fault.title, fault.template, fault.meaning)
    yield from REMEDIES.values()
    yield SAMPLED
    yield from (quantity for quantity, *_ in COUNTS)
    yield from LAWS
    yield from ORIGINS
    yield from (*raw.STAGES, *ali_ccp_csv.STAGES, *making.STAGES, report.LOOKING)
    yield from get_args(report.ColumnKind)
    yield from guessing.REASONS
    for profile in PROFILES.values():
        yield from (segment.name for segment in profile.segments)


def main() -> None:
    from pages.ui.language import catalogue

    known = catalogue("zh")
    for sentence, place in all_sentences().items():
        if sentence not in known:
            sys.stdout.write(f"# {place}\nmsgid {sentence!r}\n\n")


if __name__ == "__main__":
    main()
