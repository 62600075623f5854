"""Money beyond budgets: what may be bound after the horizon, loans, taxes; and what figures are measured by."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from models.keys_orders import Orders
from models.keys_read import PILLARS, kept


class Money(Orders):
    """Money beyond budgets, over the orders of a case."""

    # ---- money ---------------------------------------------------------------------------------------------------

    @cached_property
    def money_scale(self) -> float:
        """What money of this data set is measured against: the most that a nation has in a year and pillar."""
        return max(self.available.values(), default=0.0) or max(self.planned.values(), default=0.0) or 1.0

    @kept
    def area_scale(self, area: str) -> float:
        """What effects in an area are measured against: its largest summed target, or baseline (1 if none)."""
        rows = [row for (_, where, _), row in self.target.items() if where == area]
        return max((self.summed_target[area, y] for y in self.years), default=0.0) or max(
            (float(row.baseline) for row in rows), default=0.0) or 1.0  # fmt: skip

    @cached_property
    def money_beyond(self) -> dict[tuple[str, int, str], float]:
        """(nation, year beyond the horizon, pillar) -> money that may be bound (MODEL.md, section 8a)."""
        bound = self._bound_already()
        found = {}
        for place, year in enumerate(self.beyond_years):
            for nation in self.nations:
                for pillar in PILLARS:
                    share = self.settings.beyond.money[place] * self.available[nation, self.last, pillar]
                    found[nation, year, pillar] = max(share, bound.get((nation, year, pillar), 0.0))
        return found

    def _bound_already(self) -> dict[tuple[str, int, str], float]:
        """Spending beyond the horizon with nothing decided: obligations, pipeline, legacy types, launched frames."""
        found: dict[tuple[str, int, str], float] = defaultdict(float)
        for row in self.obligations:
            found[row.nation, int(row.year), row.pillar] += row.amount
        for (nation, programme, delivered), units in sorted(self.pipeline.items()):
            row = self.programme[programme]
            for year in self.beyond_years:
                if delivered <= year < delivered + row.service_years:
                    found[nation, year, row.pillar] += row.sustain_cost * units
        for nation, programme in sorted(self.legacy):
            for year in self.beyond_years:
                found[nation, year, self.programme[programme].pillar] += self.taxed(programme)
        for frame in self.frames:
            row = self.frame[frame]
            for year in self.commitment(frame, int(row.launched)) if self.is_launched(frame) else []:
                for nation in self.members[frame]:
                    found[nation, year, self.programme[row.programme].pillar] += row.annual_fee
        return found

    def on_standard(self, programme: str, area: str) -> bool:
        """Whether a programme is on the standard wanted in an area."""
        wanted = self.standard(area)
        return bool(wanted) and bool(self.programme[programme].standard == wanted)

    def taxed(self, programme: str) -> float:
        """Integration tax a year of an operated type: its area's, where it is off the area's standard."""
        area = self.programme[programme].area
        off = bool(self.standard(area)) and not self.on_standard(programme, area)
        return self.integration_tax(area) if off else 0.0

    @cached_property
    def loan(self) -> dict[tuple[str, str], tuple[str, Any]]:
        """(facility, nation) -> (the scope of its row, the row): its own, or that of a group that it is in."""
        own = {key for key in self.loan_rows if key[1] in self.nation}
        found = {key: (key[1], self.loan_rows[key]) for key in own}
        for (facility, scope), row in sorted(self.loan_rows.items()):
            if scope not in self.nation:
                for nation in self.group(scope):
                    if (facility, nation) not in own:
                        found[facility, nation] = (scope, row)
        return dict(sorted(found.items()))
