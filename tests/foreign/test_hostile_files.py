"""Whatever a file holds, what comes of it is a sentence."""

from __future__ import annotations

import contextlib
import json
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from mmoe_core.errors import ForeignError
from mmoe_core.foreign import guess_deepctr, guess_rechub, read_foreign

WHOLE = save({"experts.0.mlp.0.weight": torch.ones(2, 3), "out.bias": torch.zeros(1)}, {"fields": '["a", "b"]'})
quick = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    with pytest.raises(ForeignError) as error:
        read_foreign(file)
    assert file.name in str(error.value)
    return str(error.value)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(WHOLE)
    found = read_foreign(tmp_path / "m.safetensors")
    assert found.fields == ("a", "b")
    assert found.tensors["experts.0.mlp.0.weight"].tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    assert "no whole safetensors file" in refused(tmp_path / "m.safetensors", WHOLE[: int(share * len(WHOLE))])


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    boom = tmp_path / "boom"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (boom,))

    assert "is a pickle" in refused(tmp_path / "m.safetensors", pickle.dumps(Trap()))
    torch.save({"weight": torch.ones(2)}, tmp_path / "zip")
    assert "is a pickle" in refused(tmp_path / "m.safetensors", (tmp_path / "zip").read_bytes())
    assert not boom.exists()


@pytest.mark.parametrize("fields", ["{", "3", '{"a": 1}', "[1]", "[" * 100_000])
def test_fields_that_are_no_names_are_refused(tmp_path: Path, fields: str) -> None:
    content = save({"out.bias": torch.zeros(1)}, {"fields": fields})
    assert "not as a JSON list of names" in refused(tmp_path / "m.safetensors", content)


@quick
@given(content=st.binary(max_size=400))
def test_any_bytes_are_a_file_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.safetensors").write_bytes(content)
    with contextlib.suppress(ForeignError):
        assert read_foreign(tmp_path / "m.safetensors").tensors is not None


@quick
@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_damaged_byte_is_a_file_or_a_sentence(tmp_path: Path, place: int, byte: int) -> None:
    (tmp_path / "m.safetensors").write_bytes(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])
    with contextlib.suppress(ForeignError):
        assert read_foreign(tmp_path / "m.safetensors").tensors is not None


names = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"(cgc_layers|experts|gates|towers|specific_experts|expert_dnn)\.\d{1,30}\.mlp\.\d{1,30}\.weight"),
    st.sampled_from(["bottom_mlp.mlp.0.weight", "tower_ctr.mlp.0.weight", "ctr_dnn.linears.0.weight", "bottoms.0.x"]),
)


@quick
@given(shapes=st.dictionaries(names, st.lists(st.integers(0, 3), max_size=3), max_size=8))
def test_any_names_and_shapes_lead_to_choices_that_can_be_spelled(shapes: dict[str, list[int]]) -> None:
    tensors = {name: torch.zeros(*shape) if shape else torch.tensor(0.0) for name, shape in shapes.items()}
    for guess in (guess_rechub, guess_deepctr):
        assert json.dumps(guess(tensors, ("click", "purchase")))
