"""Capability (MODEL.md, sections 6 and 9): delivered and credited effect, shortfall in severity bands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pyomo.core import NonNegativeReals, Var

from models.buying import settled_units
from models.innovation import complete
from models.keys import SETTLED, Keys, or_zero
from models.linear import quicksum
from models.registry import rule


def declare(m: Any) -> None:
    """Variables: delivered and credited effect, shortfall split into the severity bands."""
    k: Keys = m.k
    terms: dict[tuple[str, str, int], list[tuple[float, Any]]] = defaultdict(list)
    keys = [*m.service_keys]
    keys += [(*pair, SETTLED) for pair in m.delivery_years_of if k.beyond_years]
    for nation, programme, year in keys:
        for area, effect in sorted(k.effect.get(programme, {}).items()):
            terms[nation, area, year].append((effect, (nation, programme, year)))
    m.settled_units = {pair: settled_units(m, *pair) for pair in m.delivery_years_of} if k.beyond_years else {}
    m.effect_terms = dict(sorted(terms.items()))
    totals: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for nation, area, year in m.effect_terms:
        totals["ALL", area, year].append(nation)
    m.effect_nations = dict(sorted(totals.items()))
    m.delivered = Var([*m.effect_terms, *m.effect_nations], domain=NonNegativeReals)
    m.credit_keys = [key for key in k.gap_rows if key[1] in k.enablers and key in m.effect_terms]
    m.credited = Var(m.credit_keys, domain=NonNegativeReals)
    m.band_keys = [(*key, band) for key in k.gap_rows for band in range(len(k.bands(key[1])))]

    def bounds(_: Any, nation: str, area: str, year: int, band: int) -> tuple[float, float]:
        return 0, k.bands(area)[band][0] * k.wanted(nation, area, year)

    m.short = Var(m.band_keys, bounds=bounds)


def delivered_effect(m: Any, nation: str, area: str, year: int) -> Any:
    """Delivered effect of a nation, or of all nations where ``nation`` is ALL (area units)."""
    return or_zero(m.delivered, (nation, area, year))


def shortfall(m: Any, nation: str, area: str, year: int) -> Any:
    """Shortfall of a target row: the sum of its bands (area units)."""
    return quicksum(m.short[nation, area, year, band] for band in range(len(m.k.bands(area))))


def serving(m: Any, unit: tuple[str, str, int]) -> Any:
    """Units of (nation, programme, year) in service; in the settled state, those of everything that is ordered."""
    return m.settled_units[unit[:2]] if unit[2] == SETTLED else m.in_service[unit]


def _effect_row(m: Any, nation: str, area: str, year: int) -> Any:
    key = (nation, area, year)
    if nation == "ALL":
        return m.delivered[key] == quicksum(m.delivered[n, area, year] for n in m.effect_nations[key])
    return m.delivered[key] == quicksum(effect * serving(m, unit) for effect, unit in m.effect_terms[key])


@rule("capability.delivered", unit="area units", says="Effect comes from units in service.",
      over=lambda m: [key for key in m.delivered if key[2] != SETTLED])  # fmt: skip
def delivered(m: Any, nation: str, area: str, year: int) -> Any:
    r"""Delivered effect of a nation in an area, and of all nations (ALL), which many rows share.

    .. math:: del_{nat} = \sum_i effect_{ia} s_{nit}, \quad del_{ALL,at} = \sum_n del_{nat}
    """
    return _effect_row(m, nation, area, year)


@rule("capability.settled", unit="area units", says="In the end everything counts that is ordered and lasts.",
      over=lambda m: [key for key in m.delivered if key[2] == SETTLED])  # fmt: skip
def settled(m: Any, nation: str, area: str, year: int) -> Any:
    r"""Effect when all that is ordered has arrived, of what wears out as much as a steady flow keeps (section 8a).

    .. math:: del_{na}^{settled} = \sum_i effect_{ia} \min(1, service_i / flow) \sum_{t > last + \min(lead, B)
              - \max(service, flow)} d_{nit}
    """
    return _effect_row(m, nation, area, year)


@rule("capability.credited", unit="area units", says="No more effect is credited than is delivered.",
      over=lambda m: m.credit_keys)  # fmt: skip
def credited(m: Any, nation: str, area: str, year: int) -> Any:
    r"""Credited effect is at most delivered effect (rows only where an enabler could hold it lower).

    .. math:: cred_{nat} \le del_{nat}
    """
    return m.credited[nation, area, year] <= m.delivered[nation, area, year]


@rule("capability.enabler", bends=True, unit="area units", says="Effect counts only as far as its enablers carry it.",
      over=lambda m: [(n, a, t, e) for n, a, t in m.credit_keys for e, _ in m.k.enablers[a]])  # fmt: skip
def enabler(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    r"""Credited effect within what the enabler supports: the nation's own, or its share of a collective one.

    .. math:: cred_{nat} \le ratio_{ae} (base_{net} + del_{net}), \quad
              cred_{nat} \le ratio_{ae} (base_{ALL,et} + \sum_m del_{met}) share_{nat}
    """
    return m.credited[nation, area, year] <= supported(m, nation, area, year, by)


def supported(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    """Effect of an area that one enabler carries in a nation (area units)."""
    k: Keys = m.k
    ratio = dict(k.enablers[area])[by]
    holder = "ALL" if by in k.collective else nation
    row = k.target.get((holder, by, year))
    there = (row.baseline if row else 0.0) + delivered_effect(m, holder, by, year)
    if holder == "ALL":
        wanted = k.summed_target[area, year]
        ratio *= k.target[nation, area, year].target / wanted if wanted else 0.0
    return ratio * there


@rule("capability.shortfall", unit="area units", says="What is neither there, delivered nor closed is a shortfall.",
      over=lambda m: m.k.gap_rows)  # fmt: skip
def shortfall_covers(m: Any, nation: str, area: str, year: int) -> Any:
    r"""Shortfall of a row, split into bands whose slopes rise, so that the cheapest fill first.

    .. math:: \sum_b short_{natb} \ge target - base - cred_{nat} - \sum_v effect_{va} done_{vt}
    """
    row = m.k.target[nation, area, year]
    have = credited_effect(m, nation, area, year) + closed(m, nation, area, year)
    return shortfall(m, nation, area, year) + have >= row.target - row.baseline


def credited_effect(m: Any, nation: str, area: str, year: int) -> Any:
    """Credited effect of a target row: delivered effect where no enabler could hold it lower (area units)."""
    key = (nation, area, year)
    return m.credited[key] if key in m.credited else delivered_effect(m, nation, area, year)


def closed(m: Any, nation: str, area: str, year: int) -> Any:
    """What complete innovation lines close of a target row (area units)."""
    effects = m.k.closed_by_innovation.get((nation, area, year), [])
    return quicksum(effect * complete(m, line, year) for line, effect in effects)


def index(m: Any, weights: Mapping[tuple[str, str, int], float]) -> Any:
    """A gap index (points): the sum of weight * phi(r) over its rows, phi by the bands that the shortfall fills."""
    k: Keys = m.k
    terms = []
    for nation, area, year in k.gap_rows:
        weight = weights.get((nation, area, year), 0.0) / k.target[nation, area, year].target
        for band, (_, slope) in enumerate(k.bands(area)):
            if weight * slope > 0:
                terms.append((weight * slope) * m.short[nation, area, year, band])
    return quicksum(terms)
