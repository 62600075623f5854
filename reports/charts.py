"""Every chart of a plan, by name: what the brief, the pages and the commands draw from.

Each is a function `name(plan, ...) -> Picture`: the altair chart, its numbers, a sentence as title, and a text for who
can't see it. `to_svg` and `to_png` draw it without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.chart_change import change_steps
from reports.chart_flow import money_flow
from reports.chart_grids import gap_heat_map, gap_heat_map_settled, joint_buys, line_utilisation, production_matrix
from reports.chart_money import bow_wave, spending
from reports.chart_pledge import freedom, glide_path
from reports.chart_progress import search_progress
from reports.chart_steps import saving_by_nation, waterfall
from reports.chart_time import gantt
from reports.chart_work import order_book
from reports.picture import Picture, to_png, to_svg

CHARTS: Mapping[str, Callable[..., Picture]] = {
    "spending": spending,
    "bow_wave": bow_wave,
    "glide_path": glide_path,
    "freedom": freedom,
    "gap_heat_map": gap_heat_map,
    "gap_heat_map_settled": gap_heat_map_settled,
    "gantt": gantt,
    "joint_buys": joint_buys,
    "saving_by_nation": saving_by_nation,
    "line_utilisation": line_utilisation,
    "order_book": order_book,
    "production_matrix": production_matrix,
    "money_flow": money_flow,
    "waterfall": waterfall,
    "search_progress": search_progress,
}

__all__ = [
    "CHARTS", "Picture", "bow_wave", "change_steps", "freedom", "gantt", "gap_heat_map", "gap_heat_map_settled",
    "glide_path", "joint_buys", "line_utilisation", "money_flow", "order_book", "production_matrix",
    "saving_by_nation", "search_progress", "spending", "to_png", "to_svg", "waterfall",
]  # fmt: skip
