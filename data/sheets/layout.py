"""What a workbook of data looks like to who reads it and who writes it: names, limits, the empty YAML sheets."""

from data.raw import SCENARIOS_FILE, SETTINGS_FILE

SUFFIX = ".xlsx"
BOOKS = (SUFFIX, ".xlsm", ".xlsb", ".xls", ".ods", ".xltx", ".xltm")
READ_ME = "read me"
EXAMPLE = "e.g. "
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_575
EMPTY_YAML = {
    SETTINGS_FILE: """\
# One line a row, as in the file dataset.yaml. Text behind # is a remark.
name: my-data-set
description: what these data are
marking: the marking that stands on every page
currency: EUR
price_base_year: 2026
first_year: 2027
last_year: 2035
# Years after the last in which what was ordered may arrive, and for each the share of a year's money that orders of
# today may bind. capacity: what lines have then, as a share of the last year's. weight: urgency of what is there when
# all has arrived. flow: years of deliveries that keep up what wears out sooner. Without the line: none.
beyond: {years: 6, money: [0.75, 0.65, 0.55, 0.45, 0.4, 0.35], capacity: 0.5, weight: 5, flow: 5}
# Most that a customer pays for expansions of others, as a share of the value of its own orders there (none: no limit).
contribution_max: 0.1
# Most of its share of a bill of innovation that a sponsor pays (1: exactly its share).
sponsor_max: 2
# Severity: from each part of a gap on, a unit of it counts so much.
severity: [{above: 0.0, slope: 1}, {above: 0.2, slope: 2}, {above: 0.5, slope: 4}]
# Urgency of years; a year that is left out counts 1.
urgency: {2027: 1}
# Levers that this data set sets.
levers: {carry_over: 0.05}
""",
    SCENARIOS_FILE: """\
# One line a row, as in the file scenarios.yaml. Take the # away from a line to use it.
# base: {probability: 0.5}
# lean: {probability: 0.5, levers: {growth_shift: -0.005}}
""",
}


def column_letter(index: int) -> str:
    """The letters of a column, from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
