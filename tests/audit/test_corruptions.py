"""Every way in which a plan can be wrong, planted one by one: the audit must name the rule that is broken."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit import AuditReport, audit
from audit.ledger import Ledger
from audit.reading import REPEATED, read_table
from data.dataset import load
from tests.audit_by_hand import DATA, KPIS, PENALTY, TABLES, WORST_AREA, WORST_NATION, write_plan


@dataclass(frozen=True)
class Editor:
    """Changes a plan folder: rows of its tables, plan.json, and the data set it claims to come from."""

    folder: Path

    def read(self, table: str) -> tuple[list[str], list[dict[str, str]]]:
        with self._path(table).open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            return list(reader.fieldnames or ()), list(reader)

    def write(self, table: str, names: list[str], rows: list[dict[str, str]]) -> None:
        with self._path(table).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def set(self, table: str, where: str, **values: object) -> None:
        """Change the one row whose keys start with `where` (keys joined by blanks)."""
        names, rows = self.read(table)
        found = [row for row in rows if " ".join(row.values()).startswith(where)]
        assert len(found) == 1, f"{len(found)} rows of {table} start with {where}"
        found[0].update({name: str(value) for name, value in values.items()})
        self.write(table, names, rows)

    def drop(self, table: str, where: str) -> None:
        names, rows = self.read(table)
        kept = [row for row in rows if not " ".join(row.values()).startswith(where)]
        assert len(kept) < len(rows), f"no row of {table} starts with {where}"
        self.write(table, names, kept)

    def add(self, table: str, line: str) -> None:
        with self._path(table).open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def json(self, change: Callable[[dict[str, Any]], object]) -> None:
        path = self.folder / "plan.json"
        header = json.loads(path.read_text(encoding="utf-8"))
        change(header)
        path.write_text(json.dumps(header), encoding="utf-8")

    def data(self, table: str, old: str, new: str) -> None:
        """Change the data set that the plan was made from, hash and all."""
        path = self.folder / "dataset" / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        digest = load(self.folder / "dataset").sha256
        self.json(lambda header: header.update(dataset_sha256=digest))

    def _path(self, table: str) -> Path:
        return self.folder / "tables" / f"{table}.csv"


@pytest.fixture(scope="session")
def whole_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(tmp_path_factory.mktemp("audit") / "plan")


@pytest.fixture
def solved_plan(whole_plan: Path, tmp_path: Path) -> Editor:
    """A plan that the audit accepts, in a folder of its own to be spoiled."""
    return Editor(Path(shutil.copytree(whole_plan, tmp_path / "plan")))


def named(report: AuditReport) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_the_plan_is_accepted_before_it_is_spoiled(solved_plan: Editor) -> None:
    assert audit(solved_plan.folder).findings == ()


# What is done to the plan, and the rule that the audit must name.
Change = Callable[[Editor], None]
CORRUPTIONS: dict[str, tuple[str, Change]] = {
    # Section 3: orders, deliveries, types.
    "more_than_the_nation_may_buy": ("buying.max_units", lambda p: p.set("orders", "DEU hub", units=5, value=50)),
    "a_lot_split": ("buying.whole_lots", lambda p: p.set("orders", "DEU sam f_sam 2027", units=2.5, value=225)),
    "an_order_that_arrives_too_late": ("buying.order_window", lambda p: p.set("orders", "DEU sat", year=2029)),
    "an_order_by_no_customer": ("buying.customers", lambda p: p.set("orders", "DEU hub", nation="USA")),
    "an_order_too_small_to_be_one": (
        "buying.operated_minimum",
        lambda p: p.add("orders", "DEU,shell,national,2027,0.00005,5,0.00025"),
    ),
    "an_order_of_less_than_nothing": (
        "table.orders",
        lambda p: p.add("orders", "DEU,shell,national,2027,-1,5,-5"),
    ),
    "units_in_service_forgotten": ("buying.in_service", lambda p: p.set("deliveries", "DEU sam 2029", in_service=2)),
    "one_unit_too_many_delivered": ("table.deliveries", lambda p: p.set("deliveries", "DEU sam 2028", units=3)),
    "a_delivery_left_out": ("table.deliveries", lambda p: p.drop("deliveries", "POL sam 2029")),
    "the_overhead_of_a_new_type_left_out": ("buying.operated", lambda p: p.drop("spending", "DEU 2028 core overhead")),
    "the_tax_of_a_legacy_type_left_out": (
        "buying.operated",
        lambda p: p.drop("spending", "USA 2029 core integration_tax"),
    ),
    "a_price_too_low": ("table.orders", lambda p: p.set("orders", "DEU hub", unit_price=9, value=18)),
    "a_price_without_its_growth": (
        "table.orders",
        lambda p: p.set("orders", "POL shell national 2029", unit_price=5, value=20),
    ),
    "a_programme_that_is_not_there": ("table.orders", lambda p: p.set("orders", "DEU hub", programme="castle")),
    # Section 4: joint buys.
    "a_frame_launched_twice": ("joint.launch_once", lambda p: p.add("frames", "f_sam,sam,2028,2,5,2,0.9,50,8")),
    "a_launch_out_of_its_window": ("joint.launch_window", lambda p: p.set("frames", "f_sam", launch_year=2029)),
    "an_old_frame_launched_again": ("joint.launch_window", lambda p: p.set("frames", "f_old", launch_year=2027)),
    "members_of_a_frame_not_launched": ("joint.join_at_launch", lambda p: p.drop("frames", "f_sam")),
    "a_newcomer_in_an_old_frame": ("joint.join_at_launch", lambda p: p.add("members", "f_old,DEU,0,0,0,0")),
    "a_committed_nation_left_out": ("joint.committed_join", lambda p: p.drop("members", "f_sam DEU")),
    "a_member_in_no_signing_year": ("joint.signing_year", lambda p: p.set("frames", "f_sam", launch_year=2028)),
    "an_excluded_nation_let_in": ("joint.excluded", lambda p: p.add("members", "f_sam,USA,0,0,0,0")),
    "too_few_members": ("joint.min_members", lambda p: p.drop("members", "f_sam POL")),
    "a_member_below_the_minimum": (
        "joint.member_minimum",
        lambda p: (p.drop("orders", "POL sam"), p.set("members", "f_sam POL", units=0, value=0, saving=0)),
    ),
    "an_order_by_no_member": (
        "joint.orders_after_joining",
        lambda p: p.add("orders", "USA,sam,f_sam,2027,1,90,90"),
    ),
    "an_order_before_the_launch": (
        "joint.orders_after_joining",
        lambda p: p.set("frames", "f_sam", launch_year=2028),
    ),
    "too_few_units": ("joint.min_units", lambda p: p.drop("orders", "POL sam")),
    "a_commitment_year_without_units": (
        "joint.min_annual_units",
        lambda p: (p.drop("orders", "DEU sam f_sam 2028"), p.drop("orders", "POL sam f_sam 2028")),
    ),
    "a_tier_not_reached": ("joint.tier_floor", lambda p: p.set("frames", "f_sam", tier=3, price_factor=0.8)),
    "a_tier_missed": ("joint.tier_ceiling", lambda p: p.set("frames", "f_sam", tier=1, price_factor=0.95)),
    "a_factor_of_another_tier": ("joint.tier_choice", lambda p: p.set("frames", "f_sam", price_factor=0.8)),
    "a_wrong_tier_price": (
        "joint.order_value",
        lambda p: p.set("orders", "DEU sam f_sam 2027", unit_price=80, value=160),
    ),
    "a_value_that_is_not_units_times_price": (
        "joint.order_value",
        lambda p: p.set("orders", "DEU sam f_sam 2027", value=179),
    ),
    "a_member_without_its_work": ("joint.workshare", lambda p: p.set("production", "sam_line sam 2028", units=-1)),
    "a_saving_overstated": ("table.members", lambda p: p.set("members", "f_sam DEU", saving=31)),
    "fees_understated": ("table.frames", lambda p: p.set("frames", "f_sam", fees=7)),
    "an_old_frame_left_out": ("table.frames", lambda p: p.drop("frames", "f_old")),
    # Section 5: industry.
    "a_delivery_that_nobody_made": (
        "industry.work_in_progress",
        lambda p: p.set("production", "sam_line sam 2029", units=1),
    ),
    "work_before_anybody_ordered": (
        "industry.made_of_orders",
        lambda p: p.set("production", "shell_line loiter 2028", year=2027),
    ),
    "a_line_above_its_capacity": (
        "industry.line_capacity",
        lambda p: p.set("production", "shell_line shell 2027", units=21),
    ),
    "a_ramp_too_steep": ("industry.ramp", lambda p: p.set("production", "sam_line sam 2028", units=5)),
    "a_component_above_its_capacity": (
        "industry.component_capacity",
        lambda p: p.set("production", "shell_line shell 2027", units=13),
    ),
    "an_expansion_started_twice": ("industry.expand_once", lambda p: p.add("expansions", "x_sam,2028,2029,12,1,DEU")),
    "an_expansion_out_of_its_window": (
        "industry.expansion_window",
        lambda p: p.set("expansions", "x_sam", start_year=2029, opens=2030),
    ),
    "a_bill_not_paid": ("industry.expansion_bill", lambda p: p.set("contributions", "x_sam POL 2027", amount=3)),
    "a_bill_paid_by_a_stranger": (
        "industry.expansion_bill",
        lambda p: p.set("contributions", "x_sam POL 2027", nation="USA"),
    ),
    "a_host_that_pays_too_little": (
        "industry.host_share",
        lambda p: (
            p.set("contributions", "x_sam DEU 2027", amount=5),
            p.set("contributions", "x_sam POL 2027", amount=7),
        ),
    ),
    "a_guaranteed_load_not_met": (
        "industry.guaranteed_load",
        lambda p: p.set("production", "sam_line sam 2028", units=1),
    ),
    "use_understated": ("table.capacity", lambda p: p.set("capacity", "sam_line 2029", used=1)),
    "a_cost_of_expansion_understated": ("table.expansions", lambda p: p.set("expansions", "x_sam", cost=11)),
    "a_line_that_makes_something_else": (
        "table.production",
        lambda p: p.add("production", "shell_line,sam,2029,1"),
    ),
    # Section 6: interoperability and capability.
    "two_incompatible_types": (
        "interoperability.incompatible",
        lambda p: p.add("orders", "POL,pat,national,2027,1,120,120"),
    ),
    "one_type_too_many_in_a_fleet": (
        "interoperability.fleet_limit",
        lambda p: p.add("orders", "POL,pat,national,2027,1,120,120"),
    ),
    "one_variant_too_many": (
        "interoperability.variant_limit",
        lambda p: p.add("orders", "USA,pat,national,2027,1,120,120"),
    ),
    "a_standard_given_up": (
        "interoperability.common_standard_min",
        lambda p: p.add("orders", "USA,pat,national,2027,4,120,480"),
    ),
    "an_effect_overstated": ("capability.delivered", lambda p: p.set("gaps", "POL air 2029", delivered=3)),
    "an_effect_credited_without_its_enabler": (
        "capability.enabler",
        lambda p: p.set("gaps", "DEU air 2029", credited=3),
    ),
    "a_credit_overstated": ("capability.credited", lambda p: p.set("gaps", "POL ammo 2028", credited=15)),
    "a_shortfall_understated": ("capability.shortfall", lambda p: p.set("gaps", "USA air 2027", shortfall=4)),
    "a_closure_overstated": ("table.gaps", lambda p: p.set("gaps", "USA air 2027", closure=0.8)),
    "a_gap_left_out": ("table.gaps", lambda p: p.drop("gaps", "POL air 2027")),
    "a_part_of_a_collective_area_left_out": ("table.collective", lambda p: p.drop("collective", "space USA 2028")),
    # Section 7: innovation.
    "a_line_both_piloted_and_fast": (
        "innovation.one_mode",
        lambda p: p.add("innovation", "swarm,pilot_only,2027,0,0,6"),
    ),
    "scaled_before_the_pilot_ends": (
        "innovation.scale_after_pilot",
        lambda p: p.set("innovation", "smart", scale_year=2027, complete_year=2028),
    ),
    "ordered_before_it_is_unlocked": ("innovation.unlocks", lambda p: p.set("orders", "POL loiter", year=2027)),
    "complete_after_the_horizon": (
        "innovation.window",
        lambda p: p.set("innovation", "smart", scale_year=2029, complete_year=2030),
    ),
    "a_complete_line_started_again": ("innovation.window", lambda p: p.add("innovation", "old,pilot_only,2027,0,0,1")),
    "fast_without_a_fast_mode": (
        "innovation.window",
        lambda p: p.set("innovation", "smart", mode="fast", scale_year=0),
    ),
    "innovation_for_less": ("table.innovation", lambda p: p.set("innovation", "smart", cost=20)),
    # Section 8: money.
    "a_payment_moved": (
        "table.spending",
        lambda p: (
            p.set("spending", "DEU 2028 core payment sam", amount=152),
            p.set("spending", "DEU 2029 core payment sam", amount=82),
        ),
    ),
    "an_obligation_forgotten": ("table.spending", lambda p: p.drop("spending", "USA 2027 core obligation")),
    "a_payment_from_the_wrong_pillar": (
        "table.spending",
        lambda p: p.set("spending", "DEU 2027 resilience payment hub", pillar="core"),
    ),
    "money_from_nowhere": ("budget.balance", lambda p: p.set("budgets", "DEU 2028 core", unspent=60)),
    "more_spent_than_there_is": (
        "budget.balance",
        lambda p: p.set("budgets", "POL 2029 resilience", unspent=-1, spent=51),
    ),
    "carried_in_out_of_nothing": (
        "budget.balance",
        lambda p: p.set("budgets", "USA 2028 core", carried_in=5, unspent=309.5),
    ),
    "too_much_carried_over": (
        "budget.carry_limit",
        lambda p: (
            p.set("budgets", "DEU 2027 core", carried_out=20, unspent=204),
            p.set("budgets", "DEU 2028 core", carried_in=20, unspent=65),
        ),
    ),
    "shifted_without_a_giver": (
        "budget.shift_sum",
        lambda p: p.set("budgets", "DEU 2027 core", shifted_in=0, unspent=219),
    ),
    "too_much_shifted": (
        "budget.shift_limit",
        lambda p: (
            p.set("budgets", "DEU 2027 core", shifted_in=-30, unspent=189),
            p.set("budgets", "DEU 2027 resilience", shifted_in=30, unspent=79),
        ),
    ),
    "more_lent_than_the_facility_has": (
        "budget.loan_amount",
        lambda p: p.set("loans", "safe POL 2028", drawn=50),
    ),
    "a_loan_after_its_years": ("budget.loan_amount", lambda p: p.set("loans", "safe POL 2029", drawn=1)),
    "a_loan_above_the_payments": ("budget.loan_payments", lambda p: p.set("loans", "safe POL 2027", drawn=19)),
    "interest_forgotten": ("table.loans", lambda p: p.set("loans", "safe POL 2029", interest=0)),
    "spent_understated": ("table.budgets", lambda p: p.set("budgets", "DEU 2028 core", spent=224, unspent=56)),
    "a_budget_left_out": ("table.budgets", lambda p: p.drop("budgets", "USA 2029 resilience")),
    # Section 8: rules and levers.
    "a_rule_row_left_out": ("policy.closure_min", lambda p: p.drop("rules", "closure_min DEU:rail")),
    "a_rule_that_nobody_made": (
        "table.rules",
        lambda p: p.add("rules", "closure_min,POL:rail,2028,-,2029,0.5,0.5,share,0,hard,1,0"),
    ),
    "a_share_overstated": ("table.rules", lambda p: p.set("rules", "eu_content_min EU", achieved=0.8, slack=0.2)),
    "a_broken_rule_called_met": ("table.rules", lambda p: p.set("rules", "surge_min air 2027 - 2028", met=1)),
    "a_hard_rule_called_soft": ("table.rules", lambda p: p.set("rules", "risk_max ALL", hardness="soft")),
    "a_penalty_not_paid": ("policy.surge_min", lambda p: p.set("rules", "surge_min air 2027 - 2028", penalty=0)),
    "a_forced_programme_not_bought": (
        "policy.force",
        lambda p: p.json(lambda header: header["levers"].update({"force.pat": True})),
    ),
    "a_forbidden_expansion_built": (
        "policy.forbid",
        lambda p: p.json(lambda header: header["levers"].update({"forbid.x_sam": True})),
    ),
    "an_expansion_with_expansions_off": (
        "industry.expansion_window",
        lambda p: p.json(lambda header: header["levers"].update({"expansions": False})),
    ),
    # Section 9 and plan.json.
    "a_better_gap_index": ("objective", lambda p: p.json(lambda header: header.update(gap_index_after=30.0))),
    "a_worse_start": ("objective", lambda p: p.json(lambda header: header.update(gap_index_before=74.0))),
    "a_better_value": ("objective", lambda p: p.json(lambda header: header["objective"].update(value=30.5))),
    "a_bound_above_the_value": ("objective", lambda p: p.json(lambda header: header["objective"].update(bound=31))),
    "a_first_value_far_below": (
        "objective",
        lambda p: p.json(lambda header: header["objective"].update(first_value=30.81)),
    ),
    "more_closed_than_is": ("objective", lambda p: p.json(lambda header: header["objective"].update(closed=1.0))),
    "nothing_said_of_what_is_closed": (
        "objective",
        lambda p: p.json(lambda header: header["objective"].update(closed=None)),
    ),
    "a_settled_state_without_years_beyond": (
        "objective",
        lambda p: p.json(lambda header: header.update(settled_after=0.0)),
    ),
    "a_smaller_gap": ("objective", lambda p: p.json(lambda header: header["objective"].update(gap=0.0))),
    "a_penalty_hidden": ("objective", lambda p: p.json(lambda header: header["objective"].update(soft_penalty=0))),
    "a_change_hidden": ("objective", lambda p: p.json(lambda header: header["objective"].update(persistence=0))),
    "a_lower_cost": ("objective", lambda p: p.json(lambda header: header["objective"].update(cost=800))),
    "another_data_set": ("plan.json", lambda p: p.json(lambda header: header.update(dataset_sha256="0"))),
    "another_marking": ("plan.json", lambda p: p.json(lambda header: header.update(marking="PUBLIC"))),
    "a_lever_that_is_not_there": ("plan.json", lambda p: p.json(lambda header: header["levers"].update(magic=1))),
    "a_scenario_that_is_not_there": ("plan.json", lambda p: p.json(lambda header: header.update(scenario="war"))),
    "solved_but_at_a_limit": ("plan.json", lambda p: p.json(lambda header: header.update(exit_code=5))),
    "a_header_without_work": ("plan.json", lambda p: p.json(lambda header: header.pop("work"))),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_plan_is_named_by_its_rule(solved_plan: Editor, name: str) -> None:
    rule, change = CORRUPTIONS[name]
    change(solved_plan)
    assert rule in named(audit(solved_plan.folder))


# A rule of the data set with another value: the plan, unchanged, breaks it.
TIGHTER = {
    "policy.change_max": ("change_max,ALL,0.8", "change_max,ALL,0.2"),
    "policy.closure_min": ("closure_min,DEU:rail,0.5", "closure_min,DEU:rail,0.6"),
    "policy.equipment_share_min": ("equipment_share_min,EU,0.1", "equipment_share_min,EU,0.15"),
    "policy.eu_content_min": ("eu_content_min,EU,0.6", "eu_content_min,EU,0.73"),
    "interoperability.fleet_limit": ("fleet_limit,sam,1", "fleet_limit,sam,0"),
    "policy.innovation_share_min": ("innovation_share_min,EU,0.02", "innovation_share_min,EU,0.07"),
    "policy.joint_share_min": ("joint_share_min,ALL,0.4,soft,5", "joint_share_min,ALL,0.75,hard,"),
    "policy.risk_max": ("risk_max,ALL,0.6", "risk_max,ALL,0.4"),
    "policy.single_line_max": ("single_line_max,air,1", "single_line_max,air,0.9"),
    "policy.single_nation_max": ("single_nation_max,space,0.9", "single_nation_max,space,0.7"),
    "policy.sme_share_min": ("sme_share_min,EU,0.1", "sme_share_min,EU,0.13"),
    "policy.spend_floor": ("spend_floor,DEU,0.2,soft,0.5", "spend_floor,DEU,0.2,hard,"),
    "policy.spend_growth_max": ("spend_growth_max,USA,0.5", "spend_growth_max,USA,-0.1"),
    "policy.surge_min": ("surge_min,air,2,soft,0.1", "surge_min,air,2,hard,"),
    "interoperability.variant_limit": ("variant_limit,sam,1", "variant_limit,sam,0"),
}


@pytest.mark.parametrize("rule", TIGHTER)
def test_a_hard_rule_that_does_not_hold_is_named(solved_plan: Editor, rule: str) -> None:
    solved_plan.data("rules", *TIGHTER[rule])
    broken = [finding for finding in audit(solved_plan.folder).findings if finding.rule == rule]
    assert any("must hold" in finding.message for finding in broken)


def test_a_hard_standard_that_is_given_up_is_named(solved_plan: Editor) -> None:
    # Four pat, off the standard, join the two and three sam on it: 3 of 7 in 2028.
    solved_plan.data("rules", "common_standard_min,air,0.9,soft,1", "common_standard_min,air,0.9,hard,")
    solved_plan.add("orders", "USA,pat,national,2027,4,120,480")
    messages = [f.message for f in audit(solved_plan.folder).findings if f.rule.endswith("common_standard_min")]
    assert any("The plan has 0.4285714286 where at least 0.9 must hold." in message for message in messages)


def test_the_tightened_rules_are_all_rules_there_are() -> None:
    rules = {line.split(",")[0] for line in DATA["rules"].splitlines()[1:]}
    assert {name.partition(".")[2] for name in TIGHTER} | {"common_standard_min"} == rules


def test_a_nation_is_in_one_frame_of_a_programme_only(solved_plan: Editor) -> None:
    row = "f_two,sam,Second buy,agency,,,,,,,,,,,,,"
    solved_plan.data("frames", "f_sam,sam", f"{row}\nf_sam,sam")
    solved_plan.data("frame_members", "f_sam,DEU", "f_two,DEU,candidate\nf_sam,DEU")
    solved_plan.add("frames", "f_two,sam,2027,1,0,0,1,0,0")
    solved_plan.add("members", "f_two,DEU,0,0,0,0")
    assert "joint.one_frame" in named(audit(solved_plan.folder))


def test_a_host_outside_the_case_cannot_start_what_it_should_pay(solved_plan: Editor) -> None:
    solved_plan.data("expansions", ",DEU,0.5,", ",JPN,0.5,")
    assert "industry.host_share" in named(audit(solved_plan.folder))


@pytest.mark.parametrize("name", KPIS)
def test_every_kpi_is_recomputed(solved_plan: Editor, name: str) -> None:
    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            first = sorted(value)[0]
            return {**value, first: spoil(value[first])}
        return (value or 0) + 0.25

    solved_plan.json(lambda header: header["kpis"].update({name: spoil(header["kpis"][name])}))
    assert named(audit(solved_plan.folder)) == {f"kpi.{name}"}


@pytest.mark.parametrize("name", sorted(set(KPIS) - {"arrival_margin"}))
def test_no_kpi_may_be_missing(solved_plan: Editor, name: str) -> None:
    solved_plan.json(lambda header: header["kpis"].pop(name))
    assert named(audit(solved_plan.folder)) == {f"kpi.{name}"}


@pytest.mark.parametrize(("year_of_few", "margin"), [("ALL,space,2028,10,4,3\n", 1), ("", 3)], ids=["dip", "no_target"])
def test_an_area_has_arrived_when_its_closure_stays(solved_plan: Editor, year_of_few: str, margin: int) -> None:
    # Space is closed in 2027 (4 of 4), at 0.7 in 2028 if there is a target, and at 7 of 8 in 2029; the threat is 2030.
    solved_plan.data("areas", "space,Space,core,satellites,1,,,,", "space,Space,core,satellites,1,,,2030,")
    solved_plan.data("targets", "ALL,space,2027,10,4,3", "ALL,space,2027,4,4,3")
    solved_plan.data("targets", "ALL,space,2029,10,4,3", "ALL,space,2029,8,4,3")
    solved_plan.data("targets", "ALL,space,2028,10,4,3\n", year_of_few)
    found = {f.place: f.required for f in audit(solved_plan.folder).findings if f.rule == "kpi.arrival_margin"}
    solved_plan.json(lambda header: header["kpis"]["arrival_margin"].update(space=margin))
    again = {f.place for f in audit(solved_plan.folder).findings if f.rule == "kpi.arrival_margin"}
    assert ("arrival_margin:space" in found, "arrival_margin:space" in again) == (True, False)


def test_a_kpi_that_the_contract_does_not_know_is_listed_as_not_checked(solved_plan: Editor) -> None:
    solved_plan.json(lambda header: header["kpis"].update(glory=1))
    report = audit(solved_plan.folder)
    assert report.ok
    assert report.not_checked == ("kpi.glory",)


def test_what_others_fill_in_for_the_usa_is_recomputed(solved_plan: Editor) -> None:
    # A tenth of USA's 3 in space goes: the target of 2029 rises to 10.3; 7.1 + 3 are there, so 0.1 of the rise of 0.3.
    solved_plan.data("targets", "ALL,space,2029,10,4,3", "ALL,space,2029,10,7.1,3")
    solved_plan.json(lambda header: header["levers"].update(us_backfill=0.1))
    solved_plan.json(lambda header: header["kpis"].update(backfill={"ALL": {"space": 0.5}}))
    found = {f.place: f.required for f in audit(solved_plan.folder).findings if f.rule == "kpi.backfill"}
    assert found["backfill:ALL:space"] == pytest.approx(1 / 3)
    assert found["backfill:DEU:air"] is None  # risen from 10 to 11: a number is due, none is printed


# Mode -> value that the tables come to: the cost; 100 * (1 - least closure) + penalties; the change.
MODES = {
    "cost": 848.7,
    "cost:31.2": 848.7,
    "worst_nation": 100 * (1 - WORST_NATION) + PENALTY,
    "worst_area": 100 * (1 - WORST_AREA) + PENALTY,
    "changes": 0.25,
}


def in_mode(header: dict[str, Any], mode: str, value: float) -> None:
    """The header of the same plan, had the mode asked for it and proven it."""
    own = {"mode": mode, "value": value, "first_value": value, "bound": value, "gap": 0.0, "closed": None}
    header["objective"].update(own)


@pytest.mark.parametrize("mode", MODES)
def test_the_value_of_every_mode_is_recomputed(solved_plan: Editor, mode: str) -> None:
    solved_plan.json(lambda header: in_mode(header, mode, MODES[mode]))
    assert audit(solved_plan.folder).findings == ()
    solved_plan.json(lambda header: in_mode(header, mode, MODES[mode] * 1.001))
    assert named(audit(solved_plan.folder)) == {"objective"}


def test_the_ceiling_of_mode_cost_is_on_index_penalties_and_persistence(solved_plan: Editor) -> None:
    # 30.15 + 0.23 + 0.5 is below 30.9, the index alone below 30.2.
    solved_plan.json(lambda header: in_mode(header, "cost:30.2", 848.7))
    (finding,) = audit(solved_plan.folder).findings
    assert finding.rule == "objective"
    assert finding.required == 30.2


def test_the_value_of_a_mode_that_the_contract_does_not_know_is_listed_as_not_checked(solved_plan: Editor) -> None:
    solved_plan.json(lambda header: in_mode(header, "glory", 1.0))
    assert audit(solved_plan.folder).not_checked == ("objective.value",)


# Damage to the form of a table: the finding names the table, and nothing crashes.
def _damage(text: str) -> dict[str, bytes | None]:
    lines = text.splitlines()
    first = lines[1].split(",") if len(lines) > 1 else ["x"] * len(lines[0].split(","))

    def with_row(*cells: str) -> bytes:
        return "\n".join([lines[0], ",".join(cells), *lines[2:]]).encode()

    return {
        "missing": None,
        "empty": b"",
        "binary": b"\xff\xfe\x00PK\x03\x04",
        "column_renamed": text.replace(lines[0].split(",")[0], "place", 1).encode(),
        "column_missing": "\n".join(",".join(line.split(",")[1:]) for line in lines).encode(),
        "columns_swapped": ",".join(reversed(lines[0].split(","))).encode() + b"\n",
        "row_too_short": with_row(*first[:-1]),
        "row_too_long": with_row(*first, "1"),
        "empty_key": with_row("", *first[1:]),
        "key_twice": "\n".join([lines[0], ",".join(first), ",".join(first), *lines[2:]]).encode(),
        "nan": with_row(*(cell if cell.replace("_", "").isalpha() else "nan" for cell in first)),
        "infinite": with_row(*(cell if not cell.replace(".", "").isdigit() else "inf" for cell in first)),
        "text_for_numbers": with_row(*(cell if not cell.replace(".", "").isdigit() else "much" for cell in first)),
    }


@pytest.mark.parametrize("damage", _damage("a\n1"))
@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_table_is_a_finding_and_no_crash(tmp_path: Path, table: str, damage: str) -> None:
    content, ledger = _damage(TABLES[table])[damage], Ledger()
    (tmp_path / "tables").mkdir()
    if content is not None:
        (tmp_path / "tables" / f"{table}.csv").write_bytes(content)
    read_table(tmp_path, table, ledger)
    assert named(ledger.report()) - set(REPEATED.values()) == {f"table.{table}"}


def test_a_plan_with_a_damaged_table_is_not_read_further(solved_plan: Editor) -> None:
    (solved_plan.folder / "tables" / "orders.csv").unlink()
    solved_plan.set("frames", "f_sam", fees="much")
    assert named(audit(solved_plan.folder)) == {"table.orders", "table.frames"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "NaN", '{"contract": 1}', '{"objective": []}', "[" * 100000],
    ids=["empty", "broken", "list", "null", "nan", "keys_missing", "wrong_type", "deep"],
)
def test_a_broken_header_is_a_finding_and_no_crash(solved_plan: Editor, text: str) -> None:
    (solved_plan.folder / "plan.json").write_text(text, encoding="utf-8")
    assert named(audit(solved_plan.folder)) == {"plan.json"}


def test_folders_without_plan_or_data_are_findings(solved_plan: Editor, tmp_path: Path) -> None:
    assert named(audit(tmp_path / "nowhere")) == {"plan.json"}
    shutil.rmtree(solved_plan.folder / "dataset")
    assert named(audit(solved_plan.folder)) == {"plan.json"}
