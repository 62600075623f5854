"""Money line by line and year by year: the table that an auditor adds up, and its sheets in the workbook.

A line is what is paid for (programme, frame, innovation line, expansion, facility) in a pillar and an area, by kind of
spending. Three sheets: at constant prices (the years beyond the horizon apart, behind the total of the planning years),
at current prices (each nation's deflator, which is given for planning years only), and the change to the last plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports import figures, tables
from reports.style import BAND, INK, Style

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

KEYS = ["pillar", "area", "item", "kind"]
CONSTANT, CURRENT, CHANGE = "lines by year", "current prices", "change to last plan"
HEAD = 3  # rows above the lines: title, totals, names of the columns
LINE = 14  # points of a line of text
MONEY = {"spending": "amount", "budgets": "spent", "beyond": "bound"}  # sheets that must add up to the same
NO_LAST = (
    "There is no last plan: the data set has no prior_plan. `drive5 report PLAN --last PLAN` compares with a plan."
)


def lines(plan: Plan) -> pd.DataFrame:
    """Spending by line (pillar, area, item, kind) and year, those beyond the horizon too; millions, constant prices."""
    return _by_year(plan.tables["spending"], _planning(plan) + figures.years_beyond(plan))


def current(plan: Plan, constant: pd.DataFrame) -> pd.DataFrame:
    """The same lines (`constant`: those at constant prices) at current prices, in the planning years alone."""
    spending = figures.planning(plan, "spending")
    deflated = spending["amount"] * _deflators(plan).reindex(_pairs(spending)).fillna(1.0).to_numpy()
    found = _by_year(spending.assign(amount=deflated), _planning(plan))
    return pd.DataFrame(constant[KEYS].merge(found, on=KEYS, how="left").fillna(0.0))


def _planning(plan: Plan) -> list[int]:
    first, last = figures.horizon(plan)
    return list(range(first, last + 1))


def _pairs(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[["nation", "year"]])


def _deflators(plan: Plan) -> pd.Series:
    economy = plan.case.dataset.tables["economy"]
    found: pd.Series = economy.set_index(["nation", "year"])["deflator"].astype(float)
    return found


def _by_year(frame: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    table = frame.pivot_table(index=KEYS, columns="year", values="amount", aggfunc="sum", fill_value=0.0)
    table = table.reindex(columns=years, fill_value=0.0).astype(float)
    table.columns.name = None
    return table.sort_index().reset_index()


def change(plan: Plan, last: Plan | None = None) -> tuple[pd.DataFrame, str]:
    """The change by line and year against the last plan, and what is compared.

    With a plan: spending of the years that both plan. Without: the value of orders against the data set's prior_plan
    (kind `order value`); no rows where it has none.
    """
    first, final = figures.horizon(plan)
    if last is not None:
        years = range(max(first, figures.horizon(last)[0]), min(final, figures.horizon(last)[1]) + 1)
        after, before = (each[each["year"].isin(years)] for each in (plan.tables["spending"], last.tables["spending"]))
        note = f"spending of {years[0]}-{years[-1]}, this plan less the last" if years else "no year in common"
    else:
        prior = plan.case.dataset.tables.get("prior_plan", pd.DataFrame())
        prior = prior[(prior["year"] >= first) & (prior["year"] <= final)] if len(prior) else prior
        if prior.empty:
            return pd.DataFrame(columns=[*KEYS, *range(first, final + 1)]), NO_LAST
        orders = plan.tables["orders"]
        orders = orders[(orders["year"] >= prior["year"].min()) & (orders["year"] <= prior["year"].max())]
        after, before = (_ordered(each, plan) for each in (orders, prior))
        note = (
            f"value of orders of {prior['year'].min()}-{prior['year'].max()}, this plan less the data set's prior_plan"
        )
    both = pd.concat([after, before.assign(amount=-before["amount"])])
    shown = _planning(plan)
    found = _by_year(both, shown) if len(both) else pd.DataFrame(columns=[*KEYS, *shown])
    moved = found[list(range(first, final + 1))].abs().max(axis=1) > 1e-6
    return found[moved].reset_index(drop=True), note


def _ordered(orders: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    source = plan.case.dataset.tables["programmes"].set_index("programme")
    return pd.DataFrame({
        "pillar": orders["programme"].map(source["pillar"]).astype(object).fillna("-"),
        "area": orders["programme"].map(source["area"]).astype(object).fillna("-"),
        "item": orders["programme"], "kind": "order value", "year": orders["year"], "amount": orders["value"],
    })  # fmt: skip


def write_lines(book: Workbook, style: Style, plan: Plan, last: Plan | None = None) -> None:
    """Write the three sheets."""
    currency, base = plan.case.dataset.settings.currency, plan.case.dataset.settings.price_base_year
    constant = lines(plan)
    made = _LineSheet(book, style, plan, CONSTANT)
    note = f"spending in million {currency} at constant prices of {base}"
    made.write(constant, note, earlier=_earlier(plan, last), beyond=figures.years_beyond(plan))
    made.control()
    deflated = _deflators(plan)
    same = bool(((deflated - 1.0).abs() < 1e-12).all())
    note = f"spending in million {currency} at current prices, by each nation's deflator"
    note += "; the data set gives none, so these are the constant prices" if same else ""
    made = _LineSheet(book, style, plan, CURRENT)
    made.write(current(plan, constant), note)
    made.index(constant)
    table, what = change(plan, last)
    made = _LineSheet(book, style, plan, CHANGE)
    made.write(table, f"{what}, in million {currency} at constant prices" if len(table) else what, signed=True)


def _earlier(plan: Plan, last: Plan | None) -> pd.Series | None:
    """The last plan's spending by line, over the years that both plan."""
    if last is None:
        return None
    spending = figures.planning(last, "spending")
    found: pd.Series = spending[spending["year"].between(*figures.horizon(plan))].groupby(KEYS)["amount"].sum()
    return found


