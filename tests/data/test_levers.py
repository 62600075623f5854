"""Levers and scenarios: what they change, worked by hand; what they refuse; and that they change nothing else."""

import pathlib

import pandas as pd
import pytest

from data.dataset import Dataset, load
from data.levers import LEVERS, Case, LeverError, apply, parse_sets, read_lever, replay
from tests.small_data import SCENARIOS_YAML, TABLES, edited, small_folder, with_row

# Section 10 of MODEL.md, restated.
DEFAULTS = {
    "core_share_2035": None, "core_share_2035.*": None, "resilience_share_2035": None, "resilience_share_2035.*": None,
    "path_shape": None, "core_year": None, "core_year.*": None, "growth_shift": 0, "price_growth_shift": 0,
    "area_weight.*": 1, "threat_shift": 0, "loans": True, "delay.*": 0,
    "joint_share_min": None, "eu_content_min": None, "innovation_share_min": None, "risk_max": None,
    "spend_floor": None, "order_value_max": None, "output_drop_max": None,
    "joint_share_min.*": None, "eu_content_min.*": None, "innovation_share_min.*": None, "spend_floor.*": None,
    "order_value_max.*": None, "output_drop_max.*": None, "area_share_min.*": None, "area_share_max.*": None,
    "closure_min.*": None, "capacity_factor": 1, "expansions": True, "fleet_strictness": 0, "carry_over": 0.05,
    "pillar_shift": 0, "synchronised_cycles": False, "persistence": 0, "force.*": None, "forbid.*": None,
    "nation_out.*": None, "us_backfill": 0,
}  # fmt: skip


@pytest.fixture
def small(tmp_path: pathlib.Path) -> Dataset:
    return load(small_folder(tmp_path / "small"))


def pull(dataset: Dataset, **levers: object) -> Case:
    """Apply levers; a name's double underscore stands for the dot."""
    return apply(dataset, None, {name.replace("__", "."): value for name, value in levers.items()})


def column(case: Case, table: str, name: str, **where: object) -> list[object]:
    frame = case.dataset.tables[table]
    for key, value in where.items():
        frame = frame[frame[key] == value]
    return frame[name].tolist()


def test_the_levers_and_their_defaults_are_those_of_the_model():
    assert {name: lever.default for name, lever in LEVERS.items()} == DEFAULTS
    for lever in LEVERS.values():
        assert lever.unit and lever.group and lever.meaning


def test_nothing_pulled_changes_nothing(small: Dataset):
    case = apply(small)
    for name, frame in small.tables.items():
        pd.testing.assert_frame_equal(case.dataset.tables[name], frame)
    # The data set's own base value differs from the default of 0.05.
    assert case.levers == {"carry_over": 0.1}
    assert case.options.expansions and not case.options.synchronised_cycles


def test_the_data_set_given_stays_as_it_is(small: Dataset):
    before = {name: frame.copy() for name, frame in small.tables.items()}
    apply(small, "line_lost", {"nation_out.USA": 1, "us_backfill": 1, "core_share_2035": 0.05, "capacity_factor": 0.5,
                               "spend_floor": 0.5, "growth_shift": 0.1, "fleet_strictness": 1})  # fmt: skip
    for name, frame in before.items():
        pd.testing.assert_frame_equal(small.tables[name], frame)


def test_default_then_dataset_then_scenario_then_set(small: Dataset):
    assert apply(small).options.carry_over == 0.1  # dataset.yaml over the default
    assert apply(small, "lean").options.carry_over == 0.0  # the scenario over dataset.yaml
    assert apply(small, "lean", {"carry_over": "0.2"}).options.carry_over == 0.2  # --set over all
    assert apply(small, "lean", {"carry_over": "none"}).options.carry_over == 0.05  # back to the default


def test_levers_in_force_are_sorted_and_only_those_that_differ(small: Dataset):
    case = apply(small, "lean", {"carry_over": 0.05, "force.sam": "on", "forbid.x1": "off", "area_weight.c2": 1})
    assert list(case.levers.items()) == [("force.sam", True), ("growth_shift", -0.01)]


def test_a_plan_is_replayed_from_its_own_levers(small: Dataset):
    """A lever set back to its default is not listed; the data set's base value must not come back."""
    case = apply(small, "line_lost", {"carry_over": 0.05, "us_backfill": 0.5})
    again = replay(small, case.name, case.levers)
    assert again.options == case.options
    assert again.dataset.sha256 == case.dataset.sha256


