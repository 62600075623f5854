"""Warnings about joint buys: candidates that can never join, frames that can't launch."""

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data.checks_reach import SLACK, Reach
from data.findings import Finding, warning
from data.rows import each, tuples
from data.typed import FLAGS


@dataclass(frozen=True)
class Frames:
    """When each frame could launch, and with whom: worked out once and used by every warning about frames."""

    reach: Reach

    @functools.cached_property
    def rows(self) -> Mapping[str, Any]:
        """The rows of frames by id."""
        return {row.frame: row for row in each(self.reach.tables["frames"])}

    @functools.cached_property
    def programmes(self) -> Mapping[str, Any]:
        """The rows of programmes by id."""
        return {row.programme: row for row in each(self.reach.tables["programmes"])}

    @functools.cached_property
    def members(self) -> Mapping[str, list[tuple[str, str]]]:
        """Nation and status of each frame's rows."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in each(self.reach.tables["frame_members"]):
            found.setdefault(row.frame, []).append((row.nation, row.status))
        return found

    @functools.cached_property
    def cycles(self) -> Mapping[str, tuple[int, int]]:
        """Signing cycle and offset of each nation; every year where the data set synchronises the cycles."""
        together = FLAGS.get(str(self.reach.settings.levers.get("synchronised_cycles")).lower(), 0)
        columns = ["nation", "signing_cycle", "signing_offset"]
        rows = tuples(self.reach.tables["nations"], columns)
        return {nation: (1, 0) if together else (max(1, cycle), offset) for nation, cycle, offset in rows}

    def order_years(self, frame: str) -> list[int]:
        """The years in which the frame can order, so that the order arrives within the horizon or the years beyond."""
        row = self.rows[frame]
        programme = self.programmes[row.programme]
        lead = programme.lead_years + row.extra_lead_years
        window = range(programme.first_order_year, programme.last_order_year + 1)
        return [year for year in self.reach.years if year in window and year + lead <= self.reach.span[-1]]

    def joiners(self, frame: str, year: int) -> list[str]:
        """The nations that can join the frame if it launches in that year."""
        programme = self.programmes[self.rows[frame].programme]
        least = programme.lot if programme.lot > 0 else 1.0
        found = []
        for nation, status in self.members.get(frame, []):
            cycle, offset = self.cycles[nation]
            signs = status == "committed" or (status == "candidate" and (year - offset) % cycle == 0)
            if signs and self.reach.customers.get((nation, programme.programme), -1.0) >= least:
                found.append(nation)
        return found

    @functools.cached_property
    def window(self) -> Mapping[str, list[int]]:
        """The years of its window in which each frame not yet launched can order."""
        return {
            frame: [year for year in self.order_years(frame) if row.first_launch <= year <= row.last_launch]
            for frame, row in self.rows.items()
            if row.launched == 0
        }

    @functools.cached_property
    def launchable(self) -> Mapping[str, list[int]]:
        """The years in which each frame not yet launched can launch with members enough."""
        return {
            frame: [year for year in years if len(self.joiners(frame, year)) >= self.rows[frame].min_members]
            for frame, years in self.window.items()
        }

    def most_units(self, frame: str, year: int) -> float:
        """The most units that a frame's members can order: by their max_units and by what the lines can make."""
        programme = self.rows[frame].programme
        wanted = sum(self.reach.customers[nation, programme] for nation in self.joiners(frame, year))
        lines = self.reach.lines_of.get(programme)
        if not lines:
            return float(wanted)
        made = 0.0
        for line, use in lines.items():
            output = float(self.reach.capacity.get(line, self.reach.nothing).sum())
            made += (output / use if use > 0 else math.inf) if output > 0 else 0.0
        return float(min(wanted, made))


def findings(frames: Frames) -> list[Finding]:
    """Every warning about joint buys."""
    return [*_members(frames), *_launches(frames)]


def _members(frames: Frames) -> Iterable[Finding]:
    """Candidates that can never join."""
    for row in each(frames.reach.tables["frame_members"]):
        frame = frames.rows[row.frame]
        if row.status not in ("candidate", "committed"):
            continue
        if frame.launched > 0:
            message, remedy = f"nobody joins {row.frame}, which is launched already", "leave the row out"
        elif (row.nation, frame.programme) not in frames.reach.customers:
            message = f"{row.nation} can never join {row.frame}: it is no customer of {frame.programme}"
            remedy = "add a customers row, or leave this one out"
        else:
            continue
        yield warning("frame_members", message, remedy, int(row.Index), "nation", row.nation)


def _launches(frames: Frames) -> Iterable[Finding]:
    """Frames that can't launch: no year, too few members in any year, or too few units."""
    for frame, window in frames.window.items():
        row = frames.rows[frame]
        place = int(row.Index)
        if not window:
            orders = frames.order_years(frame)
            can = f"it can order in {orders[0]}-{orders[-1]}" if orders else "it can order in no year"
            message = f"{frame} can't launch: no launch year in {row.first_launch}-{row.last_launch}; {can}"
            remedy = "widen the window, or shorten the lead"
            yield warning("frames", message, remedy, place, "last_launch", str(row.last_launch))
        elif not frames.launchable[frame]:
            most = max(len(frames.joiners(frame, year)) for year in window)
            message = f"{frame} can't launch: at most {most} members can join in one year"
            remedy = "add candidates, lower min_members, or look at the signing cycles"
            yield warning("frames", message, remedy, place, "min_members", str(row.min_members))
        else:
            most_units = max(frames.most_units(frame, year) for year in frames.launchable[frame])
            if most_units < row.min_units * (1 - SLACK):
                message = f"{frame} can't launch: its members can order {most_units:g} units at most"
                remedy = "lower min_units, or raise max_units or the capacity"
                yield warning("frames", message, remedy, place, "min_units", f"{row.min_units:g}")
