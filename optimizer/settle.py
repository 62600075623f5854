"""From a solver's numbers to exact ones: decisions are cleaned, what follows from them is computed again."""

from __future__ import annotations

from typing import Any

from pyomo.environ import value

from models.budget import carried_in, loan_draws, shifted_in
from models.capability import closed, credited_effect, supported
from models.industry import bill
from models.keys import SMALLEST_ORDER, Keys
from models.program import Program
from models.registry import RULES

CLEAN = 1e-7  # below it a solver's number is nothing


def settle(program: Program) -> None:
    """Make the loaded solution exact, in the order in which the figures follow from each other."""
    m = program.model
    _decisions(m)
    _tiers(m)
    _service(m)
    _effects(m)
    _money(m)
    _violations(m, program)


def clean(number: float) -> float:
    """The number, or 0 where it is only the solver's tolerance."""
    return 0.0 if abs(number) < CLEAN else number


def _decisions(m: Any) -> None:
    for variables in (m.launch, m.join, m.operated, m.tier, m.type_ordered, m.start, m.pilot, m.scale, m.fast):
        for var in variables.values():
            var.set_value(float(round(var.value or 0.0)), skip_validation=True)
    for orders in (m.order, m.joint_order):
        for var in orders.values():
            number = float(var.value or 0.0)
            number = float(round(number)) if var.is_integer() else clean(number)
            var.set_value(max(0.0, number), skip_validation=True)
    for draws in (m.draw, m.make, m.contribution):
        for var in draws.values():
            var.set_value(max(0.0, clean(var.value or 0.0)), skip_validation=True)


def _tiers(m: Any) -> None:
    k: Keys = m.k
    for frame, nation, year, level in m.tiered:
        chosen = m.tier[frame, level].value > 0.5
        units = value(m.joint[frame, nation, year]) if chosen else 0.0
        m.tiered[frame, nation, year, level].set_value(units, skip_validation=True)
    for frame, nation, year in m.order_value:
        price = k.price(k.frame[frame].programme, year)
        paid = sum(
            price * step.factor * m.tiered[frame, nation, year, place].value
            for place, step in enumerate(k.levels[frame])
        )
        m.order_value[frame, nation, year].set_value(paid, skip_validation=True)


def _service(m: Any) -> None:
    k: Keys = m.k
    m.delivered_units = {key: clean(float(value(units))) for key, units in m.deliveries.items()}
    for nation, programme, year in m.service_keys:
        before = m.in_service[nation, programme, year - 1].value if (nation, programme, year - 1) in m.in_service else 0.0
        retired = m.delivered_units.get((nation, programme, year - k.programme[programme].service_years), 0.0)
        now = before + m.delivered_units.get((nation, programme, year), 0.0) - retired
        m.in_service[nation, programme, year].set_value(clean(now), skip_validation=True)
    made: dict[tuple[str, int], float] = {}
    for (_, programme, year), units in m.delivered_units.items():
        made[programme, year] = made.get((programme, year), 0.0) + units
    m.made = made
    for programme, lines in sorted(k.lines_of.items()):
        for year in k.delivery_years[programme]:
            _share_out([m.make[programme, line, year] for line in sorted(lines)], made.get((programme, year), 0.0))
    for expansion, year in sorted({(name, year) for name, _, year in m.contribution}):
        payers = [m.contribution[expansion, nation, year] for nation in k.payers[expansion]]
        _share_out(payers, float(value(bill(m, expansion, year))))


def _share_out(variables: list[Any], total: float) -> None:
    """Scale the values so that they sum to the total exactly."""
    now = sum(var.value for var in variables)
    for place, var in enumerate(variables):
        share = var.value / now if now > CLEAN else float(place == 0)
        var.set_value(share * total, skip_validation=True)


def _effects(m: Any) -> None:
    k: Keys = m.k
    for key, terms in m.effect_terms.items():
        m.delivered[key].set_value(sum(e * m.in_service[s].value for e, s in terms), skip_validation=True)
    for key, nations in m.effect_nations.items():
        total = sum(m.delivered[nation, key[1], key[2]].value for nation in nations)
        m.delivered[key].set_value(total, skip_validation=True)
    for key in m.credit_keys:
        caps = [float(value(supported(m, *key, by))) for by, _ in k.enablers[key[1]]]
        m.credited[key].set_value(max(0.0, min([m.delivered[key].value, *caps])), skip_validation=True)
    for key in k.gap_rows:
        row = k.target[key]
        have = float(value(credited_effect(m, *key))) + float(value(closed(m, *key)))
        short = min(row.target, max(0.0, clean(row.target - row.baseline - have)))
        for band, (width, _) in enumerate(k.bands(key[1])):
            part = min(short, width * row.target)
            m.short[(*key, band)].set_value(part, skip_validation=True)
            short -= part


def _money(m: Any) -> None:
    k: Keys = m.k
    for key in m.spent:
        total = sum(clean(float(value(line.amount))) for line in m.lines_of_budget.get(key, []))
        m.spent[key].set_value(total, skip_validation=True)
    for shift in m.shifted.values():
        shift.set_value(clean(shift.value or 0.0), skip_validation=True)
    for nation in k.nations:
        for pillar in ("core", "resilience"):
            _least_carry(m, nation, pillar)


def _least_carry(m: Any, nation: str, pillar: str) -> None:
    """Carry over only what later years need: money that would be carried and left is unspent where it arose."""
    k: Keys = m.k
    needed = 0.0
    for year in reversed(k.years):
        key = (nation, year, pillar)
        if key in m.carried:
            m.carried[key].set_value(needed, skip_validation=True)
        own = k.available[key] + float(value(loan_draws(m, *key))) + float(value(shifted_in(m, *key)))
        needed = max(0.0, clean(m.spent[key].value + needed - own))


def _violations(m: Any, program: Program) -> None:
    for var in m.deviation:
        m.deviation[var].set_value(0.0, skip_validation=True)
    from models.policy import planned_units

    for key in m.deviation:
        gap = abs(float(value(planned_units(m, *key))) - m.prior_units[key].units)
        m.deviation[key].set_value(clean(gap), skip_validation=True)
    for name in program.rows:
        if name in RULES:
            for row in program.rows[name]:
                if not row.hard:
                    part, whole = float(value(row.part)), float(value(row.whole))
                    missing = row.limit * whole - part if row.sense == "min" else part - row.limit * whole
                    m.violation[row.key].set_value(max(0.0, clean(missing)), skip_validation=True)


def unspent(m: Any, nation: str, year: int, pillar: str) -> float:
    """Money of a year left over."""
    key = (nation, year, pillar)
    out = m.carried[key].value if key in m.carried else 0.0
    own = m.k.available[key] + float(value(loan_draws(m, *key))) + float(value(shifted_in(m, *key)))
    return max(0.0, clean(own + float(value(carried_in(m, *key))) - m.spent[key].value - out))


__all__ = ["SMALLEST_ORDER", "clean", "settle", "unspent"]
