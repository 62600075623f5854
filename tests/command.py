"""Running the drive5 command from a test, in this process."""

import contextlib
import io
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What a command left: exit code and the text of both streams."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr


def drive5(*arguments: object) -> Result:
    """Run `drive5 ARGUMENTS` as the console script does."""
    import cli

    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["drive5", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = _code(cli.main)
    finally:
        sys.argv = before
    return Result(code, out.getvalue(), err.getvalue())


def _code(main: object) -> int:
    try:
        answer = main()  # type: ignore[operator]
    except SystemExit as end:
        answer = end.code
    return answer if isinstance(answer, int) else 0 if answer is None else 1
