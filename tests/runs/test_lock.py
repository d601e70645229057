"""A kernel lock says who is alive."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mmoe_core.runs.lock import adopt_lock, is_held, take_lock


def test_a_lock_is_held_by_one_until_released(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    lock = take_lock(path)
    assert lock is not None
    assert is_held(path)
    assert take_lock(path) is None
    lock.release()
    assert not is_held(path)


def test_there_is_no_lock_where_there_is_no_folder(tmp_path: Path) -> None:
    assert take_lock(tmp_path / "gone" / "lock") is None


def test_a_deleted_and_remade_file_is_another_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with take_lock(path) or (_ for _ in ()).throw(AssertionError()) as old:
        path.unlink()
        path.touch()
        assert adopt_lock(os.dup(old.descriptor), path) is None
        assert not is_held(path)


def test_a_forked_child_does_not_keep_its_parents_lock(tmp_path: Path) -> None:
    code = """if True:
        import os, sys, time
        from pathlib import Path
        from mmoe_core.runs.lock import is_held, take_lock
        path = Path(sys.argv[1])
        lock = take_lock(path)
        ready, wake = os.pipe(), os.pipe()
        if os.fork() == 0:
            os.write(ready[1], b".")
            os.read(wake[0], 1)
            os._exit(0)
        os.read(ready[0], 1)
        lock.release()
        print(is_held(path))
        os.write(wake[1], b".")
        os.wait()
    """
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "lock")], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"


def test_a_lock_passes_to_a_child_without_ever_being_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = take_lock(path)
    assert lock is not None
    code = """if True:
        import sys
        from pathlib import Path
        from mmoe_core.runs.lock import adopt_lock
        assert adopt_lock(int(sys.argv[2]), Path(sys.argv[1])) is not None
        sys.stdin.read()
    """
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(lock.descriptor)],
        stdin=subprocess.PIPE,
        pass_fds=(lock.descriptor,),
    )
    lock.release()
    assert is_held(path)
    child.communicate()
    assert child.returncode == 0
    assert not is_held(path)
