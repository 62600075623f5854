"""What the brief says, before it becomes a page or a PDF: the answer in sentences, figures, tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from data.rows import each
from reports import assumed, charts, figures, pledge, standing
from reports.losses import losses
from reports.picture import Picture, amount, money_scale
from reports.style import light
from reports.why_open import main_causes

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

ROWS = 8  # of each table on the two pages
NATIONS = 12  # in the chart of savings
ANNEX = (
    "gap_heat_map", "gap_heat_map_settled", "freedom", "gantt", "joint_buys", "line_utilisation", "order_book",
    "production_matrix", "money_flow", "bow_wave",
)  # fmt: skip
SIZE = re.compile(r'<svg[^>]*?width="([\d.]+)"[^>]*?height="([\d.]+)"')


@dataclass(frozen=True)
class Table:
    """A small table: its title, names of columns, rows of text; `numeric` columns stand right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[int] = ()


@dataclass(frozen=True)
class Drawn:
    """A picture as SVG with its sentence and its text; width and height in pixels."""

    name: str
    title: str
    alt: str
    svg: str
    width: float
    height: float


@dataclass(frozen=True)
class Brief:
    """All that the brief holds."""

    title: str
    subtitle: str
    marking: str
    answer: Sequence[str]
    figures: Sequence[figures.Figure]
    front: Sequence[Drawn]
    decisions: Table
    together: Table
    open: Table
    depends: Table
    annex: Sequence[Drawn]
    warnings: Sequence[str]
    provenance: Table

    def plain(self) -> dict[str, Any]:
        """The same as plain lists and texts, for a template."""
        return asdict(self)


def content(plan: Plan, last: Plan | None = None) -> Brief:
    """The brief of a plan; with the last plan also the change of its money."""
    settings = plan.case.dataset.settings
    annex = [drawn(name, charts.CHARTS[name](plan)) for name in ANNEX]
    if last is not None or len(plan.case.dataset.tables.get("prior_plan", ())):
        annex.append(drawn("waterfall", charts.waterfall(plan, last)))
    money = f"Money in million {settings.currency} at constant {settings.price_base_year} prices."
    return Brief(
        title=figures.title(plan),
        subtitle=". ".join(part for part in (settings.description.rstrip("."), money) if part),
        marking=str(plan.header.get("marking", "")),
        answer=_answer(plan),
        figures=figures.headline(plan),
        front=[
            drawn("spending", charts.spending(plan)),
            drawn("glide_path", charts.glide_path(plan)),
            drawn("saving_by_nation", charts.saving_by_nation(plan, NATIONS)),
        ],
        decisions=_decisions(plan),
        together=_together(plan),
        open=_open(plan),
        depends=_depends(plan),
        annex=annex,
        warnings=[str(text) for text in plan.header.get("warnings", [])],
        provenance=_provenance(plan),
    )


def drawn(name: str, picture: Picture) -> Drawn:
    """The picture as SVG with its size."""
    svg = charts.to_svg(picture)
    found = SIZE.search(svg)
    width, height = (float(found.group(1)), float(found.group(2))) if found else (680.0, 400.0)
    return Drawn(name, picture.title, picture.alt, svg, width, height)


def _answer(plan: Plan) -> list[str]:
    """What a decision maker must know, in sentences."""
    header, (first, last) = plan.header, figures.horizon(plan)
    kpis = header.get("kpis", {})
    both = figures.money_by_pillar(plan).to_dict("records")[-1]
    spent, money = float(both["spent"]), float(both["available"]) + float(both["loan"])
    divisor, unit = money_scale(plan, spent)
    told = [
        f"The plan brings the gap index from {figures.points(header.get('gap_index_before'))} to "
        f"{figures.points(header.get('gap_index_after'))} points and spends {amount(spent / divisor, unit)} in "
        f"{first}-{last}, {spent / money if money else 0:.0%} of the money available.",
        f"{standing.sentence(plan)} {figures.ending(plan)}",
    ]
    told += [pledge.sentence(plan)]
    told += [" ".join(part for part in (standing.settled_sentence(plan), standing.beyond_sentence(plan)) if part)]
    frames = plan.tables["frames"]
    saved = kpis.get("joint_saving")
    if len(frames) and isinstance(saved, int | float):
        divisor, unit = money_scale(plan, saved)
        buys = figures.counted(len(frames), "joint buy saves", "joint buys save")
        told.append(f"{buys} {amount(saved / divisor, unit)} after fees against buying alone.")
    started = plan.tables["innovation"]
    complete = int((started["complete_year"] > 0).sum()) if len(started) else 0
    told.append(
        f"{figures.expanded_told(plan)} and "
        f"{figures.counted(len(started), 'line', 'lines')} of innovation started, of which "
        f"{figures.counted(complete, 'is', 'are')} complete by {last}. Of industry, {figures.industry_told(plan)}."
    )
    closure = figures.closure_by_area(plan)
    if len(closure):
        worst = closure.iloc[0]
        why = main_causes(plan).get(str(worst["area"]), "")
        told.append(
            f"Most stays open in {worst['name']}: {figures.met(worst['closure'])} met in {last}"
            f"{f' ({why})' if why else ''}."
        )
    return [text for text in told if text]


