"""From a solver's numbers to exact ones: decisions are cleaned, what follows from them is computed again.

A figure that follows from decisions is defined twice: by a row of the program, and here. Where the solver's value is
not what its own decisions lead to, program and definition disagree; that difference is no tolerance, so it is kept and
shows in the tables, where the audit judges it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from models.budget import carried_in, loan_draws, shifted_in
from models.buying import new_orders
from models.capability import closed, credited_effect, supported
from models.industry import bill
from models.keys import PILLARS, SMALLEST_ORDER, Keys
from models.ledger import Line
from models.linear import unhurried
from models.policy import planned_units
from models.program import Program, number
from models.registry import RULES

CLEAN = 1e-7  # below it a solver's number is nothing
DISAGREE = 1e-6  # relative: above it a difference is no longer the solver's tolerance


@dataclass(frozen=True)
class Definition:
    """A figure that follows from others.

    Attributes:
        solved: what the solver has for it.
        figure: what it is by definition.
        put: sets it.
        honest: 0 where the program holds it by an equality; where only by an inequality, the side on which the solver
            may leave it without claiming too much: 1 above the definition, -1 below.
    """

    solved: Callable[[], float]
    figure: Callable[[], float]
    put: Callable[[float], None]
    honest: int = 0

    def difference(self) -> float:
        """Solver's value less the definition; 0 within tolerance."""
        solved, figure = self.solved(), self.figure()
        off = solved - figure
        return off if abs(off) > DISAGREE * max(1.0, abs(solved), abs(figure)) else 0.0


def settle(program: Program, bound: float | None = None) -> None:
    """Make the loaded values exact, in the order in which the figures follow from each other.

    Args:
        program: its variables hold decisions and, after a solve, what the solver made of the rest.
        bound: proven bound of the first objective; None: only the decisions are known. A plan better than its bound
            shows that the program holds a figure on its honest side only by mistake.
    """
    with unhurried():
        _settle(program, bound)


def _settle(program: Program, bound: float | None) -> None:
    m = program.model
    m.booked = {}  # identity of a line of the ledger -> its amount
    definitions = list(_definitions(m))
    differences = [0.0 if bound is None else definition.difference() for definition in definitions]
    _decisions(m)
    pairs = zip(definitions, differences, strict=True)
    _follow(program, definitions, [0.0 if off * definition.honest > 0 else off for definition, off in pairs])
    if bound is not None and number(m.first) < bound - DISAGREE * max(1.0, abs(bound)):
        _follow(program, definitions, differences)


def settle_gaps(program: Program) -> None:
    """Only what gaps follow from: units in service, effects and shortfalls of the decisions loaded."""
    m = program.model
    with unhurried():
        for definition in (*_service(m), *_effects(m)):
            definition.put(definition.figure())


def _follow(program: Program, definitions: list[Definition], differences: list[float]) -> None:
    m = program.model
    for definition, difference in zip(definitions, differences, strict=True):
        definition.put(definition.figure() + difference)
    m.delivered_units = {key: clean(number(units)) for key, units in m.deliveries.items()}
    m.made = {key: number(units) for key, units in m.delivered_all.items()}
    for shift in m.shifted.values():
        shift.set_value(clean(shift.value or 0.0), skip_validation=True)
    for nation in m.k.nations:
        for pillar in PILLARS:
            _least_carry(m, nation, pillar)
    _violations(m, program)


def clean(figure: float) -> float:
    """The figure, or 0 where it is only the solver's tolerance."""
    return 0.0 if abs(figure) < CLEAN else figure


def _decisions(m: Any) -> None:
    for variables in (m.launch, m.join, m.operated, m.tier, m.type_ordered, m.start, m.pilot, m.scale, m.fast):
        for var in variables.values():
            var.set_value(float(round(var.value or 0.0)), skip_validation=True)
    for orders in (m.order, m.joint_order):
        for var in orders.values():
            count = float(var.value or 0.0)
            count = float(round(count)) if var.is_integer() else clean(count)
            var.set_value(max(0.0, count), skip_validation=True)
    for draws in (m.draw, m.make, m.contribution):
        for var in draws.values():
            var.set_value(max(0.0, clean(var.value or 0.0)), skip_validation=True)


