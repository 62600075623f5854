"""Ten sessions move levers for two minutes: python -m benchmarks.ui_sessions [--sessions 10] [--seconds 120].

Each waits for the estimate of its own setting before it thinks for a moment and moves on; errors, hangs, the time to
the estimate and the server's memory are written to benchmarks/results/ui_sessions.json.
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
HANG, THINK, WARM = 240.0, 3.0, 45.0  # seconds


@dataclass
class Tally:
    """What the sessions met."""

    waits: list[float] = field(default_factory=list)
    hangs: int = 0
    wrong: int = 0
    errors: list[str] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def play(address: str, number: int, until: float, tally: Tally) -> None:
    """One session: open, then move levers until the time is over."""
    chance = random.Random(number)
    begun = time.monotonic()
    client = Client(address)
    if client.wait(lambda seen: len(seen.metrics) >= 6 and LEVERS.keys() <= seen.sliders.keys(), HANG) is None:
        with tally.lock:
            tally.hangs += 1
        return
    with tally.lock:
        tally.opened.append(time.monotonic() - begun)
    while time.monotonic() < until and client.open:
        label = chance.choice(list(LEVERS))
        stops = client.seen.sliders[label][1]
        place = chance.randrange(1, len(stops))
        shown = client.move(label, place)
        took = client.wait(_answered, HANG)
        with tally.lock:
            if took is None:
                tally.hangs += 1
            else:
                tally.waits.append(took)
                tally.wrong += not _own(client.seen, LEVERS[label], shown)
        client.wait(lambda seen: False, chance.uniform(0.5, 2 * THINK))
    with tally.lock:
        tally.errors += client.seen.exceptions
        tally.errors += [] if client.open else [f"session {number} lost its connection"]
    client.close()


def _answered(seen: Seen) -> bool:
    return bool(re.search(r"≈ \*\*Estimate|\*\*Plan\*\*: objective|No plan", seen.status))


def _own(seen: Seen, lever: str, shown: str) -> bool:
    """Whether the page's URL has this lever where the session set it (or it is at its base and not in the URL)."""
    found = re.search(rf"(?:^|[?&]){lever}=([^&]*)", seen.query)
    if found is None:
        return True
    number = float(shown.replace("%", "").replace("×", "").replace("−", "-"))
    scale = 100 if "%" in shown else 1
    return abs(float(found.group(1)) * scale - number) < 1e-6


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
            thread.join(seconds + 3 * HANG)
        alive = sum(thread.is_alive() for thread in threads)
        most = memory(int((Path(place) / "server.pid").read_text()))
        log = (Path(place) / "server.log").read_text()
    waits = sorted(tally.waits)
    return {
        "dataset": dataset, "sessions": sessions, "seconds": seconds, "answers": len(waits),
        "estimate_median_s": round(statistics.median(waits), 2) if waits else None,
        "estimate_p95_s": round(waits[int(0.95 * (len(waits) - 1))], 2) if waits else None,
        "estimate_most_s": round(waits[-1], 2) if waits else None,
        "first_page_most_s": round(max(tally.opened), 2) if tally.opened else None,
        "hangs": tally.hangs + alive, "not_its_own": tally.wrong,
        "errors": sorted({*tally.errors, *(["a traceback in the server's log"] if "Traceback" in log else [])}),
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
