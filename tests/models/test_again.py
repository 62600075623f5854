"""Another case put into a program that is there: the same arrays as of the program built anew, for every lever."""

import pytest

from benchmarks.generate import generate
from data.dataset import Dataset, load
from data.lever_table import LEVERS
from data.levers import Case, LeverError, apply
from models.noted import Difference, Noted
from models.program import again, build
from optimizer.problem.arrays import Matrix
from optimizer.problem.compile import ProvenInfeasible, compile_program, recompiled
from tests.cases import TINY
from tests.random_sets import random_set

EITHER = {"share": (0.0, 0.6), "number": (0.0, 0.2), "integer": (0, 1), "flag": (False, True)}


def settings(dataset: Dataset) -> list[dict[str, object]]:
    """Every lever of a data set at two values, the dotted ones for the first item that they fit."""
    found: list[dict[str, object]] = []
    for name, lever in LEVERS.items():
        table = {"areas": "areas", "nations": "nations", "item": "programmes"}.get(lever.of, "")
        item = dataset.tables[table].iloc[0, 0] if table else ""
        values = lever.choices if lever.kind == "choice" else EITHER[lever.kind]
        found += [{name.replace("*", str(item)): value} for value in values]
    return [*found, {}]


def as_named(matrix: Matrix) -> tuple[dict, dict, dict]:
    """Columns, rows and entries of a program by their names, without zeros."""
    columns, rows = list(matrix.columns), list(matrix.rows)
    figures = zip(matrix.cost, matrix.lower, matrix.upper, matrix.integer, strict=True)
    by_column = dict(zip(columns, figures, strict=True))
    by_row = dict(zip(rows, zip(matrix.row_lower, matrix.row_upper, strict=True), strict=True))
    a = matrix.a.tocoo()
    entries = {(rows[r], columns[c]): v for r, c, v in zip(a.row, a.col, a.data, strict=True)}
    return by_column, by_row, entries


def assert_same(there: Matrix, anew: Matrix) -> None:
    columns, rows, entries = as_named(there)
    wanted_columns, wanted_rows, wanted_entries = as_named(anew)
    assert rows.keys() == wanted_rows.keys()
    assert wanted_columns.keys() <= columns.keys(), "a column may be left without use, none may be missing"
    for name in wanted_columns:
        assert columns[name] == pytest.approx(wanted_columns[name], rel=1e-12), name
    for name in rows:
        assert rows[name] == pytest.approx(wanted_rows[name], rel=1e-12, abs=1e-9), name
    assert entries.keys() == wanted_entries.keys()
    for name in entries:
        assert entries[name] == pytest.approx(wanted_entries[name], rel=1e-12), name
    assert there.offset == pytest.approx(anew.offset)


def put_one_after_another(cases: list[Case]) -> int:
    """Put case after case into one program, as a session does; gives how often that went without building anew."""
    program = build(cases[0], noted=True)
    there = compile_program(program)
    count = 0
    for case in cases[1:]:
        found = again(program, case)
        fresh = build(case, noted=True)
        try:
            anew = compile_program(fresh)
        except ProvenInfeasible:
            with pytest.raises(ProvenInfeasible):
                compile_program(found.program if not isinstance(found, str) else build(case))
            program = build(cases[0], noted=True)
            there = compile_program(program)
            continue
        if isinstance(found, str):
            program = build(case, noted=True)
            there = compile_program(program)
            continue
        count += 1
        program = found.program
        made = recompiled(there, program, found.parts)
        there = compile_program(program) if made is None else made
        assert_same(there.matrix, anew.matrix)
    return count


def cases_of(dataset: Dataset) -> list[Case]:
    cases = [apply(dataset)]
    for levers in settings(dataset):
        try:
            cases.append(apply(dataset, None, levers))
        except LeverError:
            continue
    return cases


def test_every_lever_of_tiny():
    assert put_one_after_another(cases_of(load(TINY))) >= 20


