"""torchrun over two hosts: two network namespaces joined by a cable, each with a home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmoe_core.errors import RankLost
from mmoe_core.runs import Store
from tests.runs.fakes import until

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = ("10.213.97.1", "10.213.97.2")
SETTINGS = ("data.num_rows=2000", "model.num_experts=3", "train.batch_size=64")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture
def hosts() -> Iterator[tuple[str, str]]:
    names = (f"mmoe-{os.getpid()}-a", f"mmoe-{os.getpid()}-b")
    if shutil.which("ip") is None:
        pytest.skip("the program `ip` (iproute2) is not installed")
    try:
        for name in names:
            ip("netns", "add", name)
        ends = (f"a{os.getpid()}", f"b{os.getpid()}")
        ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        for name, end, address in zip(names, ends, ADDRESSES, strict=True):
            ip("link", "set", end, "netns", name)
            ip("-n", name, "addr", "add", f"{address}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
            ip("-n", name, "link", "set", "lo", "up")
    except subprocess.CalledProcessError as refused:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        pytest.skip(f"network namespaces cannot be made here: {refused.stderr.strip()}")
    yield names
    for name in names:
        ip("netns", "delete", name)


def started(hosts: tuple[str, str], homes: list[Path], *settings: str) -> list[subprocess.Popen[str]]:
    words = [word for setting in (*SETTINGS, *settings) for word in ("--set", setting)]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
    torchrun += [f"--master-addr={ADDRESSES[0]}", "--master-port=29471"]
    return [
        subprocess.Popen(
            [
                "ip",
                "netns",
                "exec",
                host,
                *torchrun,
                f"--node-rank={rank}",
                "-m",
                "mmoe_core",
                "train",
                *words,
                "--json",
            ],
            cwd=ROOT,
            env=os.environ | {"MMOE_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank, (host, home) in enumerate(zip(hosts, homes, strict=True))
    ]


def test_two_hosts_train_together_and_the_death_of_one_ends_the_run(hosts: tuple[str, str], tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b"]
    first, second = started(hosts, homes, "train.max_steps=40")
    out, _ = first.communicate(timeout=90)
    second.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (0, 0)
    assert '"state": "finished"' in out.splitlines()[-1]
    assert not (homes[1] / "runs").exists()

    first, second = started(hosts, homes, "train.epochs=20000")
    store = Store(homes[0] / "runs")
    until(lambda: any(row.steps > 5 and row.state == "running" for row in store.rows()))
    there = subprocess.run(["ip", "netns", "pids", hosts[1]], capture_output=True, text=True, check=True)
    for pid in there.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    second.communicate()
    first.communicate(timeout=60)
    row = store.rows()[0]
    assert row.state == "failed"
    assert isinstance(row.error, RankLost)
    assert row.error.values["rank"] == 1
    store.close()
