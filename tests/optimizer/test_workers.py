"""Processes that do tasks: they answer, tell news, stop, say what failed, are replaced, and never outlive who asks."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generate import generate
from optimizer.workers import worker as workers
from optimizer.workers.worker import Task, Worker, WorkerDied, WorkerFault
from tests import worker_tasks as do

ROOT = Path(__file__).resolve().parents[2]
TINY = "data/tiny"
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("a worker", dict)
    yield made
    made.end()


def test_it_answers_and_tells_news_in_order(worker: Worker) -> None:
    """What it opened stays from task to task: 2, then 2 + 3."""
    news: list[Any] = []
    assert worker.call(Task(do.add, (2,), progress=news.append)) == 2
    assert worker.call(Task(do.add, (3,), progress=news.append)) == 5
    assert news == [2, 3]


def test_tasks_of_many_threads_are_done_one_at_a_time(worker: Worker) -> None:
    threads = [threading.Thread(target=worker.call, args=(Task(do.add, (1,)),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worker.call(Task(do.add, (0,))) == 8


def test_cancelling_reaches_a_task_and_no_later_one(worker: Worker) -> None:
    cancel = threading.Event()
    assert worker.call(Task(do.wait, cancel=cancel, progress=lambda news: cancel.set())) == "cancelled"
    begun = time.monotonic()
    assert worker.call(Task(do.wait, seconds=1.0)) == "cancelled"
    assert time.monotonic() - begun >= 1.0


def test_the_limit_travels_with_the_task(worker: Worker) -> None:
    worker.call(Task(do.add, (1,)))
    begun = time.monotonic()
    assert worker.call(Task(do.wait, seconds=0.2)) == "cancelled"
    assert time.monotonic() - begun < 5


def test_what_fails_is_told_in_one_line_with_its_trace_and_the_worker_goes_on(worker: Worker) -> None:
    with pytest.raises(WorkerFault) as caught:
        worker.call(Task(do.fail))
    assert str(caught.value) == r"KeyError: 'two\nlines'"
    assert "worker_tasks.py" in caught.value.trace
    assert "worker_tasks.py" in "".join(traceback.format_exception(caught.value))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.trace) == (str(caught.value), caught.value.trace)
    pid = worker.pid
    assert worker.call(Task(do.add, (1,))) == 1 and worker.pid == pid


def test_what_can_not_be_sent_back_is_told(worker: Worker) -> None:
    with pytest.raises(WorkerFault, match="pickle"):
        worker.call(Task(do.unsayable))
    assert worker.call(Task(do.add, (1,))) == 1


def test_what_can_not_be_sent_leaves_the_worker_hearing(worker: Worker) -> None:
    """Half a message must not reach the other side: it would understand nothing that follows, and never answer."""
    with pytest.raises(RuntimeError, match="changed while"):
        worker.call(Task(do.add, (bytes(5_000_000), do.Unsendable())))
    assert worker.call(Task(do.add, (1,))) == 1


def test_what_the_worker_can_not_read_is_told(worker: Worker) -> None:
    with pytest.raises(WorkerFault, match="the shop is closed"):
        worker.call(Task(do.add, (do.Unreadable(),)))
    assert worker.call(Task(do.add, (1,))) == 1


def test_a_worker_that_can_not_be_understood_is_replaced(worker: Worker) -> None:
    worker.start()
    first = worker.pid
    with pytest.raises(WorkerDied, match="the shop is closed"):
        worker.call(Task(do.unreadable))
    assert worker.call(Task(do.add, (1,))) == 1 and worker.pid != first


def test_what_can_not_be_opened_fails_every_task() -> None:
    worker = Worker("a worker", do.broken)
    for _ in range(2):
        with pytest.raises(WorkerFault, match="ValueError: the shop is closed"):
            worker.call(Task(do.add, (1,)))
    worker.end()


def test_news_that_nobody_can_use_end_the_task_alone(worker: Worker) -> None:
    """The first task is cancelled; the answer that it still gives is not the second one's."""

    def refuse(news: object) -> None:
        raise OSError("no room for news")

    with pytest.raises(OSError, match="no room"):
        worker.call(Task(do.wait, progress=refuse))
    assert worker.call(Task(do.add, (7,))) == 7


