"""`python -m mmoe_core.exports.program BUNDLE NAME`: the process that reads a stranger's bundle, for `child`."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from ..errors import LabError, RunError
from ..runs import Store
from .child import MEMORY_BYTES
from .opening import open_bundle

__all__ = ["main"]

_REFUSED = 2


def main(bundle: str, called: str) -> int:
    """Open it, and say the run's id or why not as one JSON object."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        row = open_bundle(Store(), Path(bundle), called)
    except LabError as error:
        return _refuse(error)
    except MemoryError:
        return _refuse(
            RunError(
                "Opening {file} needed more memory than the {gigabytes} GB that a file from outside may use. Nothing "
                "was opened.",
                file=called,
                gigabytes=MEMORY_BYTES // 2**30,
            )
        )
    except OSError as error:
        return _refuse(
            RunError(
                "{file} could not be opened: {reason}. Nothing was opened.",
                file=called,
                reason=error.strerror or type(error).__name__,
            )
        )
    sys.stdout.write(json.dumps({"run_id": row.run_id}) + "\n")
    return 0


def _refuse(error: LabError) -> int:
    sys.stdout.write(error.to_json() + "\n")
    return _REFUSED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
