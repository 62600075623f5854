"""`drive5 app` as a process: wrong usage, bad data, Ctrl-C at bad moments, nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit import audit
from tests.visit import ROOT, served
from tests.worker_tasks import descendants, gone, running
from ui.engine_room import bounders, estimators

DRIVE5 = str(Path(sys.executable).with_name("drive5"))


def drive5(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DRIVE5, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)


def test_help_shows_an_example() -> None:
    ended = drive5("app", "--help")
    assert ended.returncode == 0 and "Example: drive5 app data/alliance" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "there is no such data set"),
        (["README.md"], "a data set is a folder"),
        (["--port", "0"], "port"),
        (["--workspace", "README.md"], "that is a file"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], said: str) -> None:
    ended = drive5("app", "--no-browser", *arguments)
    assert ended.returncode == 2 and said in ended.stderr and "Traceback" not in ended.stderr


def test_bad_data_are_said_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "dataset.yaml").write_text("name: bad\n", encoding="utf-8")
    ended = drive5("app", str(tmp_path / "bad"), "--no-browser", "--workspace", str(tmp_path / "work"))
    assert ended.returncode == 3 and "dataset.yaml" in ended.stderr and "bad data" in ended.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
@pytest.mark.parametrize("moment", ["at once", "while solving", "while writing"])
def test_a_stop_at_a_bad_moment_leaves_whole_plans_only(tmp_path: Path, how: signal.Signals, moment: str) -> None:
    """A session asks for a plan; the server is stopped before, in and after the solve, within ten seconds."""
    with served("data/tiny", tmp_path) as address, _session(address):
        _await_moment(moment, tmp_path)
        os.kill(int((tmp_path / "server.pid").read_text()), how)
        begun = time.monotonic()
        _gone(address)
        assert time.monotonic() - begun < 10
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log and "terminate called" not in log
    for folder in tmp_path.iterdir():
        if (folder / "plan.json").exists():
            assert audit(folder).ok


def _await_moment(moment: str, workspace: Path) -> None:
    if moment == "while solving":
        time.sleep(1.0)
    until = time.monotonic() + 60
    while moment == "while writing" and not list(workspace.glob(".*.new")):
        assert time.monotonic() < until, "no plan was written"
        time.sleep(0.01)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
@pytest.mark.parametrize("how", ["drive5 app", "streamlit run"])
def test_a_killed_server_leaves_no_process(tmp_path: Path, how: str) -> None:
    """Its processes are there while a session is served, run the app themselves in neither case, and go with it."""
    command = _streamlit if how == "streamlit run" else None
    with served("data/tiny", tmp_path, command=command) as address, _session(address):
        left = _await_processes(server := int((tmp_path / "server.pid").read_text()))
        time.sleep(2.0)
        assert running(left) == left
        os.kill(server, signal.SIGKILL)
        assert gone(left, 10)
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log and "ScriptRunContext" not in log


def _streamlit(port: int, workspace: Path) -> list[str]:
    options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    settings = [f"DRIVE5_WORKSPACE={workspace}", "DRIVE5_DATASET=data/tiny"]
    return ["env", *settings, sys.executable, "-m", "streamlit", "run", "app.py", *options]


def _await_processes(server: int) -> set[int]:
    """The search, a bound for each core, at least one estimate, and the keeper of multiprocessing's resources."""
    least, until = 2 + bounders() + estimators(), time.monotonic() + 120
    while len(found := descendants(server)) < least:
        assert time.monotonic() < until, "the processes did not come"
        time.sleep(0.1)
    return found


@contextmanager
def _session(address: str) -> Iterator[None]:
    """A browser session without a browser: a websocket that asks for the first page, held open by a process."""
    code = (
        "import sys, time, websockets.sync.client as client\n"
        "from streamlit.proto.BackMsg_pb2 import BackMsg\n"
        "with client.connect(sys.argv[1], subprotocols=['streamlit']) as socket:\n"
        "    asked = BackMsg(); asked.rerun_script.query_string = 'data=tiny&carry_over=0.09'\n"
        "    socket.send(asked.SerializeToString())\n"
        "    print('asked', flush=True)\n"
        "    while True: socket.recv()\n"
    )
    url = address.replace("http://", "ws://") + "/_stcore/stream"
    command = [sys.executable, "-c", code, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as held:
        assert held.stdout is not None and held.stdout.readline().strip() == b"asked"
        yield
        held.terminate()


def _gone(address: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                time.sleep(0.1)
        except OSError:
            return
    raise AssertionError("the server is still there")
