"""What the commands say: tables with rich on a terminal and plain text elsewhere, one moving line of progress.

Streams are looked up when something is said, never kept, so that redirecting them works.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from optimizer.engine.journal import Progress

Result = TypeVar("Result")
PATIENCE = 2.0  # seconds before progress is shown
PLAIN_EVERY = 10.0  # seconds between progress lines where there is no terminal
BEAT = 0.1
STOPPING = "drive5: stopping; the best plan found so far will be written (Ctrl-C again kills at once)"


def say(text: str = "") -> None:
    """One line to the output."""
    _line(sys.stdout, text)


def tell(text: str) -> None:
    """One line to the error stream: what, where, what to do."""
    _line(sys.stderr, text)


def _line(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()


def show_table(heads: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A table: framed on a terminal, columns apart by two blanks elsewhere (then without a title).

    Cells that are numbers stand right.
    """
    if not sys.stdout.isatty():
        for line in plain_table(heads, rows):
            say(line)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for index, head in enumerate(heads):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(head, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(file=sys.stdout).print(table)


def plain_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The lines of a table as plain text."""
    texts = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[index]) for line in texts) for index in range(len(heads))]
    return ["  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip() for line in texts]


class ProgressLine:
    """The line of progress on the error stream: elapsed, incumbent, bound, gap.

    Nothing in the first two seconds. On a terminal one line that moves; elsewhere a line every ten seconds.
    """

    def __init__(self, quiet: bool = False) -> None:
        """Start the clock; ``quiet`` shows nothing ever."""
        self._quiet = quiet
        self._start = time.monotonic()
        self._last: Progress | None = None
        self._phase = ""
        self._shown_at = float("-inf")
        self._drawn = False

    def update(self, progress: Progress) -> None:
        """Keep the latest news (called from the thread that solves)."""
        self._last = progress
        self._phase = progress.message or progress.phase

    def phase(self, text: str) -> None:
        """Name what is going on outside the solver."""
        self._phase = text

    def text(self) -> str:
        """The line as it stands."""
        parts = [f"{time.monotonic() - self._start:5.0f} s"]
        last = self._last
        if last is not None:
            parts.append(f"incumbent {_figure(last.incumbent)}")
            parts.append(f"bound {_figure(last.bound)}")
            parts.append(f"gap {_share(last.gap)}")
        return "  ".join([*parts, self._phase])

    def tick(self) -> None:
        """Draw the line if it is time to."""
        now = time.monotonic()
        if self._quiet or now - self._start < PATIENCE:
            return
        if sys.stderr.isatty():
            from rich.console import Console

            width = Console(file=sys.stderr).width - 1
            sys.stderr.write("\r" + self.text()[:width] + "\x1b[K")
            sys.stderr.flush()
            self._drawn = True
        elif now - self._shown_at >= PLAIN_EVERY:
            self._shown_at = now
            tell(self.text())

    def clear(self) -> None:
        """Take the moving line away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False


def _figure(value: float | None) -> str:
    return "-" if value is None or abs(value) == float("inf") or value != value else f"{value:,.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None or abs(value) == float("inf") or value != value else f"{value:.2%}"


def interruptible(work: Callable[[threading.Event], Result], line: ProgressLine) -> Result:
    """Run ``work(cancel)`` beside the line of progress; the first Ctrl-C sets ``cancel``, a second one kills.

    The work has its own thread because a solver deep in its own code would keep the signal waiting.

    Raises:
        Exception: whatever the work raised.
    """
    cancel = threading.Event()
    results: list[Result] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work(cancel))
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, name="drive5 work", daemon=True)
    told = False
    with _stopping(cancel):
        thread.start()
        while thread.is_alive():
            thread.join(BEAT)
            if cancel.is_set() and not told:
                told = True
                line.clear()
                tell(STOPPING)
            line.tick()
    line.clear()
    if failures:
        raise failures[0]
    return results[0]


@contextmanager
def _stopping(cancel: threading.Event) -> Iterator[None]:
    """Ctrl-C (and the polite signal of batch systems) asks once, then kills.

    The handler writes nothing: it may run in the middle of another write.
    """

    def stop(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        cancel.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
