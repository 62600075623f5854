"""What a workbook is looked at for before anything in it is read: size, bombs, macros, links, merged cells.

A workbook is a zip of XML parts. Nothing here trusts what it says of itself beyond the sizes, which Python's zip reader
enforces: no part gives more bytes than it announces.
"""

import pathlib
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from data.findings import Finding, error
from data.raw import MOST_BYTES

MOST_UNPACKED = 300_000_000  # bytes of all parts together
MOST_PARTS = 5_000
MOST_RATIO = 300  # unpacked to packed; sheets of numbers reach 20, and a small file may be more
SMALL = 10_000_000
CHUNK = 1 << 20
OVERLAP = 200  # bytes kept from the chunk before, so that nothing is missed at the seam
SAVE_AS = "save it as an Excel workbook (.xlsx)"
OLD_BOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
# How a part in UTF-8 begins, and one in another code, which could hide a declaration from the search for it.
BEGINS = re.compile(rb"(\xef\xbb\xbf)?\s*<")
OTHER_CODE = re.compile(rb"[^>]*\sencoding\s*=\s*[\"'](?!utf-8[\"']|us-ascii[\"'])", re.IGNORECASE)
UNREAD = "customxml/"  # what other programs leave there is never opened
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:$]{1,40})[\"']")
MOST_MERGED = 20  # named at most
ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*>")
COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
HIDDEN = re.compile(rb"\s(?:hidden=[\"'](?:1|true)[\"']|ht=[\"']0(?:\.0*)?[\"']|width=[\"']0(?:\.0*)?[\"'])")
NUMBER = re.compile(rb"\s(r|min|max)=[\"'](\d{1,7})[\"']")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
# Parts that a data set never has: what they are, and what to do.
UNWANTED = (
    (re.compile(r"vbaproject|vbadata", re.IGNORECASE), "holds macros", "save it without them, as .xlsx"),
    (re.compile(r"xl/externallinks/", re.IGNORECASE), "holds links to other workbooks",
     "break the links (Data, Edit links) and keep their values"),
    (re.compile(r"xl/connections\.xml|xl/querytables/", re.IGNORECASE), "holds connections to outside data",
     "remove them (Data, Queries and connections) and keep their values"),
    (re.compile(r"xl/embeddings/|activex|xl/macrosheets|xl/dialogsheets", re.IGNORECASE),
     "holds embedded objects or old macro sheets", "remove them and save it again"),
)  # fmt: skip


@dataclass
class Look:
    """What a first look at a workbook found: what is wrong, and by sheet its merged ranges and what is hidden of it.

    `hidden_columns` are ranges (first, last), from 1.
    """

    findings: list[Finding] = field(default_factory=list)
    merged: dict[str, list[str]] = field(default_factory=dict)
    hidden_sheets: set[str] = field(default_factory=set)
    hidden_rows: dict[str, set[int]] = field(default_factory=dict)
    hidden_columns: dict[str, set[tuple[int, int]]] = field(default_factory=dict)


def look(path: pathlib.Path) -> Look:
    """Look at a file that is said to be a workbook; with findings it must not be opened."""
    found = Look()
    name = path.name
    complaint = _complaint(path)
    if complaint:
        found.findings.append(error(name, *complaint))
        return found
    try:
        with zipfile.ZipFile(path) as archive:
            complaint = _parts(archive)
            if complaint is None:
                complaint = _content(archive, found)
    except Exception as problem:  # whatever a crafted or damaged file makes the zip reader do, the user gets one line
        complaint = (f"can't be unpacked: {_short(problem)}", f"{SAVE_AS} again")
    if complaint:
        found.findings.append(error(name, *complaint))
    return found


def _short(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:120] or type(problem).__name__


def _complaint(path: pathlib.Path) -> tuple[str, str] | None:
    """What can be said without opening it."""
    try:
        size = path.stat().st_size
        if size >= MOST_BYTES:
            return f"has {size / 1e6:.0f} MB; so large a file is refused", f"keep it under {MOST_BYTES // 1_000_000} MB"
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as problem:
        return f"can't be read: {problem.strerror}", "check the file and its permissions"
    if path.suffix.lower() in (".xlsm", ".xltm", ".xlam"):
        return "is a workbook with macros", f"{SAVE_AS}, without macros"
    if start == OLD_BOOK:
        return "is an old (.xls) or a locked workbook", f"{SAVE_AS} without a password"
    if path.suffix.lower() != ".xlsx":
        return "is no .xlsx workbook", SAVE_AS
    if not start.startswith(b"PK"):
        return "is no workbook: it does not begin as one", SAVE_AS
    return None