class _LineSheet:
    """One sheet of lines by years, its totals as formulas with their values kept.

    Columns: keys and name, the planning years, their total; where there are years beyond the horizon these, behind a
    rule line, and the sum with them; where there is a last plan its sum over the planning years, and the change.
    """

    def __init__(self, book: Workbook, style: Style, plan: Plan, name: str) -> None:
        self.sheet: Worksheet = book.add_worksheet(name)
        self.style, self.plan, self.name = style, plan, name
        self.years, self.beyond = _planning(plan), list[int]()
        self.table = pd.DataFrame()
        self.start = len(KEYS) + 1  # the first year's column: behind the keys and the name
        self.total = self.start + len(self.years)
        self.last_row = HEAD

    def write(
        self,
        table: pd.DataFrame,
        note: str,
        signed: bool = False,
        earlier: pd.Series | None = None,
        beyond: Sequence[int] = (),
    ) -> None:
        """Title, names, lines, totals; `earlier` adds the last plan's sum and the change, `beyond` the later years."""
        self.table, self.beyond, sheet, style = table, list(beyond), self.sheet, self.style
        sheet.write_string(0, 0, self.name, style.title())
        sheet.write_string(0, 2, note, style.note())
        pattern = '+#,##0.0;-#,##0.0;"–"' if signed else '#,##0.0;-#,##0.0;"–"'
        number = style.number(pattern)
        self._heads(earlier is not None)
        names = self._names(table)
        for index, key in enumerate([*KEYS, "name"]):
            values = names if key == "name" else [str(value) for value in table[key]]
            for row, text in enumerate(values, start=HEAD):
                sheet.write_string(row, index, text, style(indent=1 if index else 0))
            wide = max(12.0, tables.width(key, pd.Series(values, dtype=object), ""))
            sheet.set_column(index, index, wide, style())
        sheet.set_column(self.start, self.wide - 1, 11, number)
        for index, year in self._year_columns():
            layout = self._ruled(index, pattern)
            for row, value in enumerate(table[year].tolist(), start=HEAD):
                sheet.write_number(row, index, value, layout)
        self.last_row = HEAD + len(table) - 1
        self._row_totals(number, earlier)
        self._totals(pattern)
        self._layout()

    def _year_columns(self) -> list[tuple[int, int]]:
        """(column, year) of every year shown."""
        inside = list(enumerate(self.years, start=self.start))
        return inside + list(enumerate(self.beyond, start=self.total + 1))

    def _ruled(self, index: int, pattern: str, **properties: Any) -> Format:
        """A number's layout; a line at the left of the first year beyond the horizon."""
        if self.beyond and index == self.total + 1:
            properties |= {"left": 2, "left_color": INK}
        return self.style.number(pattern, **properties)

    def _heads(self, with_last: bool) -> None:
        names = [*KEYS, "name", *(str(year) for year in self.years), "total"]
        names += [f"{year}\nbeyond" for year in self.beyond] + (["with beyond"] if self.beyond else [])
        names += ["last plan", "change"] if with_last else []
        for index, name in enumerate(names):
            self.sheet.write_string(HEAD - 1, index, name, self.style.head(numeric=index >= self.start))
        if self.beyond:
            self.sheet.set_row(HEAD - 1, 2 * LINE)
        self.wide = len(names)

    def _names(self, table: pd.DataFrame) -> list[str]:
        known: dict[str, str] = {}
        for source in tables.ITEMS:
            known |= figures.names_of(self.plan, source, tables.KEY_OF[source])
        return [known.get(str(item), "-") for item in table["item"]]

    def _row_totals(self, number: Format, earlier: pd.Series | None) -> None:
        planned = self.table[self.years].sum(axis=1).tolist()
        later = self.table[self.beyond].sum(axis=1).tolist()
        self._sums(self.total, self.start, planned, number)
        place = self.total + 1
        if self.beyond:
            place += len(self.beyond) + 1
            both = [one + other for one, other in zip(planned, later, strict=True)]
            self._sums(place - 1, self.total, both, number)
        if earlier is None:
            return
        keys = zip(*(self.table[key] for key in KEYS), strict=True)
        for row, (key, value) in enumerate(zip(keys, planned, strict=True), start=HEAD):
            before = float(earlier.get(key, 0.0))
            self.sheet.write_number(row, place, before, number)
            formula = f"={xl_col_to_name(self.total)}{row + 1}-{xl_col_to_name(place)}{row + 1}"
            self.sheet.write_formula(row, place + 1, formula, number, value - before)

    def _sums(self, place: int, first: int, values: list[float], number: Format) -> None:
        """Each row's sum of the columns from `first` up to the one before `place`."""
        low, high = xl_col_to_name(first), xl_col_to_name(place - 1)
        for row, value in enumerate(values, start=HEAD):
            self.sheet.write_formula(row, place, f"=SUM({low}{row + 1}:{high}{row + 1})", number, value)

    def _totals(self, pattern: str) -> None:
        """Above the names what the filter shows, below the lines the whole."""
        self.sheet.write_string(HEAD - 2, 0, "shown", self.style(bold=True, font_color=INK))
        self.foot = self.last_row + 2
        for index in range(self.start):
            text, layout = "total" if index == 0 else "", self.style(bold=True, top=1, bg_color=BAND)
            self.sheet.write_string(self.foot, index, text, layout)
        if self.table.empty:
            return
        for index, value in enumerate(self._column_sums(), start=self.start):
            column = xl_col_to_name(index)
            span = f"{column}{HEAD + 1}:{column}{self.last_row + 1}"
            bold = self._ruled(index, pattern, bold=True, font_color=INK)
            foot = self._ruled(index, pattern, bold=True, top=1, bg_color=BAND)
            self.sheet.write_formula(HEAD - 2, index, f"=SUBTOTAL(109,{span})", bold, value)
            self.sheet.write_formula(self.foot, index, f"=SUM({span})", foot, value)

    def _column_sums(self) -> list[float]:
        """The sums of the years, their total, and of the years beyond with the sum of all."""
        sums = [float(self.table[year].sum()) for year in self.years]
        later = [float(self.table[year].sum()) for year in self.beyond]
        return [*sums, sum(sums), *later, *([sum(sums) + sum(later)] if later else [])]

    def control(self) -> None:
        """Under the total: the same from the sheets spending, budgets and beyond, and the difference, which is 0."""
        inside, later = dict.fromkeys(self.years, "budgets"), dict.fromkeys(self.beyond, "beyond")
        text = "of the sheets budgets and beyond" if self.beyond else "of the sheet budgets"
        whole = dict.fromkeys([*self.years, *self.beyond], "spending")
        for offset, (label, sources) in enumerate((("of the sheet spending", whole), (text, inside | later))):
            row = self.foot + 2 * offset + 1
            self.sheet.write_string(row, 0, label, self.style())
            self.sheet.write_string(row + 1, 0, "difference", self.style(italic=True))
            for index, year in self._year_columns():
                self._check(row, index, year, sources[year])

    def _check(self, row: int, index: int, year: int, sheet: str) -> None:
        """One year's sum from another sheet, and its difference to the total here."""
        table, column = self.plan.tables[sheet], MONEY[sheet]
        rows = (tables.HEAD + 1, tables.HEAD + max(1, len(table)))
        when, money = (xl_col_to_name(list(table.columns).index(name)) for name in ("year", column))
        formula = (
            f"=SUMIF({sheet}!${when}${rows[0]}:${when}${rows[1]},{year},{sheet}!${money}${rows[0]}:${money}${rows[1]})"
        )
        value, letter = float(table.loc[table["year"] == year, column].sum()), xl_col_to_name(index)
        self.sheet.write_formula(row, index, formula, self._ruled(index, "#,##0.0"), value)
        difference = f"=ROUND({letter}{self.foot + 1}-{letter}{row + 1},2)"
        shown = round(float(self.table[year].sum()) - value, 2) + 0.0
        self.sheet.write_formula(row + 1, index, difference, self._ruled(index, "0.00", italic=True), shown)

    def index(self, constant: pd.DataFrame) -> None:
        """Under the total: how many times the constant prices this is."""
        row = self.foot + 1
        self.sheet.write_string(row, 0, "times constant prices", self.style(italic=True))
        for index, year in enumerate(self.years, start=self.start):
            whole, here = float(constant[year].sum()), float(self.table[year].sum())
            letter = xl_col_to_name(index)
            here_, there = f"{letter}{self.foot + 1}", f"'{CONSTANT}'!{letter}{self.foot + 1}"
            formula = f"=IF({there}=0,1,{here_}/{there})"
            value = here / whole if whole else 1.0
            self.sheet.write_formula(row, index, formula, self.style.number("0.000", italic=True), value)

    def _layout(self) -> None:
        self.sheet.autofilter(HEAD - 1, 0, max(self.last_row, HEAD), self.wide - 1)
        self.sheet.freeze_panes(HEAD, self.start)
        self.sheet.repeat_rows(HEAD - 1)
        self.sheet.fit_to_pages(1, 0)


SHEETS: Sequence[str] = (CONSTANT, CURRENT, CHANGE)