def test_an_override_multiplies_the_rows_where_it_holds(small: Dataset):
    case = apply(small, "line_lost")
    assert column(case, "line_capacity", "capacity", line="l1") == [4, 4, 4]
    assert column(case, "line_capacity", "capacity", line="l2") == [80, 80, 80]


def test_an_override_sets_typed_values(tmp_path: pathlib.Path):
    text = """\
late:
  overrides:
  - {table: programmes, where: {programme: [sam, shell]}, column: lead_years, set: 2}
  - {table: customers, where: {nation: DEU, programme: sam}, column: max_units, set: null}
  - {table: nations, where: {eu: true}, column: eu, set: off}
  - {table: programmes, column: unit_cost, multiply: 2}
"""
    case = apply(load(small_folder(tmp_path, scenarios_yaml=text)), "late")
    assert column(case, "programmes", "lead_years") == [2, 2]
    assert column(case, "customers", "max_units", nation="DEU", programme="sam") == [float("inf")]
    assert column(case, "nations", "eu") == [0, 0, 0]
    assert column(case, "programmes", "unit_cost") == [10, 1]
    assert case.dataset.tables["programmes"]["lead_years"].dtype == "int64"


def test_overrides_that_make_bad_data_are_refused(tmp_path: pathlib.Path):
    text = "bad: {overrides: [{table: programmes, where: {programme: sam}, column: unit_cost, multiply: -1}]}\n"
    dataset = load(small_folder(tmp_path, scenarios_yaml=text))
    with pytest.raises(LeverError, match="negative money"):
        apply(dataset, "bad")


def test_every_price_grows_faster(small: Dataset):
    assert column(pull(small, price_growth_shift=0.02), "programmes", "cost_growth") == pytest.approx([0.03, 0.02])


def test_a_weight_is_multiplied(small: Dataset):
    assert column(pull(small, area_weight__iamd=2), "areas", "weight") == [2, 1, 6]


def test_capacity_is_multiplied_but_not_current_output_ramp_or_expansions(small: Dataset):
    case = pull(small, capacity_factor=0.5)
    assert column(case, "line_capacity", "capacity", line="l1") == [4, 4, 4]
    assert column(case, "component_capacity", "capacity") == [50, 50, 50]
    for table in ("lines", "expansions"):
        pd.testing.assert_frame_equal(case.dataset.tables[table], small.tables[table])


def test_options_are_read_not_applied(small: Dataset):
    case = pull(small, expansions="off", synchronised_cycles="true", pillar_shift=0.2, persistence=3, forbid__v1=1,
                force__f1="on")  # fmt: skip
    options = case.options
    assert (options.expansions, options.synchronised_cycles) == (False, True)
    assert (options.pillar_shift, options.persistence) == (0.2, 3)
    assert (options.force, options.forbid) == ({"f1"}, {"v1"})
    assert case.dataset.sha256 == small.sha256


def test_a_nation_out_takes_its_rows_with_it_and_leaves_its_lines(small: Dataset):
    case = pull(small, nation_out__DEU=1)
    for name in ("nations", "economy", "budget_path", "targets", "customers", "frame_members", "loans", "pipeline",
                 "obligations", "prior_plan"):  # fmt: skip
        assert "DEU" not in set(case.dataset.tables[name]["nation"]), name
    assert column(case, "lines", "nation", line="l1") == ["DEU"]
    assert column(case, "innovation", "sponsor") == ["POL"]
    # Its place as host stays written: the model knows that a host outside the case pays nothing.
    assert column(case, "expansions", "host") == ["DEU"]
    # Poland is left in EUROPE and in the EU: their rules stay.
    assert len(case.dataset.tables["rules"]) == len(small.tables["rules"])


def test_an_innovation_line_without_a_sponsor_has_none(small: Dataset):
    case = pull(small, nation_out__DEU=1, nation_out__POL=1)
    assert column(case, "innovation", "sponsor") == [""]


def test_rules_stay_when_a_nation_or_a_region_leaves(tmp_path: pathlib.Path):
    """They bind nothing then; what lends to nobody, or holds in no nation, leaves."""
    rules = with_row("rules", "closure_min,DEU:iamd,0.2,soft,1,")
    loans = with_row("loans", "edip,EUROPE,5,,,0")
    incompatible = with_row("incompatible", "sam,shell,EUROPE")
    dataset = load(small_folder(tmp_path, rules=rules, loans=loans, incompatible=incompatible))
    case = pull(dataset, nation_out__DEU=1, nation_out__POL=1)
    pd.testing.assert_frame_equal(case.dataset.tables["rules"], dataset.tables["rules"])
    assert case.dataset.tables["loans"].empty
    assert column(case, "incompatible", "scope") == ["NORTH_AMERICA"]
    # A group that has a nation left goes on lending to it.
    assert column(pull(dataset, nation_out__DEU=1), "loans", "nation") == ["EUROPE", "POL"]


