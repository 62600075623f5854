"""What must add up over two rounds in a row: what is ordered is delivered, what is bought is paid, once.

Each identity compares two sides that are reckoned by different roads and gives what differs. Those of OF_THE_DATA need
the first plan and next year's data set; those of BOTH_PLANS also the plan of that data set. Money in millions.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.dataset import Dataset
from data.dictionary import NO_YEAR
from data.rows import each
from optimizer.plans.plan import Plan

NEAR = 1e-6  # relative, and absolute
ZERO = 1e-9  # a sum below this is left out
Sums = Mapping[Any, float]


@dataclass(frozen=True)
class Difference:
    """Two sides of an identity that differ at one key."""

    identity: str
    key: Any
    found: float
    wanted: float

    def __str__(self) -> str:
        """The difference in one line."""
        return f"{self.identity}, {self.key}: {self.found:.10g} in place of {self.wanted:.10g}"


@dataclass(frozen=True)
class Rounds:
    """A plan, the data set that new-round makes of it, and the plan of that (None or unsolved: there is none)."""

    first: Plan
    new: Dataset
    second: Plan | None

    @property
    def year(self) -> int:
        """The year that is decided when the second round begins."""
        return self.first.case.base.settings.first_year

    @property
    def later(self) -> Mapping[str, pd.DataFrame]:
        """Tables of the second plan."""
        return self.second.tables if self.second is not None else {}

    def now(self, table: str, column: str = "year") -> pd.DataFrame:
        """What the first plan has of its first year."""
        frame = self.first.tables[table]
        return frame[frame[column] == self.year]

    def old(self, table: str) -> pd.DataFrame:
        """A table of the first plan's data."""
        return self.first.case.dataset.tables[table]


Identity = Callable[[Rounds], Iterator[Difference]]


def summed(*frames: tuple[pd.DataFrame, str], by: list[str]) -> dict[Any, float]:
    """Column sums of several tables by the same keys, zeros left out."""
    found: Counter[Hashable] = Counter()
    for frame, column in frames:
        for *key, amount in frame[[*by, column]].itertuples(index=False, name=None):
            found[tuple(key)] += amount
    return {key: amount for key, amount in sorted(found.items()) if abs(amount) > ZERO}


def differing(identity: str, found: Sums, wanted: Sums) -> Iterator[Difference]:
    """Keys at which two sums are not the same."""
    for key in sorted({*found, *wanted}, key=str):
        left, right = found.get(key, 0.0), wanted.get(key, 0.0)
        if not math.isclose(left, right, rel_tol=NEAR, abs_tol=NEAR):
            yield Difference(identity, key, left, right)


# ---- the identities ----------------------------------------------------------------------------------------------


def deliveries(rounds: Rounds) -> Iterator[Difference]:
    """By nation and programme: delivered in the first year and in the second plan = pipeline and orders of both."""
    by = ["nation", "programme"]
    now, later = rounds.now, rounds.later
    delivered = summed((now("deliveries"), "units"), (later["deliveries"], "units"), by=by)
    asked = summed((rounds.old("pipeline"), "units"), (now("orders"), "units"), (later["orders"], "units"), by=by)
    yield from differing("delivered", delivered, asked)


def payments(rounds: Rounds) -> Iterator[Difference]:
    """By nation and programme: paid in the first year and still owed, less what earlier rounds owe = value ordered."""
    paid, owed, earlier = rounds.now("spending"), rounds.new.tables["obligations"], rounds.old("obligations")
    earlier = earlier[earlier["year"] > rounds.year]
    frames = [frame[frame["kind"] == "payment"] for frame in (paid, owed, earlier.assign(amount=-earlier["amount"]))]
    found = summed(*[(frame, "amount") for frame in frames], by=["nation", "item"])
    value = summed((rounds.now("orders").rename(columns={"programme": "item"}), "value"), by=["nation", "item"])
    yield from differing("paid and owed", found, value)


