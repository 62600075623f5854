"""The sets that are measured: the same bytes everywhere, of the hash that was frozen; the twin is sound and unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import frozen
from benchmarks.twin import LEAST, MOST, make, twin_of
from data.checks import examine
from data.dataset import Dataset, load
from data.findings import ERROR
from ui.reference import stored_plan

TINY = frozen.ROOT / "data" / "tiny"


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sets")


@pytest.fixture(scope="module")
def reference() -> Dataset:
    return load(frozen.REFERENCE)


@pytest.fixture(scope="module")
def twin(sets: Path) -> Dataset:
    return load(frozen.folder_of("twin", sets))


@pytest.mark.parametrize("name", [*frozen.NAMES, frozen.LEVERS])
def test_a_set_has_the_hash_that_was_frozen(name: str, sets: Path) -> None:
    """Where this fails the data or a maker changed: `python -m benchmarks.frozen --freeze`, and measure anew."""
    assert frozen.changed(name, sets) == ""


def test_data_that_changed_since_are_told(monkeypatch: pytest.MonkeyPatch, sets: Path) -> None:
    monkeypatch.setattr(frozen, "kept_hashes", lambda: {"reference": "0" * 64})
    assert "not what was frozen" in frozen.changed("reference", sets)
    assert frozen.changed("32x240", sets) == "32x240 is not frozen"


def test_a_set_that_somebody_touched_is_made_anew(sets: Path) -> None:
    folder = frozen.folder_of("32x240", sets)
    before = (folder / "economy.csv").read_bytes()
    (folder / "economy.csv").write_bytes(before + b"\n")
    assert (frozen.folder_of("32x240", sets) / "economy.csv").read_bytes() == before


def test_the_twin_is_the_same_bytes_twice_and_another_seed_another_twin(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        make(TINY, seed, tmp_path / name)
    one, again, other = (texts(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one["programmes.csv"] != other["programmes.csv"]


def test_the_twin_passes_the_check_and_nothing_is_stored_for_it(sets: Path, twin: Dataset) -> None:
    _, findings = examine(frozen.folder_of("twin", sets))
    assert [str(finding) for finding in findings if finding.level == ERROR] == []
    assert stored_plan(twin) is None


def test_the_twin_differs_in_prices_gdp_capacities_and_wishes_by_a_tenth_at_most(
    reference: Dataset, twin: Dataset
) -> None:
    changed = {name for name in reference.tables if not reference.tables[name].equals(twin.tables[name])}
    assert changed == {"programmes", "economy", "lines", "line_capacity", "component_capacity", "customers"}
    for table, column in (("programmes", "unit_cost"), ("economy", "gdp"), ("line_capacity", "capacity")):
        old, new = reference.tables[table][column], twin.tables[table][column]
        ratio = (new / old)[old > 0]
        assert ratio.between(LEAST - 1e-6, MOST + 1e-6).all()
        assert ratio.nunique() > 10
        assert (new[old == 0] == 0).all()
    economy = reference.tables["economy"]
    ratio = (
        (twin.tables["economy"]["gdp"] / economy["gdp"]).groupby(economy["nation"]).agg(lambda of: of.max() - of.min())
    )
    assert (ratio < 1e-6).all(), "a nation's GDP moves as a whole, its growth stays"


def test_what_is_counted_in_lots_stays_counted(reference: Dataset, twin: Dataset) -> None:
    lots = reference.tables["programmes"].set_index("programme")["lot"]
    old, new = reference.tables["customers"], twin.tables["customers"]
    lot = old["programme"].map(lots)
    whole = (lot > 0) & ((old["max_units"] / lot) % 1 < 1e-9)
    assert whole.sum() > 100
    parts = (new["max_units"] / lot)[whole]
    assert ((parts - parts.round()).abs() < 1e-6).all()
    assert ((new["max_units"] > 0) == (old["max_units"] > 0)).all()
    assert (new["max_units"] != old["max_units"]).sum() > 100
    assert twin_of(reference, 1).sha256 == twin.sha256