def test_pins_leave_with_their_nation_and_those_for_all_stay(tmp_path: pathlib.Path):
    pins = "nation,programme,channel,year,sense,units\nDEU,sam,,,min,1\nALL,sam,,,max,9\n"
    case = pull(load(small_folder(tmp_path, pins=pins)), nation_out__DEU=1)
    assert column(case, "pins", "nation") == ["ALL"]


def test_without_usa_the_collective_baselines_fall_by_its_part(small: Dataset):
    """60 - 40 = 20 in each year, and the part of USA is then 0."""
    case = pull(small, nation_out__USA=1)
    assert column(case, "targets", "baseline", nation="ALL") == [20, 20, 20]
    assert column(case, "targets", "baseline_us", nation="ALL") == [0, 0, 0]
    assert column(case, "targets", "target", nation="ALL") == [100, 100, 100]


def test_a_collective_baseline_does_not_fall_below_0(tmp_path: pathlib.Path):
    targets = TABLES["targets"].replace("100,60,40", "100,30,40")
    case = pull(load(small_folder(tmp_path, targets=targets)), nation_out__USA=1)
    assert column(case, "targets", "baseline", nation="ALL") == [0, 0, 0]


def test_the_others_backfill_what_usa_withdraws_by_gdp(small: Dataset):
    """w = 0.5 * (0, 0.5, 1) * 18 = 0, 4.5, 9. DEU has 4000 of 5000 GDP: 0.8 of it; POL 0.2."""
    case = pull(small, us_backfill=0.5)
    assert column(case, "targets", "target", nation="USA", area="iamd") == pytest.approx([20, 15.5, 11])
    assert column(case, "targets", "baseline", nation="USA", area="iamd") == pytest.approx([18, 13.5, 9])
    assert column(case, "targets", "target", nation="DEU", area="iamd") == pytest.approx([10, 13.6, 17.2])
    assert column(case, "targets", "target", nation="POL", area="iamd") == pytest.approx([6, 6.9, 7.8])
    # c2 has no row of USA: nothing is withdrawn. Of ammo the target rises by 0.5 * (0, 0.5, 1) * 40.
    assert column(case, "targets", "target", nation="DEU", area="c2") == [5, 5, 5]
    assert column(case, "targets", "target", nation="ALL", area="ammo") == pytest.approx([100, 110, 120])
    assert column(case, "targets", "baseline", nation="ALL", area="ammo") == [60, 60, 60]


def test_a_usa_target_below_its_baseline_does_not_go_below_0(tmp_path: pathlib.Path):
    """Target 5, baseline 18, all withdrawn by the last year: 5 - 18 < 0."""
    targets = TABLES["targets"].replace("USA,iamd,2029,20,18", "USA,iamd,2029,5,18")
    case = pull(load(small_folder(tmp_path, targets=targets)), us_backfill=1)
    assert column(case, "targets", "target", nation="USA", area="iamd") == [20, 11, 0]
    # The others' rise is w itself, whatever USA's target could fall by: 10 + 0.8 * 18.
    assert column(case, "targets", "target", nation="DEU", area="iamd") == pytest.approx([10, 17.2, 24.4])


def test_growth_comes_before_backfill_in_the_order(tmp_path: pathlib.Path):
    """POL's GDP triples in 2029 by an override: 4000 to 3000, so that it takes 3/7 of 18 * 0.5."""
    text = "boom: {overrides: [{table: economy, where: {nation: POL, year: 2029}, column: gdp, multiply: 3}]}\n"
    dataset = load(small_folder(tmp_path, scenarios_yaml=text))
    case = apply(dataset, "boom", {"us_backfill": 0.5})
    assert column(case, "targets", "target", nation="POL", area="iamd")[2] == pytest.approx(6 + 9 * 3 / 7)


def test_without_another_nation_nothing_rises(small: Dataset):
    case = pull(small, nation_out__DEU=1, nation_out__POL=1, us_backfill=1)
    assert column(case, "targets", "target", nation="ALL") == [100, 100, 100]
    assert column(case, "targets", "target", nation="USA", area="iamd") == [20, 11, 2]


