"""The columns of the processed Ali-CCP table that tutorials use: 23 ids, 8 values, two labels."""

from __future__ import annotations

from collections.abc import Mapping

from ..config import IdField, Schema, TaskSpec, ValueField

__all__ = ["ID_MEANINGS", "ID_NAMES", "LABEL_NAMES", "VALUE_MEANINGS", "VALUE_NAMES", "ali_ccp_schema"]

# Field meanings: Alibaba's data sheet (Tianchi dataset 408). Order: the processed table's.
ID_MEANINGS = {
    "101": "user",
    "121": "user micro-group",
    "122": "user group",
    "124": "gender",
    "125": "age band",
    "126": "consumption level I",
    "127": "consumption level II",
    "128": "occupation",
    "129": "geography",
    "205": "item",
    "206": "item category",
    "207": "item shop",
    "210": "item intention",
    "216": "item brand",
    "508": "user's history at this category",
    "509": "user's history at this shop",
    "702": "user's history at this brand",
    "853": "user's history at this intention",
    "301": "position",
    "109_14": "user's categories",
    "110_14": "user's shops",
    "127_14": "user's brands",
    "150_14": "user's intentions",
}
VALUE_MEANINGS = {f"D{name}": ID_MEANINGS[name] + ", ln(1 + count)" for name in (
    "109_14", "110_14", "127_14", "150_14", "508", "509", "702", "853",
)}  # fmt: skip
ID_NAMES = tuple(ID_MEANINGS)
VALUE_NAMES = tuple(VALUE_MEANINGS)
LABEL_NAMES = ("click", "purchase")


def ali_ccp_schema(vocabulary_sizes: Mapping[str, int], *, is_simulated: bool = False) -> Schema:
    """The schema of an Ali-CCP table.

    Args:
        vocabulary_sizes: Ids per id field, the reserved ones included.
        is_simulated: Whether true probabilities and segments come with the rows.

    Purchase is the label over all impressions: CTCVR, observed everywhere.
    """
    return Schema(
        id_fields=tuple(
            IdField(name=name, vocabulary_size=vocabulary_sizes[name], meaning=meaning)
            for name, meaning in ID_MEANINGS.items()
        ),
        value_fields=tuple(ValueField(name=name, meaning=meaning) for name, meaning in VALUE_MEANINGS.items()),
        tasks=(TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr")),
        user_field="101",
        is_simulated=is_simulated,
    )
