"""The Train page: what is chosen is what is in the address, and what cannot be is said."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    MMoE,
    ModelConfig,
    MultiLevelMMoE,
    RunConfig,
    SharedBottom,
    SimulatedAliCcp,
    Single,
    TrainConfig,
    from_flat,
    plan,
    preset,
    runs_folder,
    to_flat,
)
from mmoe_core.data import prepare
from mmoe_core.runs import Store
from tests.pages.conftest import SMALL

ROOMS = ("data.", "model.", "train.")


def opened(app: AppTest, **params: str) -> AppTest:
    """The Train page at an address; the data is small unless the address says which."""
    address = params if any(name.startswith("data.") for name in params) else {**SMALL, **params}
    app.run().switch_page("train.py")
    app.query_params.clear()
    app.query_params.update(address)
    app.run()
    assert not app.exception
    return app


def spelled(app: AppTest) -> RunConfig:
    """The config that the address spells."""
    return from_flat({name: str(value) for name, value in app.query_params.items() if name.startswith(ROOMS)})


def said(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.error, *app.warning]
    return "\n".join(element.value for element in elements)


@pytest.mark.parametrize(("lang", "word"), [("en", "Experts"), ("zh", "专家数")])
def test_the_page_speaks_the_language_of_the_address(app: AppTest, lang: str, word: str) -> None:
    opened(app, lang=lang)
    assert word in said(app)
    assert app.query_params["lang"] == lang


def test_a_link_restores_every_choice(app: AppTest) -> None:
    config = RunConfig(
        data=SimulatedAliCcp(num_rows=1000, rho=0.3, seed=7),
        model=MMoE(num_experts=5, expert_widths=(24, 12), tower_widths={"purchase": (6, 3)}, embedding_size=3),
        train=TrainConfig(task_weights={"purchase": 3.7}, epochs=2, patience=4, best_by="click", seed=11, max_steps=9),
    )
    opened(app, **to_flat(config))
    assert spelled(app) == config
    assert app.number_input("model.num_experts").value == 5
    assert app.text_input("model.tower_widths.purchase").value == "6, 3"
    assert app.select_slider("train.task_weights.purchase").value == 3.7


def test_a_choice_is_written_to_the_address(app: AppTest) -> None:
    opened(app)
    app.number_input("model.num_experts").set_value(3).run()
    app.text_input("model.expert_widths").set_value("64，32").run()
    app.select_slider("train.task_weights.click").set_value(10.0).run()
    assert not app.exception
    model, train = spelled(app).model, spelled(app).train
    assert (model.num_experts, model.expert_widths, dict(train.task_weights)) == (3, (64, 32), {"click": 10.0})


def test_changing_the_kind_keeps_the_common_choices_and_says_what_was_dropped(app: AppTest) -> None:
    opened(app, **{"model.kind": "mmoe", "model.expert_widths": "40", "model.num_experts": "5"})
    app.number_input("model.gate_dropout").set_value(0.1).run()
    app.number_input("model.tower_dropout").set_value(0.2).run()
    app.selectbox("model.kind").set_value("shared_bottom").run()
    assert spelled(app).model == SharedBottom(expert_widths=(40,), tower_dropout=0.2)
    assert "the dropout of gates, the number of experts" in said(app)


def test_every_rarer_choice_reaches_the_run_and_comes_back_from_its_link(app: AppTest) -> None:
    model = MMoE(
        norm="layer",
        expert_dropout=0.1,
        tower_dropout=0.2,
        gate_temperature=0.5,
        gate_dropout=0.3,
        gate_norm="batch",
        load_penalty=0.25,
    )
    train = TrainConfig(schedule="cosine", warmup_steps=20, clip_norm=2.5, weight_decay=1e-4, moved_rows="all")
    opened(app)
    app.selectbox("model.norm").set_value("layer")
    app.number_input("model.expert_dropout").set_value(0.1)
    app.number_input("model.tower_dropout").set_value(0.2)
    app.number_input("model.gate_temperature").set_value(0.5)
    app.number_input("model.gate_dropout").set_value(0.3)
    app.number_input("model.load_penalty").set_value(0.25)
    app.selectbox("model.gate_norm").set_value("batch")
    app.selectbox("train.schedule").set_value("cosine")
    app.selectbox("train.moved_rows").set_value("all")
    app.number_input("train.warmup_steps").set_value(20)
    app.number_input("train.clip_norm").set_value(2.5)
    app.number_input("train.weight_decay").set_value(1e-4).run()
    found = spelled(app)
    assert not app.exception
    for name in type(model).model_fields.keys() & model.model_fields_set:
        assert getattr(found.model, name) == getattr(model, name)
    for name in ("schedule", "warmup_steps", "clip_norm", "weight_decay", "moved_rows"):
        assert getattr(found.train, name) == getattr(train, name)
    opened(app, **to_flat(found))
    assert spelled(app) == found


def test_what_parity_decides_is_not_asked_and_the_choice_travels_in_the_link(app: AppTest) -> None:
    opened(app, **{"model.kind": "aitm"})
    asked = {"model.norm", "model.embedding_scale", "model.constraint"}

    def keys() -> set[str]:
        return {str(widget.key) for widget in (*app.selectbox, *app.number_input)}

    assert asked < keys()
    app.selectbox("model.parity").set_value("rechub").run()
    assert not asked & keys()
    assert spelled(app).model.parity == "rechub"
    app.selectbox("model.kind").set_value("single").run()
    assert "the parity" in said(app)
    assert asked - {"model.constraint"} < keys()
    opened(app, **{"model.kind": "mmoe", "model.parity": "rechub"})
    assert spelled(app).model.parity == "rechub"
    app.selectbox("model.parity").set_value("none").run()
    assert {"model.norm", "model.gate_norm", "model.embedding_scale"} < keys()
    assert spelled(app).model == MMoE()


def test_the_summary_follows_the_choices(app: AppTest) -> None:
    opened(app)
    before = said(app)
    app.number_input("model.embedding_size").set_value(1).run()
    assert "parameters" in before
    assert said(app) != before


def test_widths_that_cannot_be_read_are_refused_and_the_last_ones_kept(app: AppTest) -> None:
    opened(app)
    app.text_input("model.expert_widths").set_value("16, many").run()
    assert "16, many" in app.error[0].value
    assert spelled(app).model.expert_widths == (16,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model.num_experts": "1000000000"},
        {"model.num_experts": "eight"},
        {"train.learning_rate": "nan"},
        {"train.colour": "blue"},
    ],
)
def test_an_address_that_cannot_be_is_answered_by_a_sentence_and_the_classroom(
    app: AppTest, wrong: dict[str, str]
) -> None:
    opened(app, **wrong)
    assert next(iter(wrong)) in app.error[0].value
    assert spelled(app) == preset("classroom")


def test_a_preset_is_one_click_and_marked_while_nothing_differs(app: AppTest) -> None:
    opened(app)
    app.segmented_control("form_preset").set_value("census").run()
    assert not app.exception
    assert spelled(app) == preset("census")
    assert app.segmented_control("form_preset").value == "census"
    app.number_input("train.seed").set_value(1).run()
    assert app.segmented_control("form_preset").value is None


def test_the_tutorial_without_its_sample_says_where_to_get_it(app: AppTest) -> None:
    opened(app, **to_flat(preset("tutorial")))
    assert "torch-rechub" in app.warning[0].value
    assert "that one row's rank" in said(app)
    assert app.button("train").disabled


def test_an_unknown_run_is_a_sentence(app: AppTest) -> None:
    opened(app, run="20200101T000000-abcdef")
    assert "20200101T000000-abcdef" in app.error[0].value


def test_a_run_in_the_address_is_found_again_with_its_choices(app: AppTest) -> None:
    config = RunConfig(data=SimulatedAliCcp(num_rows=1000), model=MMoE(num_experts=3))
    run = Store(runs_folder()).create(config, schema=prepare(config.data).schema)
    app.run().switch_page("train.py")
    app.query_params.clear()
    app.query_params["run"] = run.run_id
    app.run()
    assert not app.exception
    assert spelled(app) == config
    assert app.query_params["run"] == run.run_id
    assert app.button("resume").label == "Resume the interrupted run"  # nobody holds its lock


def test_reset_goes_back_to_the_classroom(app: AppTest) -> None:
    opened(app, **{"model.num_experts": "3"})
    app.button("reset").click().run()
    assert spelled(app) == preset("classroom")


def test_the_choice_survives_a_visit_to_another_page(app: AppTest) -> None:
    opened(app, **{"model.num_experts": "3"}, lang="zh")
    app.query_params.clear()
    app.switch_page("data.py").run()
    app.query_params.clear()
    app.switch_page("train.py").run()
    assert not app.exception
    assert spelled(app).model.num_experts == 3
    assert app.query_params["lang"] == "zh"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("model.tower_widths.nope", "3", "names the task 'nope'"),
        ("model.expert_widths", "4096,4096,4096,4096,4096,4096,4096,4096", "GB while it trains"),
    ],
)
def test_what_cannot_be_trained_is_said_before_anybody_starts_it(
    app: AppTest, path: str, value: str, sentence: str
) -> None:
    opened(app, **{path: value, "model.num_experts": "256"}, lang="en")
    assert any(sentence in error.value for error in app.error)


@pytest.mark.parametrize(
    "model",
    [
        Single(expert_widths=(12,)),
        MultiLevelMMoE(num_experts=3, num_levels=3, gate_temperature=2.0),
        CGC(num_task_experts=1, num_shared_experts=3),
        PLE(num_task_experts=2, num_shared_experts=1, num_levels=3, gate_dropout=0.1),
        ESMM(embedding_size=3),
        AITM(constraint=0.2),
    ],
    ids=lambda model: model.kind,
)
def test_every_kind_is_chosen_explained_and_kept_in_the_address(app: AppTest, model: ModelConfig) -> None:
    config = RunConfig(model=model)
    opened(app, **{**to_flat(config), **SMALL})
    assert spelled(app).model == model
    assert app.selectbox("model.kind").value == model.kind
    levels = [f"{len(level.experts)} × [{model.expert_widths[0]}]" for level in plan(model, ("click", "purchase"))]
    assert " → ".join(levels) in said(app).replace("\u00a0", " ")


def test_an_architecture_that_the_tasks_do_not_serve_is_refused_before_anybody_starts_it(app: AppTest) -> None:
    opened(app, **{"data.source": "census", "model.kind": "esmm"})
    assert "ESMM multiplies the chance of a click" in said(app)


def test_a_click_gives_an_architecture_as_many_parameters_as_mmoe(app: AppTest) -> None:
    opened(app, **{**SMALL, "model.kind": "shared_bottom"})
    app.button("same_budget").click().run()
    model = spelled(app).model
    assert model.kind == "shared_bottom"
    assert model.expert_widths[0] > 16
    assert not [button for button in app.button if button.key == "same_budget"]
    assert str(model.expert_widths[0]) == app.text_input("model.expert_widths").value
