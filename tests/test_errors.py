"""An error keeps its sentence, its template and its values on the way through JSON and between processes."""

from __future__ import annotations

import copy

from mmoe_core.errors import DatasetError, LabError

ERROR = DatasetError("{file}, row {row:,}: value {value} is not 0 or 1.", file="a.csv", row=48213, value=2)


def test_the_sentence_names_what_was_found() -> None:
    assert str(ERROR) == "a.csv, row 48,213: value 2 is not 0 or 1."


def test_json_and_pickling_protocols_keep_class_template_and_values() -> None:
    for again in (LabError.from_json(ERROR.to_json()), copy.copy(ERROR)):
        assert type(again) is DatasetError
        assert (again.template, again.values, str(again)) == (ERROR.template, ERROR.values, str(ERROR))