def obligations_are_spent(rounds: Rounds) -> Iterator[Difference]:
    """The second plan spends what the first binds, each in its year."""
    by = ["nation", "year", "pillar", "item"]
    spending = rounds.later["spending"]
    spent = summed((spending[spending["kind"] == "obligation"], "amount"), by=by)
    yield from differing("obligations spent", spent, summed((rounds.new.tables["obligations"], "amount"), by=by))


def work(rounds: Rounds) -> Iterator[Difference]:
    """By programme on a line and year, over both rounds: built + made so far >= delivered so far, and <= ordered."""
    later, coming = rounds.later, rounds.old("pipeline")
    built = summed_by_programme(coming, "built")
    made = rows(rounds.now("production"), later["production"])
    delivered = rows(rounds.now("deliveries"), later["deliveries"])
    ordered = rows(rounds.now("orders"), later["orders"])
    settings = rounds.new.settings
    for programme in sorted(set(rounds.old("line_programmes")["programme"])):
        pipeline = coming.loc[coming["programme"] == programme, "units"].sum()
        for year in (rounds.year, *settings.years, *settings.beyond_years):
            done = built[programme] + up_to(made, programme, year)
            least, most = up_to(delivered, programme, year), pipeline + up_to(ordered, programme, year)
            if done < least - NEAR * max(1.0, done):
                yield Difference("made before it is delivered", (programme, year), done, least)
            if done > most * (1 + NEAR) + NEAR:
                yield Difference("made of what is ordered", (programme, year), done, most)


def built(rounds: Rounds) -> Iterator[Difference]:
    """By programme on a line: what is built when the second round begins = built and made before, less delivered."""
    lines = set(rounds.old("line_programmes")["programme"])
    before, after = summed_by_programme(rounds.old("pipeline"), "built"), rounds.new.tables["pipeline"]
    wanted = {
        programme: before[programme]
        + up_to(rounds.now("production"), programme, rounds.year)
        - up_to(rounds.now("deliveries"), programme, rounds.year)
        for programme in lines
    }
    found = summed_by_programme(after, "built")
    yield from differing("built", {name: found[name] for name in lines}, wanted)
    for row in each(after):
        most = row.units if row.programme in lines else 0.0
        if row.built > most:
            yield Difference("built of a pipeline row", (row.nation, row.programme, row.year), row.built, most)


def pipeline(rounds: Rounds) -> Iterator[Difference]:
    """By nation and programme: the new pipeline = the old one and what is ordered, less what is delivered by then."""
    by = ["nation", "programme"]
    gone = rounds.now("deliveries")
    parts = (rounds.old("pipeline"), rounds.now("orders"), gone.assign(units=-gone["units"]))
    wanted = summed(*[(part, "units") for part in parts], by=by)
    yield from differing("pipeline", summed((rounds.new.tables["pipeline"], "units"), by=by), wanted)


def units_before(rounds: Rounds) -> Iterator[Difference]:
    """By launched frame and member: units before the second round = those before the first and what it ordered."""
    first = rounds.first.tables["members"]
    frames = {row.frame: row for row in each(rounds.new.tables["frames"]) if row.launched > NO_YEAR}
    orders = rounds.now("orders")
    joint = summed((orders[orders["channel"] != "national"].rename(columns={"channel": "frame"}), "units"),
                   by=["frame", "nation"])  # fmt: skip
    before = _earlier_units(rounds)
    members = {(row.frame, row.nation) for row in each(first)}
    new = rounds.new.tables["frame_members"]
    for row in each(new[new["frame"].isin(list(frames)) & (new["status"] == "member")]):
        key = (row.frame, row.nation)
        if key in members or key in joint:
            wanted = before.get(key, 0.0) + joint.get(key, 0.0)
            found = max(0.0, row.units_before)
            if not math.isclose(found, wanted, rel_tol=NEAR, abs_tol=NEAR):
                yield Difference("units before", key, found, wanted)


