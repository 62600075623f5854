"""Many processes write one store at once, and some are killed: nothing is lost, nothing is half."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit import audit
from optimizer.plans.plan import Plan
from store.folder import OWN_FILES, read_plan
from store.search import read_search
from store.store import Store

ROOT = Path(__file__).resolve().parents[2]
EACH = 3
# Plans under names of this store's own giving, and one under a name that all take, once a line comes in.
WRITE_SOME = f"""
import pickle, sys
from pathlib import Path
from store.store import Store
store, plan = Store(Path(sys.argv[1])), pickle.loads(Path(sys.argv[2]).read_bytes())
print("ready", flush=True)
sys.stdin.readline()
for _ in range({EACH}):
    assert store.write(plan, store.root / store.new_name("tiny", None)).ok
    assert store.write(plan, store.root / "shared").ok
"""
WRITE_FOR_EVER = """
import pickle, sys
from pathlib import Path
from store.store import Store
root, plan = Path(sys.argv[1]), pickle.loads(Path(sys.argv[2]).read_bytes())
store = Store(root).open()
print("ready", flush=True)
while True:
    store.write(plan, root / "p")
"""


@pytest.fixture
def pickled(tiny_plan: Plan, tmp_path: Path) -> Path:
    file = tmp_path / "plan.pickle"
    file.write_bytes(pickle.dumps(tiny_plan))
    return file


def assert_whole(folder: Path) -> None:
    assert {entry.name for entry in folder.iterdir()} == set(OWN_FILES) - {"plan.xlsx"}
    assert read_plan(folder).solved and audit(folder).ok
    kept, warning = read_search(folder)
    assert kept is not None and warning == ""


def test_two_processes_lose_nothing(pickled: Path, tmp_path: Path) -> None:
    root = tmp_path / "plans"
    command = [sys.executable, "-c", WRITE_SOME, str(root), str(pickled)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=300)
    assert [writer.returncode for writer in writers] == [0, 0]
    runs = Store(root).runs()
    assert len(runs) == 2 * EACH + 1
    for run in runs:
        assert_whole(run.folder)
    assert sorted(entry.name for entry in root.iterdir() if entry.name not in {run.name for run in runs}) == [".store"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_while_it_writes_a_store_holds_a_whole_run_or_none(pickled: Path, tmp_path: Path) -> None:
    root = tmp_path / "plans"
    for moment in (0.0, 0.05, 0.15, 0.3, 0.5):
        command = [sys.executable, "-c", WRITE_FOR_EVER, str(root), str(pickled)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            time.sleep(moment)
            process.kill()
        if (root / "p").exists():
            assert_whole(root / "p")
    plan = pickle.loads(pickled.read_bytes())
    assert Store(root).write(plan, root / "p").ok  # the lock went with the process that held it
    assert_whole(root / "p")
