"""Mutants: each is one small change of one module, drawn by a seed over modules by their size."""

from __future__ import annotations

import ast
from collections import Counter

from benchmarks.mutants import OWN_TESTS, ROOM, ROOT, TESTS, command, drawn, mutants_of, sources

SOURCE = '''"""Élan: 1 + 1."""


@keep(frozen=True)
def some(x: float = -1.0, *, wide: bool = False) -> "3 < 4":
    log.note(f"{x + 1}")
    do(x)
    return x - 0.5 if x <= 2 else [0]
'''


def test_a_comparison_a_sign_a_constant_and_a_call_are_changed_and_nothing_else() -> None:
    """Texts, annotations, decorators and what only tells stay as they are; a character of two bytes moves nothing."""
    found = [(one.kind, one.before, one.after) for one in mutants_of("some.py", SOURCE)]
    assert sorted(found) == sorted([
        ("sign", "-1.0", "(1.0)"), ("constant", "1.0", "2.0"), ("constant", "False", "True"), ("call", "do(x)", "pass"),
        ("sign", "x - 0.5", "(x + 0.5)"), ("constant", "0.5", "1.0"), ("comparison", "x <= 2", "(x < 2)"),
        ("constant", "2", "3"), ("constant", "0", "1"),
    ])  # fmt: skip


def test_a_mutant_changes_one_place_and_can_be_read() -> None:
    for one in mutants_of("some.py", SOURCE):
        changed = one.applied(SOURCE)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(SOURCE))
        assert len(changed) - len(SOURCE) == len(one.after) - len(one.before)
        assert SOURCE.splitlines()[one.line - 1].find(one.before.splitlines()[0]) >= 0


def test_the_same_seed_draws_the_same_distinct_mutants_of_all_rooms() -> None:
    texts = sources(ROOT)
    found = drawn(texts, 100)
    assert found == drawn(texts, 100) and len(set(found)) == 100
    assert found[:10] == drawn(texts, 10), "a first look is at the first of them"
    assert {one.path.split("/")[1] for one in found} >= {"bounds", "engine", "finders", "plans", "problem", "workers"}
    assert set(Counter(one.kind for one in found)) == {"comparison", "sign", "constant", "call"}
    for one in found:
        ast.parse(one.applied(texts[one.path]))


def test_a_module_of_twice_the_size_has_about_twice_as_many() -> None:
    line = "".join(f"x{number} = {number} < 3\n" for number in range(400))
    found = Counter(one.path for one in drawn({"small": line[: len(line) // 3], "large": line}, 300))
    assert 2 < found["large"] / found["small"] < 4


def test_the_tests_that_are_run_are_there() -> None:
    for start, own in {"optimizer/pool.py": (), **OWN_TESTS}.items():
        assert (ROOT / start).exists()
        files = [word for word in command(start) if word.startswith("tests/")]
        assert len(set(files)) == len(files) >= len(own) + len(TESTS)
        assert [name for name in files if not (ROOT / name).exists()] == []
        assert all(name.startswith(f"tests/{ROOM}/") for name in files[-len(TESTS) :])
