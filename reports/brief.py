"""The brief of a plan for people who never see the program: a page that stands alone, and a PDF."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.brief_content import Brief, content

if TYPE_CHECKING:
    from optimizer.plans.plan import Plan

HERE = Path(__file__).parent
MADE = 1767225600  # a fixed time (2026-01-01): the same plan gives the same bytes
PORTRAIT, LANDSCAPE = (17.6, 23.0), (26.3, 15.6)  # centimetres that a picture may fill
TALL = 1.15  # from this width for its height on a picture of the annex lies on its side
PIXEL = 0.0265  # centimetres of a chart's pixel at full size
FONTS = re.compile(r'font-family="[^"]*"')


def write_brief(plan: Plan, path: Path, last: Plan | None = None) -> None:
    """Write the brief to ``path``, by its ending as HTML or PDF; a file there stays until the new one is whole.

    Raises:
        OSError: the place can't be written to.
    """
    brief = content(plan, last)
    half = path.with_name(f".{path.name}.part")
    try:
        if path.suffix == ".pdf":
            half.write_bytes(to_pdf(brief))
        else:
            half.write_text(to_html(brief), encoding="utf-8", newline="\n")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def to_html(brief: Brief) -> str:
    """One page with everything in it: no script, no font, no image from elsewhere."""
    import jinja2

    loader = jinja2.FileSystemLoader(HERE)
    engine = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return engine.get_template("brief.html.j2").render(brief=brief)


def to_pdf(brief: Brief) -> bytes:
    """The PDF, typeset with the compiler's own fonts, so that it looks the same on every machine."""
    import typst

    plain = brief.plain()
    for picture in [*plain["front"], *plain["annex"]]:
        _fit(picture)
    made = typst.compile(
        HERE / "brief.typ", format="pdf", sys_inputs={"brief": json.dumps(plain)}, font_paths=typst.Fonts(False, True),
        timestamp=MADE,
    )  # fmt: skip
    if not isinstance(made, bytes):
        raise TypeError("the brief was typeset into something else than one PDF")
    return made


def _fit(picture: dict[str, Any]) -> None:
    """The width at which a picture fits its page, which side up, and its text in the PDF's own font."""
    ratio = picture["width"] / picture["height"]
    flipped = ratio > TALL
    room = LANDSCAPE if flipped else PORTRAIT
    picture["flipped"] = flipped
    wide = min(room[0], room[1] * ratio, 1.35 * PIXEL * picture["width"])
    picture["wide"] = wide
    picture["svg"] = FONTS.sub('font-family="Libertinus Serif"', picture["svg"])