def test_usa_out_leaves_nothing_to_backfill(small: Dataset):
    case = pull(small, nation_out__USA=1, us_backfill=1)
    assert column(case, "targets", "target", nation="DEU", area="iamd") == [10, 10, 10]
    assert column(case, "targets", "target", nation="ALL") == [100, 100, 100]


def test_rows_outside_the_horizon_are_not_in_the_case(tmp_path: pathlib.Path):
    case = apply(load(small_folder(tmp_path, targets=with_row("targets", "DEU,iamd,2031,50,6,"))))
    assert 2031 in set(case.base.tables["targets"]["year"])
    assert 2031 not in set(case.dataset.tables["targets"]["year"])


@pytest.mark.parametrize(
    ("levers", "says"),
    [
        ({"carryover": 1}, "carry_over"),
        ({"carry_over": 1.5}, "between 0 and 1"),
        ({"carry_over": "nan"}, "between 0 and 1"),
        ({"carry_over": "5%"}, "0.03"),
        ({"carry_over": True}, "number"),
        ({"fleet_strictness": 1.5}, "whole number"),
        ({"path_shape": "steep"}, "linear, front, back"),
        ({"expansions": "maybe"}, "on or off"),
        ({"force": 1}, "force.X"),
        ({"area_share_min": 0.2}, "needs a suffix: write area_share_min.X"),
        ({"single_nation_max.iamd": 0.4}, "the rule single_nation_max has no lever"),
        ({"core_share_2035.EU": 0.03}, r"no nation EU \(a group\); .*[Tt]he suffix is a nation: DEU, POL, USA"),
        ({"core_year.EUROPE": 2028}, r"no nation EUROPE \(a group\); the suffix is a nation: DEU, POL, USA"),
        (
            {"spend_floor.EUROP": 0.5},
            "did you mean EUROPE[?] The suffix is a nation, a region, EU or ALL: ALL, DEU",
        ),
        ({"output_drop_max.l9": 0.5}, "he suffix is a line or ALL: ALL, l1, l2"),
        ({"delay.l1": 1}, "a programme or a frame not yet launched: f1, sam, shell"),
        ({"core_year": 2035}, "from 2027 to 2029"),
        ({"core_year.DEU": 2026}, "from 2027 to 2029"),
        ({"core_share_2035.DEX": 0.03}, "no nation DEX; did you mean DEU"),
        ({"delay.sam": -1}, "between 0 and"),
        ({"delay.sam": 1.5}, "whole number"),
        ({"delay.x1": 1}, "no programme or frame x1"),
        ({"threat_shift": 0.5}, "whole number"),
        ({"loans": "some"}, "on or off"),
        ({"joint_share_min.iamd": 0.4}, "none of that name"),
        ({"output_drop_max.sam": 0.4}, "line or ALL"),
        ({"area_share_min.EUROPA:iamd": 0.4}, "no nation or group EUROPA; did you mean EUROPE"),
        ({"closure_min.EU": 0.4}, "no area EU"),
        ({"risk_max.EU": 0.4}, "risk_max is one for all and takes no suffix"),
        ({"carry_over.DEU": 0.1}, "carry_over is one for all"),
        ({"force.tank": 1}, "no programme or frame or expansion or innovation tank"),
        ({"area_weight.space": 1}, "no area space"),
        ({"nation_out.US": 1}, "USA"),
        ({"force.sam": 1, "forbid.sam": "on"}, "contradict"),
        ({"nation_out.DEU": 1, "nation_out.POL": 1, "nation_out.USA": 1}, "no nation"),
    ],
)
def test_what_a_lever_can_not_do_is_said_in_one_line(small: Dataset, levers: dict[str, object], says: str):
    with pytest.raises(LeverError, match=says) as problem:
        apply(small, None, levers)
    assert "\n" not in str(problem.value)


def test_an_unknown_scenario_names_the_nearest(small: Dataset):
    with pytest.raises(LeverError, match="did you mean lean"):
        apply(small, "leen")


def test_a_frame_launched_already_can_be_forced_but_not_forbidden(tmp_path: pathlib.Path):
    folder = small_folder(
        tmp_path,
        frames=edited("frames", "0.65,safe,", "0.65,safe,2025"),
        frame_members="frame,nation,status\nf1,DEU,member\nf1,POL,member\n",
    )
    dataset = load(folder)
    assert pull(dataset, force__f1=1).options.force == {"f1"}
    with pytest.raises(LeverError, match="launched already"):
        pull(dataset, forbid__f1=1)


