"""Make the README's pictures: the first page of a plan's workbook as LibreOffice prints it, and of its brief.

    python tools/picture.py plans/alliance

Needs LibreOffice (soffice) and poppler (pdftoppm).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "img"
FIRST_PAGE = 'pdf:calc_pdf_Export:{"PageRange":{"type":"string","value":"1"}}'


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"picture: {name} is needed (LibreOffice and poppler); install both")
    return found


def _page(pdf: Path, image: str, resolution: int) -> None:
    """The first page of a PDF as docs/img/IMAGE.png."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    page = ["-r", str(resolution), "-l", "1", "-png", "-singlefile", str(pdf), str(IMAGES / image)]
    subprocess.run([_program("pdftoppm"), *page], check=True)


def pictures(plan: Path) -> None:
    """Print the first pages of the plan's workbook and brief into docs/img."""
    sys.path.insert(0, str(ROOT))
    from reports.brief import write_brief
    from reports.workbook import write_workbook
    from store.folder import read_plan

    read = read_plan(plan)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write_workbook(read, place / "plan.xlsx")
        write_brief(read, place / "brief.pdf")
        profile = f"-env:UserInstallation={place.as_uri()}/profile"
        convert = ["--headless", "--convert-to", FIRST_PAGE, "--outdir", name, str(place / "plan.xlsx")]
        subprocess.run([_program("soffice"), profile, *convert], check=True, capture_output=True)
        _page(place / "plan.pdf", "summary", 110)
        _page(place / "brief.pdf", "brief", 90)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("picture: give the folder of a plan: python tools/picture.py plans/alliance")
    pictures(Path(sys.argv[1]))
