"""Cases of the rules of capability (MODEL.md, sections 6 and 9).

Nations want 10 of land in each of three years: 90 in sum, of which a nation without a programme leaves 30 open. The
enabling area `c2` has no weight, so that it opens nothing itself.
"""
# ruff: noqa: C408

from __future__ import annotations

from typing import Any

from pyomo.environ import quicksum

from models.buying import settled_units
from models.capability import closed, credited_effect, shortfall, supported
from optimizer.plans.plan import Plan
from tests.cases import three_nations
from tests.rule_case import RuleCase, by, total, units
from tests.rule_reading import by_year, left_open


def _gaps(plan: Plan, column: str, nation: str = "DEU", area: str = "land") -> list[float]:
    return by_year(plan, "gaps", column, nation=nation, area=area)


# ---- delivered -------------------------------------------------------------------------------------------------------


def _delivered_set() -> Any:
    return three_nations(
        programmes=[dict(programme="gun", sustain_cost=1)],
        effects=[dict(programme="gun", area="land", effect=2)],
        customers=[dict(nation="DEU", programme="gun", max_units=3)],
    )


def _delivered(plan: Plan) -> None:
    """3 guns of effect 2 from 2027 on: 6 of 10 delivered in each year, 3 * 4 + 60 open. They cost 3, and 3 a year for
    their keep: 12."""
    assert units(plan, year=2027) == 3
    assert _gaps(plan, "delivered") == [6, 6, 6]
    assert abs(plan.header["objective"]["cost"] - 12) < 1e-6
    left_open(plan, 72)


def _effect(m: Any, nation: str, area: str, year: int) -> Any:
    if nation == "ALL":
        return quicksum(m.delivered[n, area, year] for n in m.effect_nations[nation, area, year])
    return quicksum(effect * m.in_service[unit] for effect, unit in m.effect_terms[nation, area, year])


def _delivered_sign(m: Any, nation: str, area: str, year: int) -> Any:
    return m.delivered[nation, area, year] >= _effect(m, nation, area, year)


def _delivered_index(m: Any, nation: str, area: str, year: int) -> Any:
    """What serves in the last year counts in every year."""
    return m.delivered[nation, area, year] == _effect(m, nation, area, m.k.last)


# ---- credited --------------------------------------------------------------------------------------------------------


def _enabled(baseline: float, gun: dict[str, Any], most: float, **tables: Any) -> Any:
    """DEU orders guns, whose effect counts as far as c2 carries it, one for one; FRA has 10 of c2, and no guns."""
    return three_nations(
        areas=[dict(area="c2", weight=0)],
        targets=[
            dict(nation="DEU", area="c2", target=10, baseline=baseline),
            dict(nation="FRA", area="c2", target=10, baseline=10),
            dict(nation="USA", area="c2", target=10, baseline=0),
        ],
        programmes=[dict(programme="gun", **gun)],
        customers=[dict(nation="DEU", programme="gun", max_units=most)],
        requires=[dict(area="land", enabler="c2", ratio=1)],
        **tables,
    )


def _credited_set() -> Any:
    return _enabled(10, dict(sustain_cost=1), most=3)


def _credited(plan: Plan) -> None:
    """c2 could carry 10, but 3 guns deliver 3, and no more than that counts: 3 * 7 + 60 open."""
    assert _gaps(plan, "credited") == [3, 3, 3]
    left_open(plan, 81)


def _credited_sign(m: Any, nation: str, area: str, year: int) -> Any:
    return m.credited[nation, area, year] >= m.delivered[nation, area, year]


def _credited_index(m: Any, nation: str, area: str, year: int) -> Any:
    return m.credited[nation, area, year] <= m.delivered[nation, area, m.k.last]


# ---- enablers --------------------------------------------------------------------------------------------------------


def _enabler_set() -> Any:
    return _enabled(4, {}, most=10)


def _enabler(plan: Plan) -> None:
    """DEU has 4 of c2: 4 guns count, more would be money for nothing. 3 * 6 + 60 open, cost 4."""
    assert units(plan) == 4
    assert _gaps(plan, "credited") == [4, 4, 4]
    left_open(plan, 78)


