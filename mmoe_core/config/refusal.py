"""pydantic's findings as sentences that say what to choose instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from ..errors import ConfigError
from .balancing import BalancingMethod
from .model import MAX_EXPERTS, TOO_MANY_EXPERTS, ModelKind

__all__ = ["refusal"]

_union_tags = {
    *("ali-ccp", "feed", "mmoe-paper", "census", "stored"),
    *get_args(ModelKind),
    *get_args(BalancingMethod),
}


def refusal(error: ValidationError) -> ConfigError:
    """The first finding as a `ConfigError`: the choice, what was found, and the bound."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"] if part not in _union_tags) or "config"
    found = str(first["input"])[:80]
    context = first.get("ctx", {})
    match first["type"]:
        case "greater_than_equal" | "greater_than" | "less_than_equal":
            return _out_of_bounds(path, found, context)
        case "extra_forbidden" if path == "model.parity":
            return ConfigError(
                "torch-rechub has no network of the kind {kind}, so there is nothing to be equal to. Choose "
                "shared_bottom, mmoe, cgc, ple, esmm or aitm, or leave model.parity out.",
                kind=str(first["loc"][1]),
            )
        case "extra_forbidden":
            return ConfigError("'{path}' is not a choice of a run.", path=path)
        case "missing":
            return ConfigError("{path} is missing.", path=path)
        case "literal_error":
            return _none_of(path, found, context["expected"])
        case "union_tag_invalid":
            return _none_of(_tag(path, context), str(context["tag"])[:80], context["expected_tags"])
        case "union_tag_not_found":
            return ConfigError("{path} is missing.", path=_tag(path, context))
        case "string_pattern_mismatch":  # the only pattern is that of a dataset's name
            return ConfigError(
                "{path} is '{found}', which cannot be a dataset's name. Use up to 80 lower-case letters, digits, '.', "
                "'_' and '-', a letter or digit first.",
                path=path,
                found=found,
            )
        case "int_parsing_size":
            return ConfigError("{path} is a number of too many digits.", path=path)
        case "int_parsing" | "int_type" | "int_from_float":
            return ConfigError("{path} is {found}; it must be a whole number.", path=path, found=found)
        case "float_parsing" | "float_type":
            return ConfigError("{path} is {found}; it must be a number.", path=path, found=found)
        case "finite_number":
            return ConfigError("{path} is {found}; it must be a finite number.", path=path, found=found)
        case "string_type":
            return ConfigError("{path} is {found}; it must be a text.", path=path, found=found)
        case "too_short" | "too_long" | "string_too_short" | "string_too_long":
            return _wrong_length(path, len(first["input"]), context)
        case "model_type" | "model_attributes_type" | "dict_type" | "mapping_type" | "tuple_type":
            return ConfigError("{path} is {found}, but it holds several choices.", path=path, found=found)
        case "json_invalid":
            return _no_json(str(context["error"]))
        case kind if kind == TOO_MANY_EXPERTS:
            return ConfigError(
                "{path}.num_experts is {count:,}: {count:,} experts of only {numbers:,} numbers each would need "
                "{gigabytes} GB with their gradients and Adam's moments; choose 1 to {most}.",
                path=path,
                count=context["count"],
                numbers=context["numbers"],
                gigabytes=f"{context['bytes'] / 1e9:,.1f}",
                most=MAX_EXPERTS,
            )
        case "value_error":
            return ConfigError("{path}: {reason}.", path=path, reason=str(context["error"]))
        case _:
            return ConfigError("{path} is {found}: {reason}.", path=path, found=found, reason=first["msg"])


def _out_of_bounds(path: str, found: str, context: Mapping[str, Any]) -> ConfigError:
    if "ge" in context:
        return ConfigError(
            "{path} is {found}; it must be at least {bound}.", path=path, found=found, bound=context["ge"]
        )
    if "gt" in context:
        return ConfigError("{path} is {found}; it must be above {bound}.", path=path, found=found, bound=context["gt"])
    return ConfigError("{path} is {found}; it must be at most {bound}.", path=path, found=found, bound=context["le"])


def _none_of(path: str, found: str, expected: str) -> ConfigError:
    return ConfigError("{path} is {found}; choose one of {expected}.", path=path, found=found, expected=expected)


def _tag(path: str, context: Mapping[str, Any]) -> str:
    return f"{path}.{str(context['discriminator']).strip(chr(39))}"


def _wrong_length(path: str, length: int, context: Mapping[str, Any]) -> ConfigError:
    if "min_length" in context:
        return ConfigError(
            "{path} has length {found}; it must have at least {bound}.",
            path=path,
            found=length,
            bound=context["min_length"],
        )
    return ConfigError(
        "{path} has length {found}; it must have at most {bound}.",
        path=path,
        found=length,
        bound=context["max_length"],
    )


def _no_json(reason: str) -> ConfigError:
    place = re.search(r"line (\d+) column (\d+)", reason)
    line, column = (int(number) for number in place.groups()) if place else (1, 1)
    return ConfigError(
        "The config is not valid JSON (line {line}, column {column}). Correct the file, or save the config again.",
        line=line,
        column=column,
    )
