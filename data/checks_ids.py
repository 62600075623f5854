"""Errors in names: keys that stand twice, ids that mean something else already, references that lead nowhere."""

from collections.abc import Iterator

from data.checks_rules import groups_of
from data.dictionary import data_tables
from data.examination import Examination
from data.findings import REPEATS, error, suggestion
from data.rows import labelled, split_names, tuples

ID_SPACES = (("programmes", "frames", "expansions", "innovation"), ("lines", "components"))
# Names that mean something else already.
TAKEN = {
    "nations": {"ALL": "every nation", "EU": "the group of the EU's members"},
    "frames": {"national": "orders outside any frame"},
}
# Columns with names joined by ; and the column that holds them.
LISTS = {
    ("programmes", "needs_host"): ("programmes", "programme"),
    ("frames", "loan_facility"): ("loans", "facility"),
}
# Columns that name a nation or a group of nations.
GROUPED = {"incompatible": "scope", "loans": "nation"}


def check_ids(exam: Examination) -> None:
    """Every error in names, of all tables."""
    _duplicates(exam)
    _taken_ids(exam)
    _group_ids(exam)
    _references(exam)
    _lists(exam)
    _sponsors(exam)
    _groups(exam)


def _duplicates(exam: Examination) -> None:
    for name, table in data_tables().items():
        frame = exam.tables[name]
        keys = list(tuples(frame, table.keys))
        if len(set(keys)) == len(keys):
            continue
        again = frame.duplicated(table.keys, keep="first")
        first = {tuple(key): row for row, *key in labelled(frame[::-1], table.keys)}
        for row, *key in labelled(frame[again], table.keys):
            words = ", ".join(str(part) for part in key)
            message = f"the key stands twice: first in row {first[tuple(key)]}"
            exam.findings.append(error(name, message, "keep one of the rows", int(row), table.keys[0], words))


def _taken_ids(exam: Examination) -> None:
    for space in ID_SPACES:
        seen: dict[str, str] = {}
        for name in space:
            column = data_tables()[name].keys[0]
            for row, item in exam.tables[name][column].items():
                other = seen.setdefault(item, name)
                if other != name:
                    kind = data_tables()[other].keys[0]
                    message = f"is the id of the {kind} {item} already"
                    remedy = f"ids are unique over {', '.join(space)}: give it another one"
                    exam.error(name, [int(str(row))], column, message, remedy)
    for name, taken in TAKEN.items():
        column = data_tables()[name].keys[0]
        for word, meaning in taken.items():
            frame = exam.tables[name]
            exam.error(name, frame.index[frame[column] == word], column, f"means {meaning}", "give it another id")
    nations = exam.tables["nations"]
    clash = nations["region"].isin([*nations["nation"], "ALL", "EU"])
    remedy = "give the region a name of its own"
    exam.error("nations", nations.index[clash], "region", "is the name of another group", remedy)


def _group_ids(exam: Examination) -> None:
    """No nation, region or group shares its id with what it buys, makes or builds."""
    groups = _group_names(exam)
    for name in [table for space in ID_SPACES for table in space]:
        column = data_tables()[name].keys[0]
        frame = exam.tables[name]
        clash = frame.index[frame[column].isin(groups)]
        exam.error(name, clash, column, "is the name of a nation, region or group already", "give it another id")


def _group_names(exam: Examination) -> set[str]:
    """ALL, EU, the regions and the nations."""
    return set(groups_of(exam.tables["nations"]))


def _references(exam: Examination) -> None:
    for name, table in data_tables().items():
        for column in table.columns:
            targets = column.references
            if not targets or not exam.sound(name, *[target for target, _ in targets]):
                continue
            known = set(column.words).union(*[exam.tables[target][key] for target, key in targets])
            cells = exam.tables[name][column.name]
            if known.issuperset(cells.tolist()):
                continue
            unknown = cells[~cells.isin([*known, *([] if column.required else [""])])]
            message = f"there is no {' or '.join(key for _, key in targets)} of that name"
            # What is said of the first rows is counted from then on, and a remedy takes time to find.
            remedies = {cell: suggestion(cell, known) for cell in unknown.unique()[:REPEATS]}
            for row, cell in unknown.items():
                remedy = remedies.get(cell, "name one that there is")
                exam.findings.append(error(name, message, remedy, int(str(row)), column.name, cell))


def _lists(exam: Examination) -> None:
    for (name, column), (target, key) in LISTS.items():
        if not exam.sound(name, target):
            continue
        known = set(exam.tables[target][key])
        for row, text in exam.tables[name][column].items():
            names = split_names(text)
            for one in names:
                if one not in known:
                    remedy = suggestion(one, known)
                    exam.error(name, [int(str(row))], column, f"there is no {key} {one}", remedy)
            if len(names) != len(set(names)):
                exam.error(name, [int(str(row))], column, f"a {key} stands twice", "name each once")
            if text and not names:
                exam.error(name, [int(str(row))], column, "names nothing", f"a {key}, or several joined by ;")


def _sponsors(exam: Examination) -> None:
    if not exam.sound("nations"):
        return
    nations = set(exam.tables["nations"]["nation"])
    for row, text in exam.tables["innovation"]["sponsor"].items():
        names = split_names(text)
        place = int(str(row))
        for name in names:
            if name not in nations and text.strip() != "ALL":
                what = "ALL stands alone" if name == "ALL" else f"there is no nation {name}"
                exam.error("innovation", [place], "sponsor", what, suggestion(name, nations))
        if len(names) != len(set(names)):
            exam.error("innovation", [place], "sponsor", "a sponsor stands twice", "name each nation once")
        if text and not names:
            exam.error("innovation", [place], "sponsor", "names nobody", "ALL, or nations separated by ;")


def _groups(exam: Examination) -> None:
    """Columns that name a group; of a loan's groups no two of one facility share a nation."""
    if not exam.sound("nations"):
        return
    groups = _group_names(exam)
    for name, column in GROUPED.items():
        cells = exam.tables[name][column]
        for row in cells.index[~cells.isin(groups)]:
            remedy = suggestion(cells[row], groups)
            exam.error(name, [row], column, "there is no nation or group of that name", remedy)
    for row, facility, first, second, nation in _loans_twice(exam):
        message = f"{nation} has a loan of {facility} twice: by {first} and by {second}"
        remedy = "a nation belongs to one group of a facility at most (a row of its own takes it out of all)"
        exam.error("loans", [row], "nation", message, remedy)


def _loans_twice(exam: Examination) -> Iterator[tuple[int, str, str, str, str]]:
    """(row, facility, group, other group, a nation of both) of group rows that overlap."""
    groups = groups_of(exam.tables["nations"])
    nations = set(exam.tables["nations"]["nation"])
    before: dict[str, list[str]] = {}
    for row, facility, group in labelled(exam.tables["loans"], ["facility", "nation"]):
        if group in nations or group not in groups:
            continue
        for other in before.get(facility, []):
            common = sorted(groups[group] & groups[other])
            if common and group != other:
                yield int(row), facility, other, group, common[0]
        before.setdefault(facility, []).append(group)
