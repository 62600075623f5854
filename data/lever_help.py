"""How levers are written: which take a suffix, and what it may be."""

from collections.abc import Mapping

from data.checks_rules import AREA_SCOPE, GROUP, LINE, SCOPES
from data.lever_table import LEVERS, Lever

# What the suffix of a dotted lever is, by the table or kind of ids that it refers to.
KINDS: Mapping[str, str] = {
    "nations": "a nation",
    "areas": "an area",
    "item": "a programme, frame, expansion or innovation line",
    "delayed": "a programme or a frame not yet launched",
}
SCOPE_KINDS: Mapping[str, str] = {
    GROUP: "a nation, a region, EU or ALL",
    LINE: "a line or ALL",
    AREA_SCOPE: "an area, nation:area or group:area",
}


def suffix(lever: Lever) -> str:
    """What may stand behind the lever's dot, in words; '' for a lever of everybody."""
    if not lever.dotted:
        return ""
    return SCOPE_KINDS[SCOPES[lever.stem]] if lever.of == "scope" else KINDS[lever.of]


def usage() -> list[str]:
    """Lines on how levers are written: those of everybody alone, then by what the suffix may be."""
    dotted = {lever.stem for lever in LEVERS.values() if lever.dotted}
    alone = {lever.stem for lever in LEVERS.values() if not lever.dotted}
    found: dict[str, list[str]] = {"": sorted(alone - dotted)}
    for lever in LEVERS.values():
        if lever.dotted:
            optional = f"{lever.stem}(.X)" if lever.stem in alone else f"{lever.stem}.X"
            found.setdefault(suffix(lever), []).append(optional)
    return [f"{', '.join(names)}{f': X is {what}' if what else ''}" for what, names in found.items()]
