"""Lots, and who may buy how many of what."""

from __future__ import annotations

import pandas as pd

from data.alliance.facts import LEFT_OUT, Facts, records

MOST_LOTS = 200
"""A programme of which one nation may order more lots than this is made divisible."""
MASS_GOODS = ("rail_wagon",)
"""Bought by the hundred, though no munition."""


def largest_wish(facts: Facts) -> dict[str, float]:
    """The most that any one nation may order of each programme."""
    wishes: dict[str, float] = {}
    for row in records(facts["customers"]):
        wishes[row.programme_id] = max(wishes.get(row.programme_id, 0.0), float(row.max_additional_units))
    return wishes


def lots(facts: Facts) -> dict[str, float]:
    """Lot of every programme: the facts', and 0 (divisible) for munitions, mass goods and orders of many lots.

    A contract-sized lot would round the wish of a small buyer to nothing, and thousands of single vehicles are not
    worth a whole number each.
    """
    wishes = largest_wish(facts)
    table: dict[str, float] = {}
    for row in records(facts["service"]):
        name, lot = row.programme_id, float(row.lot)
        fine = lot > 0 and wishes.get(name, 0.0) / lot > MOST_LOTS
        table[name] = 0.0 if row.category == "munition" or name in MASS_GOODS or fine else lot
    return table


def _in_lots(units: float, lot: float) -> float:
    """Units in whole lots, rounded to the nearest (half up)."""
    return units if lot == 0 else round(int(units / lot + 0.5) * lot, 9)


def customers(facts: Facts) -> pd.DataFrame:
    """Who may buy what: maximum in whole lots; operated units include what is on order, as a pipeline would."""
    lot = lots(facts)
    rows = []
    for row in records(facts["customers"]):
        if row.programme_id in LEFT_OUT:
            continue
        most = _in_lots(float(row.max_additional_units), lot[row.programme_id])
        operated = row.units_operated + row.units_on_order
        if most > 0 or operated > 0:
            rows.append(
                {"nation": row.iso3, "programme": row.programme_id, "max_units": most, "units_operated": operated}
            )
    return pd.DataFrame(rows)
