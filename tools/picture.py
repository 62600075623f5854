"""Make docs/img/summary.png, the README's picture: the first page of a plan's workbook as LibreOffice prints it.

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
PICTURE = ROOT / "docs" / "img" / "summary.png"
FIRST_PAGE = 'pdf:calc_pdf_Export:{"PageRange":{"type":"string","value":"1"}}'


def picture(plan: Path) -> None:
    """Print the first page of the plan's workbook into the picture."""
    soffice, pdftoppm = shutil.which("soffice"), shutil.which("pdftoppm")
    if soffice is None or pdftoppm is None:
        raise SystemExit("picture: LibreOffice (soffice) and poppler (pdftoppm) are needed; install both")
    with tempfile.TemporaryDirectory() as place:
        profile = f"-env:UserInstallation={Path(place).as_uri()}/profile"
        convert = [
            soffice,
            profile,
            "--headless",
            "--convert-to",
            FIRST_PAGE,
            "--outdir",
            place,
            str(plan / "plan.xlsx"),
        ]
        subprocess.run(convert, check=True, capture_output=True)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page = [
            pdftoppm,
            "-r",
            "110",
            "-l",
            "1",
            "-png",
            "-singlefile",
            f"{place}/plan.pdf",
            str(PICTURE.with_suffix("")),
        ]
        subprocess.run(page, check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("picture: give the folder of a plan: python tools/picture.py plans/alliance")
    picture(Path(sys.argv[1]))
