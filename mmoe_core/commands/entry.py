"""Finds the verb, and turns what went wrong into one sentence and an exit code.

0 done · 1 a check does not hold · 2 refused, with the reason · 130 interrupted by Ctrl-C.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from ..config import home
from ..errors import LabError, RunError

__all__ = ["main"]

_REFUSED, _INTERRUPTED = 2, 130

_module_of = {
    "datasets": ".datasets",
    "simulate": ".simulate",
    "inspect": ".inspect",
    "convert": ".convert",
    "import": ".importing",
    "train": ".train",
    "adopt": ".adopt",
    "runs": ".runs",
    "show": ".runs",
    "pause": ".control",
    "continue": ".control",
    "step": ".control",
    "stop": ".control",
    "set": ".control",
    "resume": ".control",
    "branch": ".branch",
    "sweep": ".sweep",
    "delete": ".control",
    "gates": ".gates",
    "diagnose": ".diagnose",
    "compare": ".compare",
    "export": ".export",
    "open": ".export",
    "bench": ".bench",
    "study": ".study",
    "parked": ".parked",
    "lens": ".lens",
}


class _Verbs(click.Group):
    """Imports a verb's module when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_module_of)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _module_of:
            return None
        found = getattr(import_module(_module_of[cmd_name], __package__), f"{cmd_name}_verb")
        return found if isinstance(found, click.Command) else None


_verbs = _Verbs(name="mmoe_core", help="Train a multi-gate mixture-of-experts live and see what its gates do.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the arguments say, and exit.

    Args:
        arguments: Without the program's name; default: the process's own.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _verbs.main(given, prog_name="python -m mmoe_core", standalone_mode=False)
    except LabError as error:
        click.echo(str(error), err=True)
        if "--json" in given:
            click.echo(error.to_json())
        sys.exit(_REFUSED)
    except click.ClickException as error:
        error.show()
        if "--json" in given:
            click.echo(json.dumps({"error": "UsageError", "message": error.format_message()}, ensure_ascii=False))
        sys.exit(_REFUSED)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, BrokenPipeError):  # the reader of a pipe has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        refused = RunError(
            "{place} could not be used: {reason}. Make it readable and writable, or choose another place "
            "(MMOE_HOME says where runs and datasets are).",
            place=str(getattr(error, "filename", None) or home()),
            reason=getattr(error, "strerror", None) or str(error),
        )
        click.echo(str(refused), err=True)
        if "--json" in given:
            click.echo(refused.to_json())
        sys.exit(_REFUSED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)
