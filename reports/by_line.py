"""Money line by line and year by year: the table that an auditor adds up, and its sheets in the workbook.

A line is what is paid for (programme, frame, innovation line, expansion, facility) in a pillar and an area, by kind of
spending. Three sheets: at constant prices, at current prices (each nation's deflator), and the change to the last plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports import figures, tables
from reports.style import BAND, INK, Style

if TYPE_CHECKING:
    from optimizer.plan import Plan

KEYS = ["pillar", "area", "item", "kind"]
CONSTANT, CURRENT, CHANGE = "lines by year", "current prices", "change to last plan"
HEAD = 3  # rows above the lines: title, totals, names of the columns
NO_LAST = (
    "There is no last plan: the data set has no prior_plan. `drive5 report PLAN --last PLAN` compares with a plan."
)
ITEMS = ("programmes", "frames", "innovation", "expansions")


def lines(plan: Plan, current: bool = False) -> pd.DataFrame:
    """Spending by line (pillar, area, item, kind) and year, in millions, at constant or at current prices."""
    spending = plan.tables["spending"]
    amount = spending["amount"]
    if current:
        amount = amount * _deflators(plan).reindex(_pairs(spending)).fillna(1.0).to_numpy()
    return _by_year(spending.assign(amount=amount), "amount", plan)


def _pairs(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[["nation", "year"]])


def _deflators(plan: Plan) -> pd.Series:
    economy = plan.case.dataset.tables["economy"]
    found: pd.Series = economy.set_index(["nation", "year"])["deflator"].astype(float)
    return found


def _by_year(frame: pd.DataFrame, value: str, plan: Plan) -> pd.DataFrame:
    first, last = figures.horizon(plan)
    table = frame.pivot_table(index=KEYS, columns="year", values=value, aggfunc="sum", fill_value=0.0)
    table = table.reindex(columns=range(first, last + 1), fill_value=0.0).astype(float)
    table.columns.name = None
    return table.sort_index().reset_index()


def change(plan: Plan, last: Plan | None = None) -> tuple[pd.DataFrame, str]:
    """The change by line and year against the last plan, and what is compared.

    With a plan: spending of the years that both have. Without: the value of orders against the data set's prior_plan
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
    found = _by_year(both, "amount", plan) if len(both) else pd.DataFrame(columns=[*KEYS, *range(first, final + 1)])
    moved = found[list(range(first, final + 1))].abs().max(axis=1) > 1e-6
    return found[moved].reset_index(drop=True), note