def _earlier_units(rounds: Rounds) -> dict[tuple[str, str], float]:
    """Units that members of frames launched earlier had ordered through them (empty: their pipeline)."""
    coming = summed((rounds.old("pipeline"), "units"), by=["nation", "programme"])
    programme = dict(rounds.old("frames")[["frame", "programme"]].itertuples(index=False, name=None))
    found = {}
    for row in each(rounds.old("frame_members")):
        if row.status == "member":
            pair = (row.nation, programme[row.frame])
            found[row.frame, row.nation] = row.units_before if row.units_before >= 0 else coming.get(pair, 0.0)
    return found


def bills(rounds: Rounds) -> Iterator[Difference]:
    """Each bill of the first year's starts is paid once: contributions of the year and obligations add up to it."""
    kinds = ["industry", "innovation"]
    paid, owed, earlier = rounds.now("contributions"), rounds.new.tables["obligations"], rounds.old("obligations")
    owed = owed[owed["kind"].isin(kinds)]
    earlier = earlier[earlier["kind"].isin(kinds) & (earlier["year"] > rounds.year)]
    parts = (paid, owed, earlier.assign(amount=-earlier["amount"]))
    found = summed(*[(frame, "amount") for frame in parts], by=["item"])
    yield from differing("bills", found, {(item,): bill for item, bill in billed(rounds).items() if bill > 0})


def facilities(rounds: Rounds) -> Iterator[Difference]:
    """What both rounds draw on a facility is at most its amount."""
    drawn = summed((rounds.now("loans"), "drawn"), (rounds.later["loans"], "drawn"), by=["facility"])
    amounts = summed((rounds.old("loans"), "amount"), by=["facility"])
    for key, amount in drawn.items():
        most = amounts.get(key, 0.0)
        if amount > most * (1 + NEAR) + NEAR:
            yield Difference("drawn on a facility", key, amount, most)


OF_THE_DATA: tuple[Identity, ...] = (payments, built, pipeline, units_before, bills)
OF_BOTH_PLANS: tuple[Identity, ...] = (deliveries, obligations_are_spent, work, facilities)


def differences(rounds: Rounds) -> list[Difference]:
    """All that does not add up; the identities of both plans only where the second is there."""
    wanted = OF_THE_DATA
    if rounds.second is not None and rounds.second.solved:
        wanted += OF_BOTH_PLANS
    return [difference for identity in wanted for difference in identity(rounds)]


# ---- what they are made of ---------------------------------------------------------------------------------------


def billed(rounds: Rounds) -> dict[str, float]:
    """Item -> all that it costs from its start on, of what began in the first year, by the data alone."""
    settings = rounds.first.case.base.settings
    end = settings.last_year + settings.beyond.years
    found: defaultdict[str, float] = defaultdict(float)
    known = rounds.old("expansions").set_index("expansion")
    for row in each(rounds.now("expansions", "start_year")):
        data = known.loc[row.expansion]
        found[row.expansion] += data["cost"] + data["annual_cost"] * (end - row.opens + 1)
    lines = rounds.old("innovation").set_index("innovation")
    for row in each(rounds.now("innovation", "pilot_year")):
        data = lines.loc[row.innovation]
        fast = (data["pilot_cost"] + data["scale_cost"]) * data["fast_cost_factor"]
        years = min(max(1, data["pilot_years"]), end - rounds.year + 1) / max(1, data["pilot_years"])
        found[row.innovation] += fast if row.mode == "fast" else data["pilot_cost"] * years
    for row in each(rounds.now("innovation", "scale_year")):
        found[row.innovation] += lines.loc[row.innovation]["scale_cost"]
    return dict(found)


def rows(*frames: pd.DataFrame) -> pd.DataFrame:
    """Programme, year and units of several tables."""
    return pd.concat([frame[["programme", "year", "units"]] for frame in frames])


def up_to(frame: pd.DataFrame, programme: str, year: int) -> float:
    """Units of a programme up to a year."""
    return float(frame.loc[(frame["programme"] == programme) & (frame["year"] <= year), "units"].sum())


def summed_by_programme(frame: pd.DataFrame, column: str) -> Counter[str]:
    """A column's sums by programme."""
    found: Counter[str] = Counter()
    for row in each(frame):
        found[row.programme] += getattr(row, column)
    return found
