"""What the levers in force also do, said beneath the lever that does it and above the answer."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from data.levers import Case
from data.side_effects import Effect, side_effects
from optimizer.plans.plan import Plan
from ui import controls
from ui.parts import plain
from ui.session import View

MOST_NAMED = 4  # things that went; the others are counted
# Table of a plan -> the column of what may go, and how it is told.
MADE = {"expansions": "expansion", "frames": "frame", "innovation": "innovation"}


@lru_cache(maxsize=32)
def of_case(case: Case) -> tuple[Effect, ...]:
    """The side effects of a case, things called by their names."""
    return tuple(side_effects(case, controls.names(case.base)))


def of_lever(view: View, lever: str) -> None:
    """Beneath a lever, what it also does; a name that ends in a dot stands for its family."""
    for one in of_case(view.case):
        if one.lever == lever or (lever.endswith(".") and one.lever.startswith(lever)):
            st.caption(f":material/warning: It {plain(one.text)}.")


def draw(view: View) -> None:
    """Above the answer, a sentence for each side effect, with what went from the base's plan by it."""
    for one in of_case(view.case):
        label, value = controls.label_of(one.lever, view.dataset), view.case.levers[one.lever]
        setting = f" ({controls.value_text(one.lever, value)})" if not isinstance(value, bool) else ""
        gone = "" if view.stale else _gone_text(view, one)
        st.caption(f":material/warning: **{plain(label)}{plain(setting)}** {plain(one.text)}.{plain(gone)}")


def _gone_text(view: View, effect: Effect) -> str:
    names = controls.names(view.dataset)
    went = [names.get(item, item) for item in gone(view.base.plan, view.plan, effect)]
    if not went:
        return ""
    more = f" and {len(went) - MOST_NAMED} more" if len(went) > MOST_NAMED else ""
    return f" Gone from the plan against the base: {', '.join(went[:MOST_NAMED])}{more}."


def gone(base: Plan | None, plan: Plan | None, effect: Effect) -> list[str]:
    """What a side effect touches that the base's plan has and this one has not."""
    if base is None or plan is None or not base.solved or not plan.solved:
        return []
    there, here = (_things(one) for one in (base, plan))
    return [item for item in effect.items if item in there and item not in here]


def _things(plan: Plan) -> set[str]:
    """The expansions, joint buys and innovation lines of a plan."""
    return {str(item) for table, column in MADE.items() for item in plan.tables[table][column]}
