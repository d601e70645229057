"""Whose a row is: wherever the user's id is kept, and nobody's where train does not know the user."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.config import FIRST_KNOWN, MISSING, RARE, IdField, Schema, TaskSpec
from mmoe_core.data import Split

TOPICS = IdField(name="topics", vocabulary_size=9, num_tokens=3)
HISTORY = IdField(name="history", vocabulary_size=7, num_tokens=2, per_session=True)
LOCAL = np.array([FIRST_KNOWN + 2, FIRST_KNOWN, RARE, MISSING], dtype=np.int32)  # of the user, row by row


def split_of(*fields: IdField, user: str | None = "user") -> Split:
    """Four rows; each session is one row."""
    schema = Schema(id_fields=fields, tasks=(TaskSpec(name="click"),), user_field=user)
    ids: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for field, offset in zip(fields, schema.offsets, strict=True):
        local = LOCAL[:, None] if field.name == "user" else np.full((4, 1), FIRST_KNOWN + 1)
        ids[field.per_session].append(np.repeat(local + offset, field.num_tokens, axis=1).astype(np.int32))
    sessions = np.array([3, 1, 0, 2], dtype=np.int32)  # sessions lie in another order than rows
    session_ids = np.empty((4, sum(part.shape[1] for part in ids[True])), dtype=np.int32)
    if ids[True]:
        session_ids[sessions] = np.concatenate(ids[True], axis=1)
    labels = np.zeros((4, 1), dtype=np.float32)
    own = np.concatenate(ids[False], axis=1) if ids[False] else np.empty((4, 0), dtype=np.int32)
    return Split(
        name="test",
        ids_NF=own,
        dense_ND=np.empty((4, 0), dtype=np.float32),
        labels_NT=labels,
        observed_NT=labels == 0,
        schema=schema,
        sessions_N=sessions if ids[True] else None,
        session_ids_SC=session_ids if ids[True] else None,
    )


@pytest.mark.parametrize("per_session", [False, True])
def test_users_are_numbered_from_0_wherever_they_are_kept(per_session: bool) -> None:
    user = IdField(name="user", vocabulary_size=6, per_session=per_session)
    for fields in ((user, TOPICS, HISTORY), (TOPICS, HISTORY, user)):
        found = split_of(*fields)
        assert found.users().tolist() == [2, 0, -1, -1]
        assert found.users(slice(1, 3)).tolist() == [0, -1]


def test_nobody_knows_whose_rows_they_are_without_one_id_of_a_user() -> None:
    user = IdField(name="user", vocabulary_size=6)
    assert split_of(user, TOPICS, user=None).users() is None
    assert split_of(TOPICS, user="user").users() is None
    assert split_of(IdField(name="user", vocabulary_size=6, num_tokens=2), user="user").users() is None
    without_schema = Split("test", *(np.zeros((2, 1), dtype=np.int32) for _ in range(4)))
    assert without_schema.users() is None