@pytest.mark.parametrize(("task", "code"), [(do.die, "-9"), (do.leave, "3")], ids=["killed", "left"])
def test_a_worker_that_dies_is_noticed_at_once_told_and_replaced(worker: Worker, task: Any, code: str) -> None:
    assert worker.call(Task(do.add, (1,))) == 1
    first, begun = worker.pid, time.monotonic()
    with pytest.raises(WorkerDied, match=f"^a worker: the process ended before it answered .*{code}.*; ask again"):
        worker.call(Task(task))
    assert time.monotonic() - begun < 5
    assert worker.call(Task(do.add, (2,))) == 2
    assert worker.pid != first


def test_a_worker_killed_between_two_tasks_is_replaced(worker: Worker) -> None:
    worker.call(Task(do.add, (1,)))
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while worker.pid is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert worker.call(Task(do.add, (2,))) == 2


@pytest.mark.parametrize("task", [do.wait, do.busy], ids=["waiting", "busy"])
def test_an_ended_worker_is_gone_at_once_and_its_task_has_no_answer(task: Any) -> None:
    worker, begun = Worker("a worker", dict), threading.Event()
    failed: list[BaseException] = []

    def call() -> None:
        try:
            worker.call(Task(task, progress=lambda news: begun.set()))
        except WorkerDied as problem:
            failed.append(problem)

    thread = threading.Thread(target=call)
    thread.start()
    assert begun.wait(30)
    since = time.monotonic()
    worker.end()
    thread.join(10)
    assert time.monotonic() - since < 3
    assert "was ended" in str(failed[0]) and worker.pid is None
    with pytest.raises(WorkerDied, match="ended for good"):
        worker.call(Task(do.add, (1,)))


def test_ending_waits_for_who_is_still_at_the_news_of_the_task() -> None:
    """Two seconds: whoever asked has left when `end` is back, and nothing is written into what is closed then."""
    worker, begun = Worker("a worker", dict), threading.Event()
    left = threading.Event()

    def listen(news: object) -> None:
        begun.set()
        time.sleep(2.0)

    def call() -> None:
        with pytest.raises(WorkerDied):
            worker.call(Task(do.wait, progress=listen))
        left.set()

    thread = threading.Thread(target=call)
    thread.start()
    assert begun.wait(30)
    worker.end()
    assert left.wait(1.0), "a moment for the thread's own last lines"
    thread.join()


def test_a_worker_ended_while_it_starts_is_gone() -> None:
    worker = Worker("a worker", do.sleepy)
    worker.start()
    since = time.monotonic()
    worker.end()
    assert worker.pid is None and time.monotonic() - since < 2


def test_where_no_process_can_be_started_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*given: Any, **named: Any) -> None:
        raise PermissionError("no more processes")

    monkeypatch.setattr(workers.SPAWN, "Process", refused)
    with pytest.raises(WorkerDied, match="no process can be started"):
        Worker("a worker", dict).start()


# ---- output ------------------------------------------------------------------------------------------------------

ASKS = """
import sys
from optimizer.workers.worker import Task, Worker
from tests import worker_tasks as do
if __name__ == "__main__":
    worker = Worker("a worker", dict)
    print(worker.call(Task(do.printed, (sys.argv[1],))))
    worker.end()
"""


@pytest.mark.parametrize("how", ["print", "os.write", "highs"])
@pytest.mark.parametrize("shell", ["", ">&-", "2>&-"], ids=["both streams", "no output", "no error stream"])
def test_what_a_worker_prints_reaches_the_error_stream_and_no_message(how: str, shell: str, tmp_path: Path) -> None:
    script = tmp_path / "asks.py"
    script.write_text(ASKS, encoding="utf-8")
    command = f'"{sys.executable}" "{script}" {how} {shell}'
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    told = subprocess.run(
        command, cwd=ROOT, shell=True, capture_output=True, text=True, check=False, env=os.environ | path
    )
    assert told.returncode == 0, told.stderr[-500:]
    assert told.stdout == ("" if shell == ">&-" else "answered\n")
    assert "Traceback" not in told.stderr
    if shell != "2>&-":
        assert len(told.stderr.splitlines()) >= (200 if how == "highs" else do.LINES)