def _definitions(m: Any) -> Iterator[Definition]:
    """Every figure that follows, each after those that it follows from."""
    yield from _prices(m)
    for programme in m.type_ordered:
        yield _variable(m.type_ordered[programme], partial(_is_ordered, m, programme), honest=1)
    yield from _service(m)
    yield from _industry(m)
    yield from _effects(m)
    for key in m.spent:
        yield _variable(m.spent[key], partial(_spent, m, key))


def _variable(var: Any, figure: Callable[[], float], honest: int = 0) -> Definition:
    """A figure with a variable of its own."""
    return Definition(
        solved=lambda: float(var.value or 0.0),
        figure=figure,
        put=lambda figure: var.set_value(figure, skip_validation=True),
        honest=honest,
    )


def _sum_of(
    variables: list[Any], figure: Callable[[], float], put: Callable[[float], None] | None = None
) -> Definition:
    """A figure that several variables make up."""
    return Definition(
        solved=lambda: sum(float(var.value or 0.0) for var in variables),
        figure=figure,
        put=put or partial(_share_out, variables),
    )


def _share_out(variables: list[Any], total: float) -> None:
    """Scale the values so that they sum to the total exactly."""
    now = sum(var.value or 0.0 for var in variables)
    for place, var in enumerate(variables):
        share = (var.value or 0.0) / now if now > CLEAN else float(place == 0)
        var.set_value(share * total, skip_validation=True)


def _prices(m: Any) -> Iterator[Definition]:
    """Joint orders split by price level, and their value."""
    for key in m.order_value:
        levels = range(len(m.k.levels[key[0]]))
        parts = [m.tiered[(*key, level)] for level in levels]
        chosen = [m.tier[key[0], level] for level in levels]
        yield _sum_of(parts, partial(number, m.joint[key]), partial(_put_in_level, parts, chosen))
    for key in m.order_value:
        yield _variable(m.order_value[key], partial(_order_value, m, key))


def _put_in_level(parts: list[Any], chosen: list[Any], units: float) -> None:
    """All units into the one level chosen; where the solver has split them otherwise, as it has."""
    astray = sum(part.value or 0.0 for part, level in zip(parts, chosen, strict=True) if not level.value)
    if sum(level.value for level in chosen) == 1 and astray <= DISAGREE * max(1.0, units):
        for part, level in zip(parts, chosen, strict=True):
            part.set_value(units if level.value else 0.0, skip_validation=True)
    else:
        _share_out(parts, units)


def _order_value(m: Any, key: tuple[str, str, int]) -> float:
    price = m.k.price(m.k.frame[key[0]].programme, key[2])
    levels = enumerate(m.k.levels[key[0]])
    return float(sum(price * step.factor * (m.tiered[(*key, place)].value or 0.0) for place, step in levels))


def _is_ordered(m: Any, programme: str) -> float:
    """1 where anybody orders the type; where a variant limit is slack, the solver may say so of any type."""
    pairs = [pair for pair in m.k.ordering_pairs if pair[1] == programme]
    return float(any(number(new_orders(m, *pair)) >= SMALLEST_ORDER / 2 for pair in pairs))


def _service(m: Any) -> Iterator[Definition]:
    for key in m.service_keys:
        yield _variable(m.in_service[key], partial(_serving, m, key))


def _serving(m: Any, key: tuple[str, str, int]) -> float:
    nation, programme, year = key
    gone = (nation, programme, year - m.k.programme[programme].service_years)
    before = m.in_service[nation, programme, year - 1].value if (nation, programme, year - 1) in m.in_service else 0.0
    return clean(float(before or 0.0) + number(m.deliveries.get(key, 0.0)) - number(m.deliveries.get(gone, 0.0)))


def _industry(m: Any) -> Iterator[Definition]:
    """What lines make of a year's deliveries, and who pays the year's bill of an expansion."""
    k: Keys = m.k
    for programme, lines in sorted(k.lines_of.items()):
        for year in k.delivery_years[programme]:
            makes = [m.make[programme, line, year] for line in sorted(lines)]
            yield _sum_of(makes, partial(number, m.delivered_all[programme, year]))
    for expansion, year in sorted({(name, year) for name, _, year in m.contribution}):
        payers = [m.contribution[expansion, nation, year] for nation in k.payers[expansion]]
        yield _sum_of(payers, partial(_bill, m, expansion, year))


def _bill(m: Any, expansion: str, year: int) -> float:
    return number(bill(m, expansion, year))


def _total(expressions: list[Any]) -> float:
    return sum(number(expression) for expression in expressions)


