"""Ten sessions move levers for two minutes: python -m benchmarks.ui_sessions [--sessions 10] [--seconds 120].

Each waits for the answer to its own setting, thinks for a moment and moves on; whoever has no answer after PATIENCE
moves on without. Every move is answered, replaced by a newer one of the same session, or a hang: the last move of a
session that has no answer GRACE after it was made. A page that says that the solver failed is an answer, and an error.
Errors, hangs, the time to the answer and the server's memory are written to benchmarks/results/ui_sessions.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.ui_client import Client, Seen
from tests.visit import ROOT, served

RESULT = ROOT / "benchmarks" / "results" / "ui_sessions.json"
LEVERS = {
    "Growth of GDP": "growth_shift",
    "Carried into next year": "carry_over",
    "Price growth": "price_growth_shift",
    "Core share, last year": "core_share_2035",
    "Shifted between pillars": "pillar_shift",
}
PATIENCE, GRACE, THINK, WARM = 20.0, 60.0, 3.0, 45.0  # seconds
ANSWERED = re.compile(r"≈ \*\*Estimate|\*\*Plan\*\*: objective|No plan|solver failed")


@dataclass
class Tally:
    """What the sessions met."""

    waits: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)
    moves: int = 0
    replaced: int = 0
    hangs: int = 0
    wrong: int = 0
    errors: list[str] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def play(address: str, number: int, until: float, tally: Tally) -> None:
    """One session: open, then move levers until the time is over, then wait for the answer to the last move."""
    chance = random.Random(number)
    begun = time.monotonic()
    client = Client(address)
    if client.wait(lambda seen: len(seen.metrics) >= 6 and LEVERS.keys() <= seen.sliders.keys(), GRACE) is None:
        with tally.lock:
            tally.hangs += 1
        return
    with tally.lock:
        tally.opened.append(time.monotonic() - begun)
    asked = None  # since when this session has moved without an answer
    while time.monotonic() < until and client.open:
        label, shown = _move(client, chance, tally)
        asked = asked or time.monotonic()
        last = time.monotonic() + PATIENCE >= until
        if _await(client, label, shown, GRACE if last else PATIENCE, tally):
            with tally.lock:
                tally.without.append(time.monotonic() - asked)
            asked = None
        else:
            with tally.lock:
                tally.hangs, tally.replaced = tally.hangs + last, tally.replaced + (not last)
        if last:
            break
        client.wait(lambda seen: False, chance.uniform(0.5, 2 * THINK) if asked is None else 0.0)
    with tally.lock:
        tally.errors += client.seen.exceptions
        tally.errors += [] if client.open else [f"session {number} lost its connection"]
    client.close()


def _move(client: Client, chance: random.Random, tally: Tally) -> tuple[str, str]:
    """Move a lever to another stop; gives its label and the stop."""
    label = chance.choice(list(LEVERS))
    seen = client.seen
    stops, here = seen.sliders[label][1], seen.at.get(label, seen.start[label])
    with tally.lock:
        tally.moves += 1
    return label, client.move(label, chance.choice([n for n in range(1, len(stops)) if stops[n] != here]))


def _await(client: Client, label: str, shown: str, seconds: float, tally: Tally) -> bool:
    """Wait for the answer to a move: the page has taken the move and says what the answer is."""
    took = client.wait(lambda seen: bool(ANSWERED.search(seen.status)) and _own(seen, label, shown), seconds)
    seen = client.seen
    with tally.lock:
        if took is None:
            tally.wrong += bool(ANSWERED.search(seen.status))
            return False
        tally.waits.append(took)
        tally.errors += ["the solver failed"] if "solver failed" in seen.status else []
    return True


def _own(seen: Seen, label: str, shown: str) -> bool:
    """Whether the page's URL has this lever where the session set it (what stands at the base is not in the URL)."""
    found = re.search(rf"(?:^|[?&]){LEVERS[label]}=([^&]*)", seen.query)
    if found is None:
        return shown == seen.start[label]
    number = float(shown.replace("%", "").replace("×", "").replace("−", "-"))
    scale = 100 if "%" in shown else 1
    return abs(float(found.group(1)) * scale - number) < 1e-6


def tracebacks(log: str) -> list[str]:
    """What each traceback in a server's log ends with: the last place in our own or another's code, and the fault."""
    found = []
    for block in log.split("Traceback (most recent call last):")[1:]:
        places = re.findall(r'File ".*?([^/"]+)", line (\d+), in (\S+)', block)
        fault = next((line for line in block.splitlines() if line and not line.startswith(" ")), "")
        found.append(f"in the server's log: {' '.join(places[-1]) if places else ''}: {fault[:200]}")
    return found


def memory(process: int) -> float:
    """Most memory of a process and its helpers so far, in MB."""
    found = [process, *(int(child) for child in _read(f"/proc/{process}/task/{process}/children").split())]
    peaks = [re.search(r"VmHWM:\s+(\d+) kB", _read(f"/proc/{one}/status")) for one in found]
    return sum(int(peak.group(1)) for peak in peaks if peak is not None) / 1024


def _read(file: str) -> str:
    return Path(file).read_text() if Path(file).exists() else ""


def measure(sessions: int, seconds: float, dataset: str) -> dict[str, Any]:
    """Run the sessions; gives the figures."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as place, served(dataset, Path(place), 60) as address:
        time.sleep(WARM)  # the resident session solves its first relaxation; a user meets a server that is up
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=play, args=(address, n, until, tally)) for n in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + 3 * GRACE)
        alive = sum(thread.is_alive() for thread in threads)
        most = memory(int((Path(place) / "server.pid").read_text()))
        log = (Path(place) / "server.log").read_text()
    waits, without = sorted(tally.waits), tally.without
    return {
        "dataset": dataset, "sessions": sessions, "seconds": seconds,
        "patience_s": PATIENCE, "grace_s": GRACE, "moves": tally.moves, "answers": len(waits),
        "replaced": tally.replaced, "hangs": tally.hangs + alive, "not_its_own": tally.wrong,
        "estimate_median_s": round(statistics.median(waits), 2) if waits else None,
        "estimate_p95_s": round(waits[int(0.95 * (len(waits) - 1))], 2) if waits else None,
        "estimate_most_s": round(waits[-1], 2) if waits else None,
        "longest_without_an_answer_s": round(max(without), 2) if without else None,
        "first_page_most_s": round(max(tally.opened), 2) if tally.opened else None,
        "errors": sorted({*tally.errors, *tracebacks(log)}),
        "server_memory_mb": round(most), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }  # fmt: skip


def main() -> int:
    """Measure, print, write; 0 where all stays within what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--dataset", default="data/alliance")
    parser.add_argument("--dry", action="store_true", help="print only")
    given = parser.parse_args()
    found = measure(given.sessions, given.seconds, given.dataset)
    text = json.dumps(found, indent=1)
    sys.stdout.write(text + "\n")
    if not given.dry:
        RESULT.write_text(text + "\n", encoding="utf-8")
    slow = found["estimate_p95_s"] is None or found["estimate_p95_s"] > 10
    return int(bool(found["hangs"] or found["errors"] or found["not_its_own"] or slow))


if __name__ == "__main__":
    sys.exit(main())