@pytest.mark.parametrize("shell", ["", ">&-"], ids=["an output", "none"])
def test_the_solver_greets_nobody(shell: str) -> None:
    """HiGHS 1.16.0 writes two lines on the standard output when its first instance is made."""
    code = "import optimizer.engine.highs as e; print(e.VERSION); e.highspy.Highs()"
    told = subprocess.run(
        f'"{sys.executable}" -c "{code}" {shell}', cwd=ROOT, shell=True, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0
    assert told.stdout.split() == ([] if shell else [told.stdout.strip()])
    assert told.stderr == ""


def test_a_plan_as_json_is_json_alone(tmp_path: Path) -> None:
    solve = ["solve", TINY, "--json", "--quiet", "--time-limit", "20", "--out", str(tmp_path / "plan")]
    code = "import sys; from cli import main; main()"
    told = subprocess.run([sys.executable, "-c", code, *solve], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["dataset"] == "tiny"


# ---- the parent --------------------------------------------------------------------------------------------------

# A script without any guard, as a page is: a worker that ran it again would write "run" again, and start another one.
UNGUARDED = """
import sys, time
print("run", flush=True)
from optimizer.workers.worker import Task, Worker
from tests import worker_tasks as do
worker = Worker("a worker", dict)
print(worker.call(Task(do.main_module)), flush=True)
if sys.argv[1] == "lock":
    print(worker.call(Task(do.lock)), flush=True)
    worker.end()
if sys.argv[1] == "idle":
    time.sleep(60)
if sys.argv[1] == "busy":
    worker.call(Task(do.busy, progress=lambda news: print(news, flush=True)))
if sys.argv[1] == "waiting":
    worker.call(Task(do.wait, progress=lambda news: print(news, flush=True)))
"""


def unguarded(folder: Path, what: str) -> subprocess.Popen[str]:
    script = folder / "unguarded.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, str(script), what], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip


def test_a_worker_does_not_run_its_parents_main_module(tmp_path: Path) -> None:
    """Nor does a worker that is left open keep its parent from ending."""
    told, complaint = unguarded(tmp_path, "end").communicate(timeout=60)
    assert told.split() == ["run", "None"] and complaint == ""


def test_locks_of_libraries_are_not_complained_of(tmp_path: Path) -> None:
    told, complaint = unguarded(tmp_path, "lock").communicate(timeout=60)
    assert told.split() == ["run", "None", "locked"] and complaint == ""


def test_a_worker_does_not_run_the_test_runner_or_what_stands_in_for_the_main_module(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Streamlit puts a page's script into the place of the main module while it runs."""
    page = type(sys)("__main__")
    page.__file__ = str(tmp_path / "page.py")
    Path(page.__file__).write_text("raise SystemExit('the page ran again')", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "__main__", page)
        assert worker.call(Task(do.main_module)) is None


@linux
@pytest.mark.parametrize("what", ["idle", "waiting", "busy"])
def test_a_killed_parent_leaves_no_worker(what: str, tmp_path: Path) -> None:
    with unguarded(tmp_path, what) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline() for _ in range(2 if what == "idle" else 3)]
        assert "" not in lines
        left = do.descendants(parent.pid)
        assert left
        parent.kill()
        parent.wait()
        assert do.gone(left, 10)


@linux
def test_ctrl_c_ends_workers_quietly(tmp_path: Path) -> None:
    """A terminal sends it to all of them; the parent alone says what it was at."""
    with unguarded(tmp_path, "waiting") as parent:
        assert parent.stdout is not None and parent.stderr is not None
        for _ in range(3):
            parent.stdout.readline()
        left = do.descendants(parent.pid)
        for pid in {parent.pid} | left:
            os.kill(pid, signal.SIGINT)
        complaint = parent.stderr.read()
        parent.wait()
    assert do.gone(left, 10)
    assert complaint.count("Traceback") == 1 and "unguarded.py" in complaint


def solving(dataset: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli", "solve", str(dataset), "--out", str(out), "--threads", "2", "--gap", "0"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@linux
def test_a_killed_search_leaves_no_tree(tmp_path: Path) -> None:
    """The set is of the size for which a tree works beside the search."""
    generate(14, 60, 1, tmp_path / "set")
    with solving(tmp_path / "set", tmp_path / "plan") as parent:
        until = time.monotonic() + 120
        while len(left := do.descendants(parent.pid)) < 2 and time.monotonic() < until:
            assert parent.poll() is None
            time.sleep(0.1)
        assert len(left) == 2, "the tree and the keeper of multiprocessing's resources"
        time.sleep(3.0)
        assert do.running(left) == left
        parent.kill()
        parent.wait()
        assert do.gone(left, 10)
