"""Workbooks that mean harm, or were treated badly: each made from a good one by a change of its parts."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet


def changed(book: Path, target: Path, sheet: str, change: Callable[[Worksheet], object]) -> Path:
    """The book with one sheet changed, as a person would do it."""
    opened = openpyxl.load_workbook(book)
    change(opened[sheet])
    opened.save(target)
    return target


def renamed(book: Path, target: Path, sheet: str, name: str) -> Path:
    """The book with a sheet under another name."""
    opened = openpyxl.load_workbook(book)
    opened[sheet].title = name
    opened.save(target)
    return target


def with_parts(book: Path, target: Path, parts: Mapping[str, bytes]) -> Path:
    """The book with parts added or put in place of others."""
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            if name not in parts:
                made.writestr(name, source.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return target


def bomb(target: Path, book: Path) -> Path:
    """A third of a megabyte that unpacks to 350."""
    shutil.copyfile(book, target)
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
        made.open("xl/worksheets/sheet99.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(350):
            part.write(b"0" * 1_000_000)
    return target


def hidden(book: Path, target: Path) -> Path:
    """An entity in a part in UTF-16, where a search for its bytes does not see it."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY l "ha">]><worksheet>&l;</worksheet>'
    return with_parts(book, target, {"xl/worksheets/sheet2.xml": text.encode("utf-16")})


def twice(book: Path, target: Path) -> Path:
    """Two sheets of one name, but for its letters' case."""
    with zipfile.ZipFile(book) as source:
        part = source.read("xl/workbook.xml").replace(b'name="economy"', b'name="Targets"')
    return with_parts(book, target, {"xl/workbook.xml": part})


def laughs(book: Path, target: Path) -> Path:
    """Entities that multiply (a billion laughs) in a sheet's part."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><worksheet>&l8;</worksheet>'
    return with_parts(book, target, {"xl/worksheets/sheet2.xml": text.encode()})