def test_every_lever_of_a_generated_set(tmp_path):
    generate(3, 6, 3, tmp_path / "set")
    assert put_one_after_another(cases_of(load(tmp_path / "set"))) >= 20


@pytest.mark.parametrize("seed", (0, 30, 60, 90))
def test_every_lever_of_random_sets(seed):
    put_one_after_another(cases_of(random_set(seed).case.dataset))


def test_money_changes_rows_of_money_alone():
    """The path of core money touches the balance, its shares of the planned budget, and nothing that is bought."""
    dataset = load(TINY)
    program = build(apply(dataset), noted=True)
    found = again(program, apply(dataset, None, {"core_share_2035": 0.05}))
    assert not isinstance(found, str)
    families = {part.split(".")[0] for part in found.parts}
    assert "budget.balance" in found.parts
    assert families <= {"budget", "policy", "objective"}


def test_capacities_have_to_be_built_anew_and_leave_the_program_as_it_was():
    dataset = load(TINY)
    program = build(apply(dataset), noted=True)
    before = compile_program(program).matrix
    assert "deliverable" in str(again(program, apply(dataset, None, {"capacity_factor": 0.5})))
    assert_same(compile_program(program).matrix, before)


def test_prices_are_booked_anew():
    """Payments and what is made of them change; who may buy what, and when, does not."""
    dataset = load(TINY)
    program = build(apply(dataset), noted=True)
    case = apply(dataset, None, {"price_growth_shift": 0.01})
    found = again(program, case)
    assert not isinstance(found, str)
    assert {"book", "budget.spent"} <= found.parts
    fresh = build(case, noted=True)
    assert_same(compile_program(found.program).matrix, compile_program(fresh).matrix)


def test_a_program_for_other_cases_has_the_money_shifted_in_it_and_is_the_same_but_for_that():
    """Nothing may be shifted where the lever is at nothing: 0 <= shift, and what one gives the other gets."""
    dataset = load(TINY)
    for share in (0.0, 0.1):
        case = apply(dataset, None, {"pillar_shift": share})
        columns, rows, entries = as_named(compile_program(build(case, noted=True)).matrix)
        plain_columns, plain_rows, plain_entries = as_named(compile_program(build(case)).matrix)
        assert {name[0] for name in columns.keys() - plain_columns.keys()} == ({"shifted"} if share == 0 else set())
        extra = {"budget.shift_sum", "budget.shift_limit"} if share == 0 else set()
        assert {name[0] for name in rows.keys() - plain_rows.keys()} == extra
        assert plain_entries.items() <= entries.items()
        limits = [ends for (rule, _), ends in rows.items() if rule == "budget.shift_limit"]
        assert share > 0 or all(most == 0 for _, most in limits)


def test_a_shift_of_money_is_put_into_the_program_that_is_there():
    dataset = load(TINY)
    found = again(build(apply(dataset), noted=True), apply(dataset, None, {"pillar_shift": 0.1}))
    assert not isinstance(found, str)
    assert found.parts == {"budget.shift_limit"}


def test_a_figure_that_cannot_differ_is_handed_on():
    """Levels of frames are worked out from orders and tiers: another carry-over leaves the very same object."""
    dataset = load(TINY)
    before, after = Noted(apply(dataset)), Noted(apply(dataset, None, {"carry_over": 0.2}))
    assert before.levels
    assert not Difference(before, after)("levels")
    assert vars(after)["levels"] is vars(before)["levels"]
    assert Difference(before, after)("options.carry_over")


def test_figures_of_one_rule_are_told_apart_from_those_of_another():
    dataset = load(TINY)
    before, after = Noted(apply(dataset)), Noted(apply(dataset, None, {"eu_content_min": 0.42}))
    differs = Difference(before, after)
    assert differs("rules.eu_content_min")
    assert not differs("rules.variant_limit")


def test_a_program_that_noted_nothing_takes_no_other_case():
    dataset = load(TINY)
    with pytest.raises(TypeError, match="noted=True"):
        again(build(apply(dataset)), apply(dataset))