def test_a_programme_with_a_launched_frame_is_not_forbidden_and_the_frame_not_delayed(tmp_path: pathlib.Path):
    folder = small_folder(
        tmp_path,
        frames=edited("frames", "0.65,safe,", "0.65,safe,2025"),
        frame_members="frame,nation,status\nf1,DEU,member\nf1,POL,member\n",
    )
    dataset = load(folder)
    with pytest.raises(LeverError, match="its frame f1 is launched already"):
        pull(dataset, forbid__sam=1)
    with pytest.raises(LeverError, match="launched already"):
        pull(dataset, delay__f1=1)
    # Its programme may come later: the frame's orders then come later, too.
    assert column(pull(dataset, delay__sam=1), "programmes", "first_order_year", programme="sam") == [2028]


@pytest.mark.parametrize(
    ("years", "window"), [(0, (2027, 2029)), (1, (2028, 2029)), (2, (2029, 2029)), (3, (2030, 2029)), (9, (2036, 2029))]
)
def test_a_delay_moves_the_window_and_loses_what_passes_the_last_year(
    tmp_path: pathlib.Path, years: int, window: tuple[int, int]
):
    """The window of 2020 to 2040 is first cut to 2027-2029; three years on nothing of it is left."""
    programmes = edited("programmes", "2027,2029", "2020,2040")
    case = pull(load(small_folder(tmp_path, programmes=programmes)), delay__shell=years)
    shell = case.dataset.tables["programmes"].set_index("programme").loc["shell"]
    assert (shell["first_order_year"], shell["last_order_year"]) == (window if years else (2020, 2040))
    assert column(case, "programmes", "first_order_year", programme="sam") == [2027]


def test_a_delay_keeps_the_end_that_lies_within_and_moves_frames_by_their_own_name(small: Dataset):
    """f1 launches in 2027 or 2028; a year later that is 2028 or 2029."""
    case = pull(small, delay__f1=1)
    assert column(case, "frames", "first_launch") == [2028]
    assert column(case, "frames", "last_launch") == [2029]
    assert column(case, "programmes", "first_order_year", programme="sam") == [2027]


def test_a_window_that_was_over_stays_empty_whatever_the_delay(tmp_path: pathlib.Path):
    programmes = edited("programmes", "2027,2029", "2020,2024")
    case = pull(load(small_folder(tmp_path, programmes=programmes)), delay__shell=4)
    shell = case.dataset.tables["programmes"].set_index("programme").loc["shell"]
    assert shell["first_order_year"] > shell["last_order_year"]


@pytest.mark.parametrize("years", [2, -5])
def test_the_threat_comes_later_or_sooner_where_there_is_one(small: Dataset, years: int):
    case = pull(small, threat_shift=years)
    assert column(case, "areas", "threat_year", area="iamd") == [2028 + years]
    assert column(case, "areas", "threat_year", area="c2") == [0]


def test_loans_off_leaves_no_facility_and_the_frames_as_they_are(small: Dataset):
    case = pull(small, loans="off")
    assert case.dataset.tables["loans"].empty
    assert column(case, "frames", "loan_facility") == ["safe"]
    assert case.levers["loans"] is False


def test_force_off_pulls_nothing(small: Dataset):
    assert pull(small, force__sam="off", forbid__sam=1).options.forbid == {"sam"}


def test_command_line_texts_become_levers():
    assert parse_sets(["carry_over=0.1", "force.sam = on"]) == {"carry_over": "0.1", "force.sam": "on"}


@pytest.mark.parametrize("pair", ["carry_over", "=1", "carry_over=", "carry_over:1", "speed=1"])
def test_texts_that_are_no_lever_are_refused(pair: str):
    with pytest.raises(LeverError):
        parse_sets([pair])


def test_a_lever_given_twice_is_refused():
    with pytest.raises(LeverError, match="twice"):
        parse_sets(["carry_over=0.1", "carry_over=0.2"])


@pytest.mark.parametrize(("given", "is_on"), [("on", True), ("TRUE", True), (1, True), ("0", False), (False, False)])
def test_flags_are_read_as_in_the_data(given: object, is_on: bool):
    assert read_lever("synchronised_cycles", given) is is_on


def test_persistence_without_a_prior_plan_is_allowed(tmp_path: pathlib.Path):
    dataset = load(small_folder(tmp_path, prior_plan=None))
    assert pull(dataset, persistence=5).options.persistence == 5


def test_every_scenario_of_the_file_can_be_applied(small: Dataset):
    assert set(small.scenarios) == {"base", "lean", "line_lost"}
    for name in small.scenarios:
        assert apply(small, name).name == name
    assert "line_lost" in SCENARIOS_YAML
