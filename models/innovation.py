"""Innovation (MODEL.md, section 7): pilots that scale, the fast mode, what a complete line unlocks, who pays."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pyomo.core import Binary, Var

from models.buying import most_of_year, ordered_by
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
    m.innovation_bills = _bills(m)


def _bills(m: Any) -> dict[tuple[str, int], Any]:
    """(line, year) -> what the line costs in the year (money)."""
    k: Keys = m.k
    due: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for line in k.innovations:
        for mode in MODES:
            for start in k.starts(line, mode):
                for year, cost in k.innovation_due(line, mode, start).items():
                    due[line, year].append(cost * getattr(m, mode)[line, start])
    return {key: quicksum(terms) for key, terms in sorted(due.items())}


def began(m: Any, line: str, mode: str, by: int) -> Any:
    """1 where the mode has started by a year."""
    starts = getattr(m, mode)
    return quicksum(starts[line, year] for year in m.k.starts(line, mode) if year <= by)


def complete(m: Any, line: str, year: int) -> Any:
    """1 where the line is complete in a year (decided earlier, scaled, or fast); settled: in the last year."""
    year = min(year, m.k.last)
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


@rule("innovation.unlocks", bends=True, given=True, big_m=True, unit="counts",
      says="A programme that needs a new line waits until it is complete.",
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
        return ordered_by(m, nation, programme, year) <= k.switch((nation, programme)) * done
    var = m.order[nation, programme, year] if frame == "-" else m.joint_order[frame, nation, year]
    return var <= most_of_year(k, nation, programme, year + k.lead(programme, None if frame == "-" else frame)) * done


def unlocked_orders(k: Keys) -> list[tuple[str, str, str, int]]:
    """(frame, '-' or ALL, nation, programme, year) of orders that wait for a line not decided yet."""
    national = [("-", n, i, t) for n, i, t in k.national_keys if _locked(k, i)]
    joint = [(f, n, k.frame[f].programme, t) for f, n, t in k.joint_keys if _locked(k, k.frame[f].programme)]
    together = sorted({(nation, programme, year) for _, nation, programme, year in [*national, *joint]})
    return [*national, *joint, *(("ALL", *key) for key in together)]


def _locked(k: Keys, programme: str) -> bool:
    line = k.programme[programme].requires_innovation
    return bool(line) and not k.decided(line)


@rule("innovation.bill", unit="money", says="Sponsors pay an innovation line in full, every year.",
      over=lambda m: [key for key in m.bill_keys if key[0] in m.k.innovation_pools])  # fmt: skip
def bill(m: Any, pool: str, year: int) -> Any:
    r"""Contributions of a year sum to the bills of the pool's lines (same sponsors, same pillar).

    Lines that no rule tells apart are paid together, and their bills split in the tables: of nine in ten lines every
    nation is a sponsor, and each would have a column for each of them and year.

    .. math:: \sum_n c_{vnt} = \sum_{v \in pool} bill_{vt}
    """
    return quicksum(m.contribution[pool, nation, year] for nation in m.payers[pool]) == pool_bill(m, pool, year)


def pool_bill(m: Any, pool: str, year: int) -> Any:
    """What the lines of a pool cost in a year (money)."""
    return quicksum(m.innovation_bills.get((line, year), 0) for line in m.k.innovation_pools[pool])


@rule("innovation.sponsor_share", bends=True, given=True, unit="money",
      says="No sponsor carries more than a multiple of its share of a bill.",
      over=lambda m: [key for key in m.contribution if key[0] in m.k.innovation_pools])  # fmt: skip
def sponsor_share(m: Any, pool: str, nation: str, year: int) -> Any:
    r"""A sponsor's contribution within sponsor_max times its key share of the year's bill.

    .. math:: c_{vnt} \le sponsor\_max \, key_{vnt} \, bill_{vt}
    """
    k: Keys = m.k
    most = k.settings.sponsor_max * k.key_shares(pool, year)[nation]
    return m.contribution[pool, nation, year] <= most * pool_bill(m, pool, year)


def spend(m: Any, ledger: Ledger) -> None:
    """Contributions to innovation lines, from the line's pillar (money a year); a line of the ledger a pool."""
    for pool, nation, year in m.contribution:
        if pool in m.k.innovation_pools:
            pillar = m.k.innovation[pool].pillar
            ledger.add_other(nation, year, pillar, "innovation", pool, m.contribution[pool, nation, year])
