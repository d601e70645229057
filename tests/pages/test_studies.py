"""The Evidence page shows what the studies found, says which command prints it, and leads to training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.studies import information, judge, judge_recovery, losses, read_architectures, read_mechanisms, read_race


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("studies.py").run()


def figures(app: AppTest) -> dict[str, dict]:
    return {chart.proto.id.rsplit("-", 1)[-1]: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")}


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.info))


@pytest.mark.parametrize(("lang", "title"), [("en", "How are the losses spread?"), ("zh", "损失如何分布？")])
def test_the_studies_are_shown_with_their_commands(app: AppTest, lang: str, title: str) -> None:
    opened(app, lang=lang)
    assert not app.exception
    assert title in [one.value for one in app.subheader]
    assert set(figures(app)) == {"differences", "losses", "mechanisms", "aucs"}
    for study in (read_race(), read_mechanisms(), read_architectures()):
        assert study.command in said(app)


def test_the_verdicts_are_those_of_the_kept_losses(app: AppTest) -> None:
    opened(app, lang="en")
    claims = judge(losses(read_race()))
    for claim in (*claims, judge_recovery(information(read_mechanisms()))):
        assert any(claim.template in one.value and f"[{claim.verdict}]" in one.value for one in app.markdown)
    numbers = next(table.value for table in app.dataframe if "verdict" in table.value)
    assert list(numbers["verdict"]) == [one.verdict for claim in claims for one in claim.contrasts]


def test_simulated_rows_are_badged_and_real_ones_are_not(app: AppTest) -> None:
    opened(app, lang="en")
    assert "simulated · MMoE paper" in said(app)
    assert said(app).count("simulated · classroom rates") == 1  # the mechanisms
    app.button_group(key="on").set_value("classroom").run()
    assert not app.exception
    assert said(app).count("simulated · classroom rates") == 2
    assert any("dotted: the best possible" in note["text"] for note in figures(app)["aucs"]["layout"]["annotations"])


def test_what_does_not_apply_says_why(app: AppTest) -> None:
    opened(app, lang="en")
    assert "**ESMM** – ESMM multiplies the chance of a click" in said(app)


def test_every_auc_says_its_positives(app: AppTest) -> None:
    opened(app, lang="en")
    assert "99,762 test rows, positives: income 6,186 · never married 43,143" in said(app)


def test_a_study_that_cannot_be_read_says_what_to_do(app: AppTest, home: Path) -> None:
    (home / "studies").mkdir()
    (home / "studies" / "kdd2018.json").write_text("[]", encoding="utf-8")
    opened(app, lang="en")
    assert not app.exception
    assert "Delete it, or run the study again." in said(app)
    assert set(figures(app)) == {"mechanisms", "aucs"}


def test_each_architecture_leads_to_its_choices(app: AppTest) -> None:
    opened(app, lang="en")
    links = [link.proto for link in app.get("page_link")]
    labels = [link.label for link in links]
    assert labels[:3] == ["Shared-Bottom", "One-gate MoE", "MMoE"]
    assert "PLE" in labels
    assert "ESMM" not in labels
    chosen = next(link for link in links if link.label == "PLE")
    assert "model.kind=ple" in chosen.query_string