def _enabler_sign(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    return m.credited[nation, area, year] >= supported(m, nation, area, year, by)


def _enabler_index(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    """What FRA has of the enabler."""
    return m.credited[nation, area, year] <= supported(m, "FRA", area, year, by)


def _radio_set() -> Any:
    """As above, with radios (a unit of c2 each) that DEU can buy from 2028 on, 2 at most."""
    return three_nations(
        areas=[dict(area="c2", weight=0)],
        targets=[dict(area="c2", target=10, baseline=4)],
        programmes=[dict(programme="gun"), dict(programme="radio", area="c2", first_order_year=2028)],
        customers=[dict(nation="DEU", programme="gun"), dict(nation="DEU", programme="radio", max_units=2)],
        requires=[dict(area="land", enabler="c2", ratio=0.5)],
    )


def _radio(plan: Plan) -> None:
    """Half of c2 counts: 0.5 * 4 = 2 guns in 2027, 0.5 * (4 + 2) = 3 from 2028 on, with both radios. Open are 8 + 7 +
    7 and 60."""
    assert units(plan, programme="radio") == 2
    assert _gaps(plan, "credited") == [2, 3, 3]
    assert _gaps(plan, "delivered", area="c2") == [0, 2, 2]
    left_open(plan, 82)


def _radio_index(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    return m.credited[nation, area, year] <= supported(m, nation, area, m.k.last, by)


def _collective_set() -> Any:
    return three_nations(
        areas=[dict(area="c2", weight=0)],
        targets=[
            dict(nation="ALL", area="c2", target=12, baseline=6),
            dict(nation="DEU", area="land", target=10),
            dict(nation="FRA", area="land", target=10),
            dict(nation="USA", area="land", target=40),
        ],
        programmes=[dict(programme="gun"), dict(programme="radio", area="c2")],
        customers=[dict(nation="DEU", programme="gun"), dict(nation="FRA", programme="radio", max_units=6)],
        requires=[dict(area="land", enabler="c2", ratio=2)],
    )


def _collective(plan: Plan) -> None:
    """c2 is the alliance's: 6 are there, FRA adds 6 radios. DEU has 10 of the 60 wanted of land, so that 2 * (6 + 6)
    / 6 = 4 of its guns count. Of 3 * 60 stay open 3 * (6 + 10 + 40) = 168."""
    assert units(plan, programme="radio", nation="FRA") == 6
    assert units(plan, programme="gun", nation="DEU") == 4
    assert _gaps(plan, "credited") == [4, 4, 4]
    assert total(plan, "collective", "delivered", nation="FRA", area="c2", year=2029) == 6
    assert abs(plan.header["gap_index_after"] - 100 * 168 / 180) < 1e-6


def _collective_index(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    """USA's share of the enabler, which is four times DEU's."""
    return m.credited[nation, area, year] <= supported(m, "USA", area, year, by)


# ---- the settled state -----------------------------------------------------------------------------------------------

TWO_YEARS = (2027, 2028)
TWO_BEYOND = dict(beyond=dict(years=2, money=[1, 1], flow=2))


def _settled_set() -> Any:
    """Tanks take two years to come and last; shells come at once and serve in the year of their delivery alone."""
    return three_nations(
        years=TWO_YEARS,
        settings=TWO_BEYOND,
        programmes=[dict(programme="tank", lead_years=2), dict(programme="shell", service_years=1)],
        customers=[
            dict(nation="DEU", programme="tank", max_units=8),
            dict(nation="FRA", programme="shell", max_units=14),
        ],
    )


def _settled(plan: Plan) -> None:
    """Nothing of Germany's 8 tanks is there in 2027 and 2028; when all has arrived they are. France's shells are worth
    a year each in either of the two years, and in the settled state half of what was delivered in these (its flow), 7
    of 14. So 30 + 30 - 14 stay open of 60 within the horizon, and 30 - 8 - 7 of 30 after it. That state counts as much
    as two years: 46 + 2 * 15 of 120."""
    assert units(plan, programme="tank") == 8
    assert units(plan, programme="shell") == 14
    rows = plan.tables["settled"].set_index("nation")["delivered"]
    assert rows.to_dict() == {"DEU": 8, "FRA": 7, "USA": 0}
    assert abs(plan.header["gap_index_after"] - 100 * 46 / 60) < 1e-6
    assert abs(plan.header["settled_after"] - 50) < 1e-6
    assert abs(plan.header["objective"]["value"] - 100 * 76 / 120) < 1e-6


def _settled_row(m: Any, key: tuple[str, str, int], units_of: Any) -> Any:
    """Effect of what `units_of` says of (nation, programme)."""
    if key[0] == "ALL":
        return quicksum(m.delivered[nation, key[1], key[2]] for nation in m.effect_nations[key])
    return quicksum(effect * units_of(*unit[:2]) for effect, unit in m.effect_terms[key])


def _settled_sign(m: Any, *key: Any) -> Any:
    return m.delivered[key] >= _settled_row(m, key, lambda *pair: settled_units(m, *pair))


def _settled_of_others(m: Any, *key: Any) -> Any:
    """Every nation has what all have."""
    everything = quicksum(settled_units(m, *pair) for pair in m.delivery_years_of)
    return m.delivered[key] == _settled_row(m, key, lambda *pair: everything)


def _settled_whole(m: Any, *key: Any) -> Any:
    """What is bought again and again counts in full, as if nothing of it wore out."""
    return m.delivered[key] == _settled_row(
        m, key, lambda *pair: quicksum(m.deliveries[(*pair, year)] for year in m.delivery_years_of[pair])
    )


def _enabler_settled_set() -> Any:
    """Germany's guns come at once; its radios two years after their order. Nothing of c2 is there."""
    return three_nations(
        years=TWO_YEARS,
        settings=TWO_BEYOND,
        areas=[dict(area="c2", weight=0)],
        targets=[dict(area="c2", target=10)],
        programmes=[dict(programme="gun"), dict(programme="radio", area="c2", lead_years=2)],
        customers=[dict(nation="DEU", programme="gun"), dict(nation="DEU", programme="radio", max_units=6)],
        requires=[dict(area="land", enabler="c2", ratio=1)],
    )


def _enabler_settled(plan: Plan) -> None:
    """Without radios no gun counts within the horizon; in the settled state the 6 radios carry 6 guns."""
    rows = plan.tables["settled"].set_index(["nation", "area"])
    assert rows.loc[("DEU", "land"), "credited"] == 6
    assert units(plan, programme="gun") == 6
    assert abs(plan.header["gap_index_after"] - 100) < 1e-6
    assert abs(plan.header["settled_after"] - 80) < 1e-6


def _enabler_settled_year(m: Any, nation: str, area: str, year: int, by: str) -> Any:
    """In the settled state everything is carried."""
    return True if year > m.k.end else m.credited[nation, area, year] <= supported(m, nation, area, year, by)


# ---- shortfall -------------------------------------------------------------------------------------------------------


def _shortfall_set() -> Any:
    return three_nations(
        settings=dict(severity=[dict(above=0.0, slope=1), dict(above=0.5, slope=3)]),
        targets=[dict(area="land", target=10, baseline=1), dict(area="land", year=2029, target=4, baseline=1)],
        programmes=[dict(programme="gun")],
        customers=[dict(nation="DEU", programme="gun", max_units=3)],
    )


def _shortfall(plan: Plan) -> None:
    """Every nation has 1 of 10, in 2029 1 of 4; DEU adds 3. Its r is 0.6 in 2027 and 2028, nothing in 2029; the
    others' is 0.9, 0.9, 0.75. With a slope of 1 to a half and 3 above it, phi is 0.5 + 3 * 0.1 = 0.8 and 0; 0.5 + 3 *
    0.4 = 1.7, 1.7, and 0.5 + 3 * 0.25 = 1.25; phi(1) is 2. Nations weigh the same: (0.8 * 2 + 0 + 2 * (1.7 * 2 +
    1.25)) / (9 * 2)."""
    assert _gaps(plan, "shortfall") == [6, 6, 0]
    assert _gaps(plan, "shortfall", nation="FRA") == [9, 9, 3]
    assert abs(plan.header["gap_index_after"] - 100 * (1.6 + 2 * 4.65) / 18) < 1e-6


def _open(m: Any, nation: str, area: str, year: int) -> tuple[Any, float]:
    """(shortfall and what is there, what is wanted)."""
    row = m.k.target[nation, area, year]
    have = credited_effect(m, nation, area, year) + closed(m, nation, area, year)
    return shortfall(m, nation, area, year) + have, row.target - row.baseline


def _shortfall_sign(m: Any, nation: str, area: str, year: int) -> Any:
    """What is there adds to the shortfall's right side in place of its left."""
    counted, wanted = _open(m, nation, area, year)
    return counted >= -wanted


def _shortfall_index(m: Any, nation: str, area: str, year: int) -> Any:
    """The last year's target."""
    counted, _ = _open(m, nation, area, year)
    return counted >= _open(m, nation, area, m.k.last)[1]


CASES = (
    RuleCase(
        "capability.delivered", _delivered_set, _delivered,
        {"sign": by(_delivered_sign), "index": by(_delivered_index)},
    ),
    RuleCase(
        "capability.credited", _credited_set, _credited, {"sign": by(_credited_sign), "index": by(_credited_index)},
    ),
    RuleCase("capability.enabler", _enabler_set, _enabler, {"sign": by(_enabler_sign), "index": by(_enabler_index)}),
    RuleCase(
        "capability.enabler", _radio_set, _radio, {"sign": by(_enabler_sign), "index": by(_radio_index)}, label="radio",
    ),
    RuleCase(
        "capability.enabler", _collective_set, _collective,
        {"sign": by(_enabler_sign), "index": by(_collective_index)}, label="collective",
    ),
    RuleCase(
        "capability.enabler", _enabler_settled_set, _enabler_settled,
        {"sign": by(_enabler_sign), "year": by(_enabler_settled_year)}, label="settled",
    ),
    RuleCase(
        "capability.settled", _settled_set, _settled,
        {"sign": by(_settled_sign), "index": by(_settled_of_others), "year": by(_settled_whole)},
    ),
    RuleCase(
        "capability.shortfall", _shortfall_set, _shortfall,
        {"sign": by(_shortfall_sign), "index": by(_shortfall_index)},
    ),
)  # fmt: skip
