"""The bound-proving tree beside the search: on a large program it finds no plan, but its root proves more than ours.

Presolve and cuts of the tree take half a minute and can't be broken off in between, so that it works in a process of
its own (optimizer/workers/child.py), which can be ended at any moment. Meanwhile the search has one core to itself,
which is all that it uses. The tree tells bounds only: no plan depends on when they come.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from optimizer.engine.highs import Engine, Progress, Watch
from optimizer.problem.compile import Matrix
from optimizer.workers.child import command

HOME = Path(__file__).resolve().parents[2]
POLITE = 5  # added to the niceness of the tree: the search comes first


class Beside:
    """A tree in a process of its own, from the moment it is made until it is ended."""

    def __init__(self, matrix: Matrix, watch: Watch, *, gap: float, seed: int) -> None:
        """Begin.

        Args:
            matrix: the tightened program.
            watch: of the solve; its bound is raised as the tree proves more.
            gap: relative gap at which the tree may stop.
            seed: for the engine.
        """
        self._watch, self._best = watch, -np.inf
        self._process: subprocess.Popen[bytes] | None = None
        plain = replace(matrix, rows=[], columns=[], group=np.zeros(0, dtype=str))
        with contextlib.suppress(OSError):  # where no process may be started the search goes on alone
            self._process = subprocess.Popen(
                command("optimizer.bounds.tree"), cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        self._thread = threading.Thread(target=self._listen, args=(pickle.dumps((plain, gap, seed)),), daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Stop the tree; gives the best bound that it has proven (points), minus infinity for none."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        return self._best

    def _listen(self, program: bytes) -> None:
        """Hand the program over, then take bounds until there are no more; the pipe stays open meanwhile."""
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            return
        given, told = self._process.stdin, self._process.stdout
        with contextlib.suppress(OSError, ValueError), given, told:
            given.write(program)
            given.flush()
            for line in told:
                self._best = max(self._best, float(json.loads(line)))
                self._watch.raise_bound(self._best)


def _end_with(source: BinaryIO) -> None:
    """End this process once the other side of the pipe is gone, however it went."""
    source.read(1)
    os._exit(0)


def prove(source: BinaryIO, sink: BinaryIO) -> None:
    """Read a program, and say each better bound as a line."""
    matrix, gap, seed = pickle.load(source)
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    said = -np.inf

    def say(news: Progress) -> None:
        nonlocal said
        if news.bound is not None and news.bound > said:
            said = news.bound
            sink.write(f"{json.dumps(said)}\n".encode())
            sink.flush()

    watch = Watch(float("inf"), progress=say)
    engine = Engine(matrix, watch, seed=seed, threads=1)
    engine.set(mip_lp_solver="ipm")  # a quarter of the time of simplex at this root
    watch.raise_bound(engine.mip(gap=gap).bound)
    watch.report(force=True)


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Prove what the other side sends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the solve's, which ends its tree
    if hasattr(os, "nice"):
        os.nice(POLITE)
    prove(source, sink)
