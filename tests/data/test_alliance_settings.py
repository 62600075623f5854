"""Each setting of facts/settings.csv is in the reference set as it is stated: nothing was changed to reach a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.dataset import Dataset, load

FOLDER = Path(__file__).parents[2] / "data" / "alliance"
STATED = pd.read_csv(FOLDER / "facts" / "settings.csv", dtype=str, keep_default_na=False)
# Held by a test below, or by tests/data/test_alliance.py (price_deflator); CAD_EUR is in the facts' own euro price.
KNOWN = {
    "resilience_open_scale", "price_deflator", "exchange_rate", "urgency", "target_flat_until", "rule", "rule_penalty",
    "incompatible", "beyond", "contribution_max", "sponsor_max", "programme_share",
}  # fmt: skip


def stated(setting: str) -> dict[str, str]:
    """Values of a setting by key, as written."""
    rows = STATED[STATED["setting"] == setting]
    return dict(zip(rows["key"], rows["value"], strict=True))


@pytest.fixture(scope="module")
def alliance() -> Dataset:
    return load(FOLDER)


def test_no_setting_is_unknown_here() -> None:
    assert set(STATED["setting"]) == KNOWN


def test_beyond_payers_sponsors_and_urgency(alliance: Dataset) -> None:
    settings, beyond = alliance.settings, stated("beyond")
    assert set(beyond) == {"years", "money", "capacity", "weight", "flow"}
    assert settings.beyond.years == int(beyond["years"])
    assert list(settings.beyond.money) == [float(share) for share in beyond["money"].split(";")]
    assert settings.beyond.capacity == float(beyond["capacity"])
    assert settings.beyond.urgency == float(beyond["weight"])
    assert settings.beyond.flow == int(beyond["flow"])
    assert settings.contribution_max == float(stated("contribution_max")[""])
    assert settings.sponsor_max == float(stated("sponsor_max")[""])
    assert {str(year): weight for year, weight in settings.urgency.items()} == {
        year: float(weight) for year, weight in stated("urgency").items()
    }


def test_free_core_money_is_the_programme_share_of_what_contracts_leave(alliance: Dataset) -> None:
    """For every nation and year: free / (equipment x (1 - contracted)); the table has equipment = free + committed."""
    rows = alliance.tables["budget_path"].query("pillar == 'core' and committed_share < 1")
    free = 1 - rows["committed_share"]
    equipment = free + rows["committed_share"] * rows["committed_equipment_share"]
    poland = rows["nation"] == "POL"
    first, last = np.where(poland, 0.88, 0.80), np.where(poland, 0.45, 0.25)
    contracted = first + (last - first) * (rows["year"] - 2027) / 8
    share = stated("programme_share")
    wanted = rows["nation"].map(lambda nation: float(share.get(nation, share[""])))
    assert (free / (equipment * (1 - contracted))).to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-5)


def test_resilience_money_is_open_as_stated(alliance: Dataset) -> None:
    rows = alliance.tables["budget_path"].query("pillar == 'resilience'")
    scale = stated("resilience_open_scale")
    bound = 0.965 + (0.935 - 0.965) * (rows["year"] - 2027) / 8
    wanted = (1 - bound) * rows["nation"].map(lambda nation: float(scale.get(nation, "1")))
    assert (1 - rows["committed_share"]).to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-6)


def test_rules_and_penalties(alliance: Dataset) -> None:
    rules = alliance.tables["rules"].set_index(["rule", "scope"])
    for key, value in stated("rule").items():
        assert rules.at[tuple(key.split(":")), "value"] == float(value), key
    penalty = stated("rule_penalty")
    assert rules.at[("surge_min", "ammo"), "penalty"] == float(penalty["surge_min:ammo"])
    drops = rules.loc["output_drop_max"]
    assert set(drops["penalty"]) == {float(penalty["output_drop_max"])}
    assert set(drops["value"]) == {float(stated("rule")["output_drop_max:ln_155_rhm"])}
    assert rules.at[("order_value_max", "ALL"), "hardness"] == "hard"


def test_pairs_that_exclude_each_other(alliance: Dataset) -> None:
    found = {tuple(sorted(pair)) for pair in zip(
        alliance.tables["incompatible"]["programme_a"], alliance.tables["incompatible"]["programme_b"], strict=True
    )}  # fmt: skip
    assert found == {tuple(sorted(key.split(":"))) for key in stated("incompatible")}


def test_targets_are_flat_until_the_stated_year(alliance: Dataset) -> None:
    until = int(float(stated("target_flat_until")[""]))
    targets = alliance.tables["targets"].set_index(["nation", "area", "year"])["target"].unstack("year").fillna(0.0)
    flat = targets.loc[:, [year for year in targets.columns if year <= until]]
    assert flat.nunique(axis=1).eq(1).all()
    assert (targets[until + 1] > targets[until]).any()