def _ordered(orders: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    source = plan.case.dataset.tables["programmes"].set_index("programme")
    return pd.DataFrame({
        "pillar": orders["programme"].map(source["pillar"]).fillna("-"),
        "area": orders["programme"].map(source["area"]).fillna("-"),
        "item": orders["programme"], "kind": "order value", "year": orders["year"], "amount": orders["value"],
    })  # fmt: skip


def write_lines(book: Workbook, style: Style, plan: Plan, last: Plan | None = None) -> None:
    """Write the three sheets."""
    currency, base = plan.case.dataset.settings.currency, plan.case.dataset.settings.price_base_year
    constant = lines(plan)
    made = _LineSheet(book, style, plan, CONSTANT)
    made.write(constant, f"spending in million {currency} at constant prices of {base}", earlier=_earlier(plan, last))
    made.control()
    deflated = _deflators(plan)
    same = bool(((deflated - 1.0).abs() < 1e-12).all())
    note = f"spending in million {currency} at current prices, by each nation's deflator"
    note += "; the data set gives none, so these are the constant prices" if same else ""
    made = _LineSheet(book, style, plan, CURRENT)
    made.write(lines(plan, current=True), note)
    made.index()
    table, what = change(plan, last)
    made = _LineSheet(book, style, plan, CHANGE)
    made.write(table, f"{what}, in million {currency} at constant prices" if len(table) else what, signed=True)


def _earlier(plan: Plan, last: Plan | None) -> pd.Series | None:
    """The last plan's spending by line, over the years that both plans have."""
    if last is None:
        return None
    first, final = figures.horizon(plan)
    spending = last.tables["spending"]
    found: pd.Series = spending[spending["year"].between(first, final)].groupby(KEYS)["amount"].sum()
    return found


class _LineSheet:
    """One sheet of lines by years, its totals as formulas with their values kept."""

    def __init__(self, book: Workbook, style: Style, plan: Plan, name: str) -> None:
        self.sheet: Worksheet = book.add_worksheet(name)
        self.style, self.plan, self.name = style, plan, name
        first, last = figures.horizon(plan)
        self.years = list(range(first, last + 1))
        self.table = pd.DataFrame()
        self.start = len(KEYS) + 1  # the first year's column: behind the keys and the name
        self.last_row = HEAD

    def write(self, table: pd.DataFrame, note: str, signed: bool = False, earlier: pd.Series | None = None) -> None:
        """Title, names, lines, totals; `earlier` adds the last plan's sum and the change."""
        self.table, sheet, style = table, self.sheet, self.style
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
        for index, year in enumerate(self.years, start=self.start):
            for row, value in enumerate(table[year].tolist(), start=HEAD):
                sheet.write_number(row, index, value, number)
        sheet.set_column(self.start, self.start + len(self.years) + 2, 11, number)
        sheet.set_column(self.start + len(self.years), self.start + len(self.years), 12, number)
        self.last_row = HEAD + len(table) - 1
        self._row_totals(number, earlier)
        self._totals(pattern)
        self._layout()

    def _heads(self, with_last: bool) -> None:
        names = ["pillar", "area", "item", "kind", "name", *(str(year) for year in self.years), "total"]
        names += ["last plan", "change"] if with_last else []
        for index, name in enumerate(names):
            self.sheet.write_string(HEAD - 1, index, name, self.style.head(numeric=index >= self.start))
        self.wide = len(names)

    def _names(self, table: pd.DataFrame) -> list[str]:
        known: dict[str, str] = {}
        for source in ITEMS:
            known |= figures.names_of(self.plan, source, tables.KEY_OF[source])
        return [known.get(str(item), "-") for item in table["item"]]

    def _row_totals(self, number: object, earlier: pd.Series | None) -> None:
        end = self.start + len(self.years)
        low, high = xl_col_to_name(self.start), xl_col_to_name(end - 1)
        sums = self.table[self.years].sum(axis=1).tolist()
        for row, value in enumerate(sums, start=HEAD):
            self.sheet.write_formula(row, end, f"=SUM({low}{row + 1}:{high}{row + 1})", number, value)
        if earlier is None:
            return
        keys = zip(*(self.table[key] for key in KEYS), strict=True)
        for row, (key, value) in enumerate(zip(keys, sums, strict=True), start=HEAD):
            before = float(earlier.get(key, 0.0))
            self.sheet.write_number(row, end + 1, before, number)
            formula = f"={xl_col_to_name(end)}{row + 1}-{xl_col_to_name(end + 1)}{row + 1}"
            self.sheet.write_formula(row, end + 2, formula, number, value - before)

    def _totals(self, pattern: str) -> None:
        """Above the names what the filter shows, below the lines the whole."""
        bold = self.style.number(pattern, bold=True, font_color=INK)
        foot = self.style.number(pattern, bold=True, top=1, bg_color=BAND)
        self.sheet.write_string(HEAD - 2, 0, "shown", self.style(bold=True, font_color=INK))
        self.foot = self.last_row + 2
        for index in range(self.start):
            text, layout = "total" if index == 0 else "", self.style(bold=True, top=1, bg_color=BAND)
            self.sheet.write_string(self.foot, index, text, layout)
        if self.table.empty:
            return
        for index, value in zip(range(self.start, self.start + len(self.years) + 1), self._column_sums(), strict=True):
            column = xl_col_to_name(index)
            span = f"{column}{HEAD + 1}:{column}{self.last_row + 1}"
            self.sheet.write_formula(HEAD - 2, index, f"=SUBTOTAL(109,{span})", bold, value)
            self.sheet.write_formula(self.foot, index, f"=SUM({span})", foot, value)

    def _column_sums(self) -> list[float]:
        sums = [float(self.table[year].sum()) for year in self.years]
        return [*sums, sum(sums)]

    def control(self) -> None:
        """Under the total: the same from the sheets spending and budgets, and the difference, which is 0."""
        spending, budgets = self.plan.tables["spending"], self.plan.tables["budgets"]
        sources = (
            ("of the sheet spending", "spending", spending, "amount"),
            ("of the sheet budgets", "budgets", budgets, "spent"),
        )
        for offset, (text, sheet, table, column) in enumerate(sources, start=1):
            row = self.foot + 2 * offset - 1
            self.sheet.write_string(row, 0, text, self.style())
            self.sheet.write_string(row + 1, 0, "difference", self.style(italic=True))
            rows = (tables.HEAD + 1, tables.HEAD + max(1, len(table)))
            year, money = (xl_col_to_name(list(table.columns).index(name)) for name in ("year", column))
            by_year = table.groupby("year")[column].sum()
            for index, (when, total) in enumerate(zip(self.years, self._column_sums(), strict=False), start=self.start):
                formula = (
                    f"=SUMIF({sheet}!${year}${rows[0]}:${year}${rows[1]},{when},"
                    f"{sheet}!${money}${rows[0]}:${money}${rows[1]})"
                )
                value = float(by_year.get(when, 0.0))
                letter = xl_col_to_name(index)
                self.sheet.write_formula(row, index, formula, self.style.number("#,##0.0"), value)
                difference = f"=ROUND({letter}{self.foot + 1}-{letter}{row + 1},2)"
                shown = round(total - value, 2) + 0.0
                self.sheet.write_formula(row + 1, index, difference, self.style.number("0.00", italic=True), shown)

    def index(self) -> None:
        """Under the total: how many times the constant prices this is."""
        row = self.foot + 1
        self.sheet.write_string(row, 0, "times constant prices", self.style(italic=True))
        constant = lines(self.plan)
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