def _decisions(plan: Plan) -> Table:
    """What must be decided in the first year: launches, expansions, innovation lines, the largest orders."""
    first, _ = figures.horizon(plan)
    rows: list[tuple[str, str]] = []
    for kind, table, key, column in (
        ("launch", "frames", "frame", "launch_year"),
        ("expand", "expansions", "expansion", "start_year"),
        ("start", "innovation", "innovation", "pilot_year"),
    ):
        names = figures.names_of(plan, {"frames": "frames"}.get(table, table), key)
        found = plan.tables[table]
        mine = [names.get(row, row) for row in found[found[column] == first][key]] if len(found) else []
        if mine:
            more = f", and {len(mine) - ROWS} more" if len(mine) > ROWS else ""
            rows.append((f"{kind} ({len(mine)})", ", ".join(mine[:ROWS]) + more))
    orders = plan.tables["orders"]
    values = orders[orders["year"] == first].groupby("programme")["value"].sum().sort_values(ascending=False)
    names = assumed.marked_names(plan, figures.names_of(plan, "programmes", "programme"))
    if len(values):
        top = [f"{names.get(str(item), item)} ({value:,.0f})" for item, value in values.head(6).items()]
        rows.append(
            (
                f"order ({figures.counted(len(values), 'programme', 'programmes')}; million "
                f"{plan.case.dataset.settings.currency}; {assumed.SAYS})",
                ", ".join(top) + (", ..." if len(values) > 6 else ""),
            )
        )
    return Table(f"To be decided in {first}", ("what", "which"), rows)


def _together(plan: Plan) -> Table:
    found, guessed = figures.bought_together(plan, ROWS), assumed.assumed_frames(plan)
    rows = [
        (row.name, str(row.launch_year), str(row.members), f"{row.value:,.0f}", f"{row.saving - row.fees:,.0f}")
        for row in each(found)
    ]
    more = len(plan.tables["frames"]) - len(found)
    title = "Bought together" + (f" (the largest {len(found)}; {more} more)" if more > 0 else "")
    title += f"; {assumed.SAYS}" if guessed & set(found["frame"]) else ""
    return Table(title, ("joint buy", "launch", "members", "value", "saved after fees"), rows, (1, 2, 3, 4))


def _open(plan: Plan) -> Table:
    causes, year = main_causes(plan), figures.horizon(plan)[1]
    rows = []
    for row in each(figures.closure_by_area(plan).head(ROWS)):
        letter, _, _ = light(row.closure)
        met = f"{letter} {figures.met(row.closure)}"
        later = figures.met(row.settled) if row.settled == row.settled else "-"
        rows.append((row.name, figures.met(row.from_baseline), met, later, causes.get(row.area, "-")))
    heads = ("area", "before", "met", "all arrived", "what stands in its way first (part of the gap)")
    return Table(f"What stays open in {year}, and why", heads, rows, (1, 2, 3))


def _depends(plan: Plan) -> Table:
    """The single lines and components whose loss would cost most."""
    names = figures.names_of(plan, "lines", "line")
    if "components" in plan.case.dataset.tables:
        names |= figures.names_of(plan, "components", "component")
    areas = figures.names_of(plan, "areas", "area")
    rows = [
        (names.get(row.line_or_component, row.line_or_component), areas.get(row.area, row.area),
         figures.met(row.closure), figures.met(row.closure_if_lost))
        for row in each(losses(plan).head(5))
    ]  # fmt: skip
    heads = ("line or component", "area", "met", "met without it")
    return Table("What the plan depends on most", heads, rows, (2, 3))


def _provenance(plan: Plan) -> Table:
    header = plan.header
    rows: list[tuple[str, str]] = [
        ("data set", str(header.get("dataset", ""))),
        ("SHA-256 of the data", str(header.get("dataset_sha256", ""))),
        ("scenario", str(header.get("scenario") or "-")),
        ("levers", ", ".join(f"{name}={value}" for name, value in sorted(header.get("levers", {}).items())) or "none"),
        ("run", " ".join(str(header[name]) for name in ("run", "written", "termination") if header.get(name)) or "-"),
        ("solver", " ".join(str(header.get("solver", {}).get(name, "")) for name in ("name", "version"))),
        ("reproducible", "yes" if header.get("reproducible") else "no: the clock ended the search"),
        ("not modelled", ", ".join(map(str, header.get("not_modelled", []))) or "nothing"),
    ]
    return Table("Where this comes from", ("item", "value"), rows)
