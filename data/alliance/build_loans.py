"""Loans and grants of the facilities."""

from __future__ import annotations

import pandas as pd

from data.alliance.facts import Facts, records


def amount(facts: Facts, euros: float) -> float:
    """An envelope in the data set's currency: at the exchange rate alone, since nominal envelopes are not indexed."""
    return facts.money(float(euros))


def loans(facts: Facts) -> pd.DataFrame:
    """What each nation, or the EU together, may draw for orders through a facility's frames.

    A row whose share is 0 takes part without money and is left out. An amount of 0 is written: empty is unlimited.
    """
    return pd.DataFrame(
        {
            "facility": row.facility,
            "nation": row.nation_or_group,
            "kind": row.kind,
            "amount": amount(facts, row.amount_m_eur),
            "share": float(row.share),
            "first_year": int(row.first_year),
            "last_year": int(row.last_year),
            "interest": float(row.interest),
        }
        for row in records(facts["facilities"])
        if row.share > 0
    )
