"""Innovation (MODEL.md, section 7): pilots that scale, the fast mode, what a complete line unlocks."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.environ import Binary, Var

from models.buying import ordered_by
from models.keys import Keys
from models.ledger import Ledger
from models.linear import quicksum
from models.registry import rule

MODES = ("pilot", "scale", "fast")


def declare(m: Any) -> None:
    """Variables: start of pilot, scale and fast mode by line and year."""
    k: Keys = m.k
    for mode in MODES:
        keys = [(line, year) for line in k.innovations for year in k.starts(line, mode)]
        setattr(m, mode, Var(keys, domain=Binary))
    m.completions = {}  # (line, year) -> expression: many target rows share it


def began(m: Any, line: str, mode: str, by: int) -> Any:
    """1 where the mode has started by a year."""
    starts = getattr(m, mode)
    return quicksum(starts[line, year] for year in m.k.starts(line, mode) if year <= by)


def complete(m: Any, line: str, year: int) -> Any:
    """1 where the line is complete in a year (decided earlier, scaled, or fast)."""
    if (line, year) not in m.completions:
        m.completions[line, year] = _complete(m, line, year)
    return m.completions[line, year]


def _complete(m: Any, line: str, year: int) -> Any:
    k: Keys = m.k
    if k.decided(line):
        return 1 if k.innovation[line].complete_year <= year else 0
    done = began(m, line, "scale", year - k.duration(line, "scale"))
    return done + (began(m, line, "fast", year - k.duration(line, "fast")) if k.has_fast(line) else 0)


@rule("innovation.one_mode", unit="starts", says="A line is piloted or fast, once, not both.",
      over=lambda m: [line for line in m.k.innovations if m.k.starts(line, "pilot")])  # fmt: skip
def one_mode(m: Any, line: str) -> Any:
    r"""At most one start of pilot and fast mode together.

    .. math:: \sum_t pilot_{vt} + \sum_t fast_{vt} \le 1
    """
    return began(m, line, "pilot", m.k.last) + began(m, line, "fast", m.k.last) <= 1


@rule("innovation.scale_after_pilot", unit="starts", says="A line scales only after its pilot, and once.",
      over=lambda m: list(m.scale))  # fmt: skip
def scale_after_pilot(m: Any, line: str, year: int) -> Any:
    r"""Scale starts by a year need a pilot that is over by then (cumulative form, integral in itself).

    .. math:: \sum_{s \le t} scale_{vs} \le \sum_{s \le t - pilot\_years_v} pilot_{vs}
    """
    return began(m, line, "scale", year) <= began(m, line, "pilot", year - m.k.duration(line, "pilot"))


@rule("innovation.unlocks", unit="counts", says="A programme that needs a new line waits until it is complete.",
      over=lambda m: unlocked_orders(m.k))  # fmt: skip
def unlocks(m: Any, frame: str, nation: str, programme: str, year: int) -> Any:
    r"""Orders of a programme only from the completion year of the line it requires.

    A row for each order ('-': national), and ('ALL') one for everything a nation has ordered by a year: a line once
    complete stays so. The second kind forbids nothing more; on seven nations of the reference set it lifts the LP
    relaxation from 5.727 to 5.750 (docs/formulations.md).

    .. math:: x_{nit} \le bound_{nit} \, done_{vt}, \quad
              \sum_{s \le t} (x_{nis} + \sum_f y_{fns}) \le most_{ni} \, done_{vt}
    """
    k: Keys = m.k
    done = complete(m, k.programme[programme].requires_innovation, year)
    if frame == "ALL":
        return ordered_by(m, nation, programme, year) <= k.most_units[nation, programme] * done
    var = m.order[nation, programme, year] if frame == "-" else m.joint_order[frame, nation, year]
    return var <= var.ub * done


def unlocked_orders(k: Keys) -> list[tuple[str, str, str, int]]:
    """(frame, '-' or ALL, nation, programme, year) of orders that wait for a line not decided yet."""
    national = [("-", n, i, t) for n, i, t in k.national_keys if _locked(k, i)]
    joint = [(f, n, k.frame[f].programme, t) for f, n, t in k.joint_keys if _locked(k, k.frame[f].programme)]
    together = sorted({(nation, programme, year) for _, nation, programme, year in [*national, *joint]})
    return [*national, *joint, *(("ALL", *key) for key in together)]


def _locked(k: Keys, programme: str) -> bool:
    line = k.programme[programme].requires_innovation
    return bool(line) and not k.decided(line)


def spend(m: Any, ledger: Ledger) -> None:
    """Costs of each mode in equal parts over its years, shared by sponsors' GDP of the year (money)."""
    k: Keys = m.k
    for line in k.innovations:
        due: dict[int, list[Any]] = defaultdict(list)
        for mode in MODES:
            parts = max(1, k.duration(line, mode)) if k.starts(line, mode) else 1
            for start in k.starts(line, mode) if k.cost_of(line, mode) > 0 else []:
                for year in range(start, min(k.last + 1, start + parts)):
                    due[year].append((k.cost_of(line, mode) / parts) * getattr(m, mode)[line, start])
        for year, terms in sorted(due.items()):
            total = sum(k.gdp[nation, year] for nation in k.sponsors[line])
            cost = quicksum(terms)
            for nation in k.sponsors[line]:
                share = k.gdp[nation, year] / total if total else 1 / len(k.sponsors[line])
                ledger.add_other(nation, year, k.innovation[line].pillar, "innovation", line, share * cost)
