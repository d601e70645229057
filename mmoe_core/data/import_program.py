"""`python -m mmoe_core.data.import_program SOURCE NAME`: the process that reads a stranger's files, for `importing`.

It limits its own memory, imports, and says what was wrong as the JSON on its last line of standard error.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from ..errors import LabError
from .ali_ccp_csv import import_ali_ccp_csv
from .importing import MEMORY_BYTES, REFUSED

__all__ = ["main"]


def main() -> int:
    """Import, or refuse."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        import_ali_ccp_csv(Path(sys.argv[1]), sys.argv[2])
    except LabError as error:
        sys.stderr.write(error.to_json() + "\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
