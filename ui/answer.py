"""The answer's head on every page: marking, which plan this is, the headline figures, and the line of the search."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from optimizer.plans.plan import Plan
from reports import figures, standing
from ui import session
from ui.desk import BROKEN, PENDING, REFERENCE, Answer
from ui.engine_room import why_none
from ui.parts import EXCEL, plain
from ui.session import View
from ui.shelf import workbook_bytes

COLOURS = {"down": "inverse", "up": "normal", "": "off"}
LONGEST_NAME, LONGEST_RUN = 16, 16  # letters of a name, and of a run, in a line that must not wrap
QUICK, SLOW = 0.4, 1.0  # seconds between two looks at an estimate, at a plan that are under way


@dataclass(frozen=True)
class Card:
    """One headline figure.

    Attributes:
        label: what it is.
        number: its value, None where there is none.
        text: the value as shown.
        change: how a difference of two values is shown.
        better: whether more is better (up), less is (down), or neither.
        help: one sentence.
    """

    label: str
    number: float | None
    text: str
    change: str
    better: str
    help: str


def cards(header: Mapping[str, Any], currency: str) -> list[Card]:
    """The six figures a plan is judged by."""
    kpis = header.get("kpis", {})

    def of(name: str) -> float | None:
        found = figures.of_all(kpis.get(name))
        return float(found) if isinstance(found, int | float) else None

    after, cost, saving = header.get("gap_index_after"), of("cost"), of("joint_saving")
    return [
        Card("Gap index", after, figures.points(after), "points", "down", _help_of_index(header)),
        Card("Cost", cost, _money(cost), "money", "",
             f"All that the plan spends, in the years beyond its last one too; {currency}, constant prices."),
        Card("Pledge credit", of("pledge_credit"), figures.per_cent(of("pledge_credit")), "share", "up",
             "Core and at most 1.5 % resilience, of GDP, in the last year, all nations together."),
        Card("Bought together", of("joint_share"), figures.per_cent(of("joint_share"), 1), "share", "up",
             "Part of equipment and munition payments that goes through joint buys."),
        Card("Saved together", saving, _money(saving), "money", "up",
             f"What members of joint buys save against the price alone, less fees; {currency}."),
        Card("EU content", of("eu_content"), figures.per_cent(of("eu_content"), 1), "share", "",
             "European part of what is paid for equipment and munitions."),
    ]  # fmt: skip


def _help_of_index(header: Mapping[str, Any]) -> str:
    before, settled = header.get("gap_index_before"), header.get("settled_after")
    start = f"{before:.1f}" if isinstance(before, int | float) else "-"
    told = (
        f"Weighted capability gaps over all planning years; 100 is nothing there at all, {start} with nothing decided."
    )
    if not isinstance(settled, int | float):
        return told
    return f"{told} When all that is ordered has arrived it is {settled:.2f}."


def difference(here: Card, there: Card) -> str:
    """The change from one figure to another as text, '' where there is none to speak of."""
    if here.number is None or there.number is None:
        return ""
    change = here.number - there.number
    if here.change == "points":
        return f"{change:+.2f}" if abs(change) >= 0.005 else ""
    if here.change == "share":
        return f"{100 * change:+.2f} pp" if abs(change) >= 5e-5 else ""
    if abs(change) < 0.05:
        return ""
    return ("+" if change > 0 else "-") + _money(abs(change))


def _money(millions: float | None) -> str:
    """Billions from a thousand millions on; the currency stands in the help."""
    if millions is None:
        return "-"
    return f"{millions / 1000:,.1f} bn" if abs(millions) >= 1000 else f"{millions:,.1f} m"


def marking(view: View) -> None:
    """The marking of the data set, across the page."""
    text = html.escape(view.dataset.settings.marking or "NO MARKING GIVEN")
    st.html(
        "<div role='note' aria-label='marking' style='text-align:center;font-weight:600;font-size:0.8rem;"
        "letter-spacing:0.06em;padding:2px 8px;border-radius:4px;background:#8A5A00;color:#FFFFFF'>"
        f"{text}</div>"
    )


def identity(view: View) -> str:
    """One line: data set, scenario, run and gap."""
    settings, proven = view.dataset.settings, view.answer.proven
    gap = "" if proven is None else standing.gap_told(proven.plan.header, 1)
    return _identity(view, settings.name, _scenario(view), "" if proven is None else proven.run, gap)


def short_identity(view: View) -> str:
    """The same where a line must not wrap: long names end in an ellipsis, the run begins with one."""
    proven = view.answer.proven
    name, scenario = (_cut(text, LONGEST_NAME) for text in (view.dataset.settings.name, _scenario(view)))
    if proven is None:
        return _identity(view, name, scenario, "", "")
    run = proven.run if len(proven.run) <= LONGEST_RUN else f"…{proven.run[1 - LONGEST_RUN :]}"
    objective = proven.plan.header.get("objective", {})
    gap = figures.per_cent(objective.get("gap"), 1) + figures.closes_briefly(objective.get("closed"))
    return _identity(view, name, scenario, run, gap)


def _identity(view: View, name: str, scenario: str, run: str, gap: str) -> str:
    parts = [f"**{plain(name)}** {view.dataset.settings.first_year}–{view.dataset.settings.last_year}", plain(scenario)]
    if run:
        parts += [f"run `{run}`", f"gap {gap}"]
    elif view.answer.estimate is not None:
        parts += ["no run yet: an estimate", "gap not proven"]
    else:
        parts += ["run –", "gap –"]
    return " · ".join(parts)


def _scenario(view: View) -> str:
    return (view.setting.scenario or "base").replace("_", " ")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def parts_line(header: Mapping[str, Any]) -> str:
    """What the objective is made of: its index, of it the planning years and the settled state, and what is added."""
    objective = header.get("objective", {})
    index, settled = objective.get("index"), header.get("settled_after")
    if not isinstance(index, int | float):
        return ""
    parts = [f"planning years {figures.points(header.get('gap_index_after'))}"]
    if isinstance(settled, int | float):
        parts.append(f"when all has arrived {settled:.2f}")
    told = f"index {index:.2f} ({', '.join(parts)})"
    added = sum(float(objective.get(name) or 0.0) for name in ("soft_penalty", "persistence"))
    return f"{told}, soft rules and persistence {added:.2f}" if added >= standing.SMALLEST else told


def draw(view: View) -> None:
    """Draw the head of the page."""
    marking(view)
    _figures(view)
    moving = view.answer.pending or view.answer.stopping or session.unsure()
    every = QUICK if view.answer.estimating and view.answer.turn is None else SLOW
    st.fragment(_status, run_every=every if moving else None)(view)


def _figures(view: View) -> None:
    currency = view.dataset.settings.currency
    plan = view.plan if view.plan is not None and view.plan.solved else None
    mine = cards(plan.header if plan is not None else {}, currency)
    base = view.base.plan
    base_cards = cards(base.header, currency) if base is not None and not view.is_base else None
    last_cards = cards(view.previous, currency) if view.previous is not None else None
    estimated = view.answer.is_estimate or view.stale
    for number, (place, card) in enumerate(zip(st.columns(len(mine), wrap=False), mine, strict=True)):
        to_base = difference(card, base_cards[number]) if base_cards else ""
        to_last = difference(card, last_cards[number]) if last_cards else ""
        with place.container(border=True, gap=None, key=f"card {number}", height=104):
            st.metric(
                f"{'≈ ' if estimated else ''}{card.label}", card.text, to_base or ("±0" if base_cards else "base"),
                help=card.help, delta_color=COLOURS[card.better] if to_base else "off",  # type: ignore[arg-type]
                delta_description="vs base" if base_cards else None, delta_arrow="auto" if to_base else "off",
            )  # fmt: skip
            st.caption(f"{to_last or '±0'} vs last run" if last_cards else "no run before")


def _status(view: View) -> None:
    """What the figures are, and what is under way; looked at again and again while something is."""
    answer = view.room.desk.answer(view.key)
    changed = answer.mark != view.answer.mark or answer.stopping != view.answer.stopping
    if changed or session.sure_by_now():
        st.rerun()
    plan = view.plan if view.plan is not None and view.plan.solved and not view.stale else None
    made_of = parts_line(plan.header) if plan is not None else ""
    with st.container(border=True, height=84, key="status", gap=None):
        left, right = st.columns([0.62, 0.38], vertical_alignment="center", wrap=False)
        with left:
            lines = [headline(answer, view.stale), f":small[{made_of}]" if made_of else ""]
            lines.append(f":small[{short_identity(view)}]")
            st.markdown("  \n".join(line for line in lines if line), help=identity(view))
        with right, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            _buttons(view, answer)


def headline(answer: Answer, stale: bool) -> str:
    """The state of the answer in one sentence."""
    if answer.fault:
        return f":red[:material/error: The solver failed: {plain(answer.fault[:140])}]"
    if answer.proven is not None:
        return _of_proven(answer)
    if answer.estimating:
        return _of_estimating(answer, stale)
    estimate = answer.estimate
    if estimate is None:
        return ":material/hourglass_empty: Nothing is known of this setting yet."
    if estimate.value is None and math.isfinite(estimate.bound):
        known = f"none can be below {estimate.bound:.2f}; the last plan does not fit. Its figures are shown."
        return f"≈ **Estimate**: {known} {_search_line(answer)}"
    if estimate.value is None:
        why = f" {plain(why_none(estimate)[:140])}." if why_none(estimate) else ""
        return f":material/block: **No plan found by the estimate.**{why} {_search_line(answer)}"
    low = min(estimate.bound, estimate.value)
    between = f"between {low:.2f} and" if math.isfinite(low) else "at most"
    return f"≈ **Estimate**: objective {between} {estimate.value:.2f}. {_search_line(answer)}"


def _of_estimating(answer: Answer, stale: bool) -> str:
    old = " The figures are those of the setting before." if stale else ""
    turn = answer.turn
    told = "" if turn is None else f"{turn.ahead} ahead, ready in about {turn.done:.0f} s"
    known = answer.bounded
    if known is None or not math.isfinite(known.bound):
        if told:
            return f":material/hourglass_top: **Estimating** waits its turn: {told}.{old}"
        return f":material/hourglass_top: **Estimating**, {answer.seconds:.0f} s.{old}"
    about = "" if known.expected is None else f"about {known.expected:.2f}, "
    plan = f"its plan waits: {told}" if told else f"its plan is being made, {answer.seconds:.0f} s"
    return f"≈ **Estimate**: objective {about}none can be below {known.bound:.2f}; {plan}.{old}"


def _of_proven(answer: Answer) -> str:
    proven = answer.proven
    if proven is None:
        return ""
    header = proven.plan.header
    if not proven.plan.solved:
        reasons = [str(reason) for reason in header.get("conflict") or [""]]
        what = "No plan keeps every hard rule." if answer.infeasible else "No plan was found in the time."
        return f":red[:material/block: **{what}** {plain(reasons[0][:170])}]"
    if proven.audit == BROKEN:
        return ":red[:material/error: **This plan fails its own audit.** Do not use it; report it.]"
    found = header["objective"]
    value, bound = found["value"], found["bound"]
    line = f":green[:material/check_circle:] **Plan**: objective {value:.2f}, none can be below {bound:.2f}"
    if answer.searching:
        return f"{line}. {_search_line(answer)}"
    audit = ", being audited and written." if proven.audit == PENDING else ", audited."
    return line + audit


def _search_line(answer: Answer) -> str:
    search = answer.search
    if answer.stopping:
        return "Stopping."
    if search is None or not answer.searching:
        return "No search is running."
    if answer.first:
        first = "an estimate is" if answer.first == 1 else f"{answer.first} estimates are"
        return f"**Waiting**: {first} made first."
    if answer.place is not None:
        return f"**Waiting**: {answer.place.ahead} ahead, about {answer.place.seconds:.0f} s."
    if search.taken:
        return "**Taking** what is there."
    news = answer.progress
    clock = f"{search.seconds:.0f} s"
    if news is not None and news.phase in ("cost", "finish"):  # the incumbent is a cost by now
        cost = "" if news.incumbent is None else f": {_money(news.incumbent)}"
        return f"**Plan found**, now the cheapest of its worth{cost}, {clock}."
    limit = f"{clock} of {search.request.seconds:.0f} s"
    bound = f", bound {news.bound:.2f}" if news is not None and _known(news.bound) else ""
    if news is None or not _known(news.incumbent):
        return f"**Seeking a plan**: none yet{bound}, {limit}."
    gap = f", gap {news.gap:.1%}" if _known(news.gap) else ""
    return f"**Seeking a plan**: incumbent {news.incumbent:.2f}{bound}{gap}, {limit}."


def _known(number: float | None) -> bool:
    return number is not None and math.isfinite(number)


def _buttons(view: View, answer: Answer) -> None:
    desk, key = view.room.desk, view.key
    if answer.searching and answer.search is not None:
        news = answer.progress
        found = news is not None and _known(news.incumbent)
        st.button(
            "Good enough", key="take", icon=":material/done:", on_click=desk.take, args=(key,),
            disabled=not found or answer.search.taken, help="Stop here and take the best plan found so far.",
        )  # fmt: skip
        st.button("Cancel", key="cancel", icon=":material/close:", on_click=desk.cancel, args=(key,),
                  help="Stop the search; what is shown stays.")  # fmt: skip
        return
    if not answer.estimating:
        label = "Search on" if answer.proven is not None else "Seek a plan"
        st.button(
            label, key="prove", icon=":material/search:", on_click=_prove, args=(view,), disabled=answer.stopping,
            help="Look for a better plan, for as long as the panel's Solver group says.",
        )  # fmt: skip
    plan = view.plan
    if plan is not None and plan.solved and not view.stale:
        download(view, plan)


def download(view: View, plan: Plan, key: str = "workbook") -> None:
    """The plan's workbook, made when it is asked for."""
    proven = view.answer.proven
    run = proven.run if proven is not None else "estimate"
    folder = view.room.shelf.workspace / run if proven is not None and run != REFERENCE else None
    st.download_button(
        "Workbook", lambda: workbook_bytes(plan, folder), f"{run}.xlsx", EXCEL, key=key, on_click="ignore",
        icon=":material/download:", help="The whole plan as an Excel workbook, with its marking on every sheet.",
    )  # fmt: skip


def _prove(view: View) -> None:
    seconds = float(st.session_state.get(session.SECONDS, view.room.seconds))
    view.room.desk.prove(view.owner, view.key, view.case, seconds)


def foot(view: View) -> None:
    """The foot of the page: the marking again, for those who print or scroll."""
    st.caption(identity(view))
    marking(view)
