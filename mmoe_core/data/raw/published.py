"""What is published about the complete Ali-CCP, and whether a conversion found it.

Rows, labels and presence as counted on the full log in public; presence is of train's impressions.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..manifest import Comparison, DataWarning

__all__ = ["COUNTS", "compare", "verdict"]

COUNTS = (  # quantity, part, name of the count, published
    ("rows of train", "train", "lines", 42_300_135),
    ("rows of test", "test", "lines", 43_016_840),
    ("user rows of train", "train", "common_lines", 730_600),
    ("user rows of test", "test", "common_lines", 884_212),
    ("clicks in train", "train", "clicks", 1_644_256),
    ("purchases after a click in train", "train", "purchases", 8_802),
    ("purchases without a click in train", "train", "dropped", 230),
)
_PRESENCE = {
    "101": 0.997764,
    "109_14": 0.990542,
    "110_14": 0.990531,
    "127_14": 0.989864,
    "150_14": 0.997561,
    "121": 0.870193,
    "122": 0.870193,
    "124": 0.870193,
    "125": 0.870193,
    "126": 0.415844,
    "127": 0.870193,
    "128": 0.870193,
    "129": 0.636951,
    "205": 0.999998,
    "206": 0.999998,
    "207": 0.999998,
    "210": 0.999898,
    "216": 0.711411,
    "301": 1.0,
    "508": 0.696455,
    "509": 0.22123,
    "702": 0.223639,
    "853": 0.410443,
}
_TOLERANCE = 0.0005  # of presence, published to about this
_SAMPLED_TOLERANCE = 0.02


def compare(counted: Mapping[str, Mapping[str, int]], *, is_sample: bool) -> list[Comparison]:
    """Each published number beside what was counted.

    Args:
        counted: Per part, counts by name.
        is_sample: Whether presence was counted on some sessions only (rows and labels never are).
    """
    found = [
        Comparison(
            quantity=quantity,
            published=float(published),
            found=float(counted[part].get(name, 0)),
            agrees=counted[part].get(name, 0) == published,
        )
        for quantity, part, name, published in COUNTS
    ]
    rows = max(counted["train"].get("kept", 0), 1)
    tolerance = _SAMPLED_TOLERANCE if is_sample else _TOLERANCE
    for field, published_share in _PRESENCE.items():
        share = counted["train"].get(f"present:{field}", 0) / rows
        agrees = abs(share - published_share) <= tolerance
        found.append(
            Comparison(
                quantity="share of rows with {field}",
                values={"field": field},
                published=published_share,
                found=round(share, 6),
                agrees=agrees,
                is_share=True,
            )
        )
    return found


def verdict(comparisons: list[Comparison], sample: float) -> DataWarning:
    """What the comparisons come to."""
    off = [comparison for comparison in comparisons if not comparison.agrees]
    if not off:
        if sample < 1:
            return DataWarning(
                template="Made from the complete Ali-CCP: a sample of {percent:g} % of its sessions.",
                values={"percent": 100 * sample},
            )
        return DataWarning(template="This is the complete Ali-CCP.")
    first = off[0]
    differing: dict[str, str | int | float] = {
        "count": len(off),
        "of": len(comparisons),
        "found": _short(first.found),
        "published": _short(first.published),
    }
    if first.values:
        return DataWarning(
            template="This is not the complete Ali-CCP: {count} of {of} published numbers differ, such as the share of "
            "rows with {field}: {found} instead of {published}.",
            values={**differing, **first.values},
        )
    return DataWarning(
        template="This is not the complete Ali-CCP: {count} of {of} published numbers differ, such as {quantity}: "
        "{found:,} instead of {published:,}.",
        values={**differing, "quantity": first.quantity},
    )


def _short(number: float) -> int | float:
    return int(number) if number.is_integer() and number > 1 else number
