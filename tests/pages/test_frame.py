"""What holds on every page: it opens in both languages, knows its address, and keeps torch out of the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.runs import read_replay
from pages.frame import PAGES
from tests.pages.sentences import ROOT


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("script", [page.script for page in PAGES])
def test_every_page_opens_over_an_empty_home(app: AppTest, script: str, lang: str) -> None:
    app.query_params["lang"] = lang
    app.query_params["data.num_rows"] = "1000"
    app.run()
    app.switch_page(f"{script}.py").run()
    assert not app.exception


def test_home_says_which_version_and_command_made_its_recording(app: AppTest) -> None:
    app.query_params["lang"] = "en"
    app.run()
    recorded = read_replay("classroom")
    assert any(f"`{recorded.commit[:7]}` with `{recorded.command}`" in one.value for one in app.caption)


def test_the_language_switch_turns_the_page_and_the_address(app: AppTest) -> None:
    app.query_params["data.num_rows"] = "1000"
    app.run()
    assert app.button("language_switch").label == "中文"
    app.button("language_switch").click().run()
    assert app.query_params["lang"] == "zh"
    assert app.button("language_switch").label == "EN"


def test_an_unknown_language_is_english(app: AppTest) -> None:
    app.query_params["lang"] = "<script>"
    app.query_params["data.num_rows"] = "1000"
    app.run()
    assert app.query_params["lang"] == "en"


def test_the_theme_has_what_streamlit_asks_for_and_both_modes() -> None:
    import tomllib

    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["browser"]["gatherUsageStats"] is False
    for mode in ("light", "dark"):
        assert len(config["theme"][mode]["chartCategoricalColors"]) == 10
        assert len(config["theme"][mode]["chartSequentialColors"]) == 10
    assert config["theme"]["light"].keys() == config["theme"]["dark"].keys()


SERVER = """
import sys
from streamlit.testing.v1 import AppTest
import dashboard
app = AppTest.from_file("pages/frame.py", default_timeout=120)
app.query_params["data.num_rows"] = "1000"
app.run()
from pages.frame import PAGES
for page in PAGES:
    app.switch_page(page.script + ".py").run()
    assert not app.exception, page
sys.exit("torch" in sys.modules)
"""


def test_no_page_brings_torch_into_the_server(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "MMOE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", SERVER], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr


def test_the_app_is_found_whatever_the_working_folder(tmp_path: Path) -> None:
    as_streamlit_run_does = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    code = f"{as_streamlit_run_does}; import dashboard, pages.frame, mmoe_core.runs"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