def _parts(archive: zipfile.ZipFile) -> tuple[str, str] | None:
    """What the list of parts says."""
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS:
        return f"has {len(parts):,} parts; so many are refused", SAVE_AS
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked > MOST_RATIO * max(packed, 1)):
        what = f"unpacks from {packed / 1e6:.1f} to {unpacked / 1e6:.0f} MB: refused as a zip bomb"
        return what, "remove empty formatted rows and columns, and save it again"
    names = {part.filename for part in parts}
    if "mimetype" in names and "content.xml" in names:
        return "is an OpenDocument file", SAVE_AS
    if any(name.lower() == "xl/workbook.bin" for name in names):
        return "is a binary workbook (.xlsb)", SAVE_AS
    if not {"xl/workbook.xml", "[Content_Types].xml"} <= names:
        return "is a zip, but no workbook", SAVE_AS
    for pattern, what, remedy in UNWANTED:
        if any(pattern.search(name) for name in names):
            return what, remedy
    return None


def _content(archive: zipfile.ZipFile, found: Look) -> tuple[str, str] | None:
    """What the parts themselves say; fills in the merged ranges."""
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        return "is a workbook with macros", f"{SAVE_AS}, without macros"
    named = list(_sheets(archive, found))
    twice = [name for name, often in Counter(name.casefold() for name, _ in named).items() if often > 1]
    if twice:
        return f"has two sheets named {twice[0][:40]}", "keep one of them, or rename it"
    sheets = {part: name for name, part in named}
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        for number, chunk in enumerate(_chunks(archive, part)):
            foreign = b"\0" in chunk or (number == 0 and (not BEGINS.match(chunk) or OTHER_CODE.match(chunk)))
            if foreign and not part.filename.lower().startswith(UNREAD):
                return f"part {part.filename} is not in UTF-8", f"{SAVE_AS} again"
            if DECLARES.search(chunk):
                return f"part {part.filename} declares entities, which no workbook needs", f"{SAVE_AS} again"
            if part.filename in sheets:
                known = found.merged.setdefault(sheets[part.filename], [])
                known += [hit.decode() for hit in MERGED.findall(chunk) if len(known) < MOST_MERGED]
                _note_hidden(chunk, sheets[part.filename], found)
    return None


def _note_hidden(chunk: bytes, sheet: str, found: Look) -> None:
    """Rows and columns that are hidden: by hand, by a filter, or by a height or width of nothing."""
    for pattern in (ROW, COLUMN):
        for tag in pattern.findall(chunk):
            if not HIDDEN.search(tag):
                continue
            numbers = {name: int(number) for name, number in NUMBER.findall(tag)}
            if b"r" in numbers:
                found.hidden_rows.setdefault(sheet, set()).add(numbers[b"r"])
            elif b"min" in numbers and b"max" in numbers:
                found.hidden_columns.setdefault(sheet, set()).add((numbers[b"min"], numbers[b"max"]))


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part piece by piece, each with the end of the one before."""
    with archive.open(part) as stream:
        end = b""
        while piece := stream.read(CHUNK):
            yield end + piece
            end = piece[-OVERLAP:]


def _sheets(archive: zipfile.ZipFile, found: Look) -> Iterator[tuple[str, str]]:
    """(name of the sheet, its part); notes the hidden ones."""
    rels = "xl/_rels/workbook.xml.rels"
    if rels not in archive.namelist():
        return
    targets = {link.get("Id"): link.get("Target", "") for link in ElementTree.fromstring(archive.read(rels))}
    root = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    for sheet in [*root.iter(f"{MAIN}sheet"), *root.iter(f"{STRICT}sheet")]:
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = targets.get(link, "")
        if sheet.get("state", "visible") != "visible":
            found.hidden_sheets.add(sheet.get("name", ""))
        yield sheet.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"