def _effects(m: Any) -> Iterator[Definition]:
    """Delivered and credited effect, shortfall."""
    for key, terms in m.effect_terms.items():
        yield _variable(m.delivered[key], partial(_effect, m, terms))
    for key, nations in m.effect_nations.items():
        parts = [m.delivered[nation, key[1], key[2]] for nation in nations]
        yield _variable(m.delivered[key], partial(_total, parts))
    for key in m.credit_keys:
        yield _variable(m.credited[key], partial(_credited, m, key), honest=-1)
    for key in m.k.gap_rows:
        bands = [m.short[(*key, band)] for band in range(len(m.k.bands(key[1])))]
        solved = partial(_total, bands)
        yield Definition(solved, partial(_short, m, key), partial(_fill_bands, m, key), honest=1)


def _effect(m: Any, terms: list[tuple[float, Any]]) -> float:
    return sum(effect * (m.in_service[unit].value or 0.0) for effect, unit in terms)


def _credited(m: Any, key: tuple[str, str, int]) -> float:
    caps = [number(supported(m, *key, by)) for by, _ in m.k.enablers[key[1]]]
    return max(0.0, min([m.delivered[key].value or 0.0, *caps]))


def _short(m: Any, key: tuple[str, str, int]) -> float:
    row = m.k.target[key]
    have = number(credited_effect(m, *key)) + number(closed(m, *key))
    return min(float(row.target), max(0.0, clean(row.target - row.baseline - have)))


def _fill_bands(m: Any, key: tuple[str, str, int], short: float) -> None:
    """The shortfall split into severity bands, the lowest first."""
    target = m.k.target[key].target
    for band, (width, _) in enumerate(m.k.bands(key[1])):
        part = min(short, width * target)
        m.short[(*key, band)].set_value(part, skip_validation=True)
        short -= part


def _spent(m: Any, key: tuple[str, int, str]) -> float:
    """Spending of a budget; what each of its lines is worth is kept, since tables and KPIs ask for it again."""
    spent = 0.0
    for line in m.lines_of_budget.get(key, []):
        amount = m.booked[id(line)] = clean(number(line.amount))
        spent += amount
    return spent


def booked(m: Any, line: Line) -> float:
    """Amount of a line of the ledger, as the settled program has it."""
    return float(m.booked[id(line)])


def _least_carry(m: Any, nation: str, pillar: str) -> None:
    """Carry over only what later years need: money that would be carried and left is unspent where it arose."""
    k: Keys = m.k
    needed = 0.0
    for year in reversed(k.years):
        key = (nation, year, pillar)
        if key in m.carried:
            m.carried[key].set_value(needed, skip_validation=True)
        own = k.available[key] + number(loan_draws(m, *key)) + number(shifted_in(m, *key))
        needed = max(0.0, clean(m.spent[key].value + needed - own))


def _violations(m: Any, program: Program) -> None:
    for key in m.deviation:
        gap = abs(number(planned_units(m, *key)) - m.prior_units[key].units)
        m.deviation[key].set_value(clean(gap), skip_validation=True)
    _measure(m, program)
    for name in program.rows:
        for row in program.rows[name] if name in RULES else []:
            if not row.hard:
                part, whole = (clean(figure) for figure in m.measured[row.key])
                missing = row.limit * whole - part if row.sense == "min" else part - row.limit * whole
                m.violation[row.key].set_value(max(0.0, clean(missing)), skip_validation=True)


def _measure(m: Any, program: Program) -> None:
    """Part and whole of every policy row; many rows share one whole, which is worked out once."""
    known: dict[int, float] = {}

    def measure(expression: Any) -> float:
        if id(expression) not in known:
            known[id(expression)] = number(expression)
        return known[id(expression)]

    rows = [row for found in program.rows.values() for row in found]
    m.measured = {row.key: (measure(row.part), measure(row.whole)) for row in rows}


def unspent(m: Any, nation: str, year: int, pillar: str) -> float:
    """Money of a year left over."""
    key = (nation, year, pillar)
    out = m.carried[key].value if key in m.carried else 0.0
    own = m.k.available[key] + number(loan_draws(m, *key)) + number(shifted_in(m, *key))
    return max(0.0, clean(own + number(carried_in(m, *key)) - m.spent[key].value - out))


__all__ = ["SMALLEST_ORDER", "booked", "clean", "settle", "settle_gaps", "unspent"]
