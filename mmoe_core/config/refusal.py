"""pydantic's findings as sentences that say what to choose instead."""

from __future__ import annotations

from pydantic import ValidationError

from ..errors import ConfigError

__all__ = ["refusal"]

_union_tags = {"ali-ccp", "feed", "mmoe-paper", "census", "stored", "shared_bottom", "one_gate", "mmoe", "static"}


def refusal(error: ValidationError) -> ConfigError:
    """The first finding as a `ConfigError`: the choice, what was found, and the bound."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"] if part not in _union_tags) or "config"
    found = str(first["input"])[:80]
    context = first.get("ctx", {})
    match first["type"]:
        case "greater_than_equal":
            return ConfigError(
                "{path} is {found}; it must be at least {bound}.",
                path=path,
                found=found,
                bound=context["ge"],
            )
        case "greater_than":
            return ConfigError(
                "{path} is {found}; it must be above {bound}.",
                path=path,
                found=found,
                bound=context["gt"],
            )
        case "less_than_equal":
            return ConfigError(
                "{path} is {found}; it must be at most {bound}.",
                path=path,
                found=found,
                bound=context["le"],
            )
        case "extra_forbidden":
            return ConfigError("'{path}' is not a choice of a run.", path=path)
        case "literal_error" | "union_tag_invalid":
            expected = context.get("expected") or context.get("expected_tags", "")
            return ConfigError(
                "{path} is {found}; choose one of {expected}.",
                path=path,
                found=found,
                expected=str(expected),
            )
        case "value_error":
            return ConfigError("{path}: {reason}.", path=path, reason=str(context["error"]))
        case _:
            return ConfigError("{path} is {found}: {reason}.", path=path, found=found, reason=first["msg"])
