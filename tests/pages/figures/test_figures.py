"""A figure stands with its downloads: the numbers as a file, the picture by a component; a sentence has none."""

from __future__ import annotations

import ast
import re
from io import BytesIO

import pandas as pd
from streamlit.testing.v1 import AppTest

from pages.ui.figures import showing
from tests.pages.sentences import ROOT


def page(key: str) -> None:
    import pandas as pd

    from mmoe_core.viz import LIGHT, balance_curve
    from pages.ui import figures

    figures.show(balance_curve(pd.DataFrame({"click": [1.0, 2.0]}), LIGHT), key=key)
    figures.show(balance_curve(pd.DataFrame(), LIGHT), key="empty")


def test_every_figure_with_data_has_its_downloads_and_a_name_in_ascii() -> None:
    app = AppTest.from_function(page, kwargs={"key": "calibration_点击"}).run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    (button,) = app.get("download_button")
    assert button.proto.label == "Numbers, CSV"
    camera = ast.literal_eval(app.get("plotly_chart")[0].proto.config.replace("false", "False"))["toImageButtonOptions"]
    assert (camera["filename"], camera["format"]) == ("calibration_70b951fb", "png")


def test_the_numbers_are_read_back_as_they_were_drawn(monkeypatch) -> None:
    built = []
    monkeypatch.setattr(showing.st, "download_button", lambda label, data, **rest: built.append((data(), rest)))
    AppTest.from_function(page, kwargs={"key": "weights"}).run()
    ((data, rest),) = built
    assert pd.read_csv(BytesIO(data))[["x", "y"]].to_numpy().tolist() == [[0, 1.0], [1, 2.0]]
    assert rest["file_name"] == "weights.csv"


def test_no_page_shows_a_figure_without_its_downloads() -> None:
    for path in (ROOT / "pages").rglob("*.py"):
        if path.name != "showing.py":
            assert not re.search(r"\bplotly_chart\(", path.read_text(encoding="utf-8")), path.name
