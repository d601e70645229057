"""The house rules that a linter cannot see."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import mmoe_core

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path
    for folder in ("mmoe_core", "pages", "tests")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".js", ".css"}
)
PACKAGES = [
    "mmoe_core",
    *(f"mmoe_core.{found.name}" for found in pkgutil.iter_modules(mmoe_core.__path__) if found.ispkg),
]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", sorted((ROOT / "mmoe_core").rglob("*.py")), ids=lambda path: path.name)
def test_the_core_does_not_know_streamlit(path: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "streamlit" not in imported


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_of_a_package_are_sorted_complete_and_there(package: str) -> None:
    module = importlib.import_module(package)
    constants = [name for name in module.__all__ if name.isupper()]
    classes = [name for name in module.__all__ if not name.isupper() and name[0].isupper()]
    functions = [name for name in module.__all__ if name[0].islower()]
    assert module.__all__ == sorted(constants) + sorted(classes) + sorted(functions)
    for name in module.__all__:
        assert getattr(module, name) is not None
    handed_on = set(vars(module).get("_room_of", ())) or _own_imports(module)
    assert {name for name in handed_on if not name.startswith("_")} == set(module.__all__)


def _own_imports(module: object) -> set[str]:
    """Names that a package's __init__ takes from its own modules."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }


@pytest.mark.parametrize(
    "modules",
    [
        [
            "mmoe_core",
            "mmoe_core.viz",
            "mmoe_core.exports",
            "mmoe_core.runs",
            "mmoe_core.analysis",
            "mmoe_core.data",
            "mmoe_core.config",
        ],
        [
            "mmoe_core.studies.claims",
            "mmoe_core.studies.frames",
            "mmoe_core.studies.recovery",
            "mmoe_core.studies.results",
        ],
        ["dashboard"],
    ],
)
def test_torch_stays_out_of_the_server(modules: list[str]) -> None:
    code = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_page_table_is_the_scripts_in_pages() -> None:
    from pages.frame import PAGES

    scripts = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"frame", "__init__"}
    assert {page.script for page in PAGES} == scripts


def test_pages_are_storyboards_without_functions_pandas_or_torch() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        if path.stem in {"frame", "__init__"}:
            continue
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        assert len(text.splitlines()) <= 90, path.name
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)], path.name
        assert "import pandas" not in text, path.name
        assert "import torch" not in text, path.name
