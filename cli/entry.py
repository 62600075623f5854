"""The command line as a whole: which commands there are, and the exit code and line of what goes wrong."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from cli import data, pages, plan, solve
from cli.options import BAD_DATA, DEFECT, STOPPED, USAGE, UsageFault
from reports.console import say, tell

# When the garbage collector looks: what is read at the start of a command stays to its end, and there is little else.
SELDOM = (100_000, 50, 100)
app = typer.Typer(
    name="drive5",
    help="Plan allied defence spending to 5 % of GDP so that capability gaps close fastest.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)


class LeversToo(typer.core.TyperCommand):
    """A command whose help lists the levers, too; they are read when help is asked for, since that takes a while."""

    def format_help(self, ctx: typer.Context, formatter: typer._click.HelpFormatter) -> None:  # type: ignore[override]
        """The help, and below it how each lever is written."""
        from data.lever_help import usage

        heading = "Levers, of which (.X) may be left out:"
        self.epilog = "\n\n".join([str(self.epilog or "").partition("\n\n")[0], heading, *usage()])
        super().format_help(ctx, formatter)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"drive5 {_version()}")
        raise typer.Exit


@app.callback()
def _frame(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of every command (main() takes --debug out of the line, so that it may stand anywhere)."""


def _version() -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version("drive5")
    except importlib.metadata.PackageNotFoundError:
        return "from a checkout that is not installed"


COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("solve", solve.solve, "drive5 solve data/tiny --set carry_over=0.1 --gap 0.005 --out plans/tiny"),
    ("check", data.check, "drive5 check data/tiny"),
    ("convert", data.convert, "drive5 convert data/tiny tiny.xlsx; drive5 convert tiny.xlsx data/tiny-again"),
    ("template", data.template, "drive5 template my-data.xlsx"),
    ("audit", plan.audit, "drive5 audit plans/alliance"),
    ("report", plan.report, "drive5 report plans/alliance --format xlsx"),
    ("compare", plan.compare, "drive5 compare plans/last-year plans/this-year --out change.xlsx"),
    ("new-round", plan.new_round, "drive5 new-round plans/tiny rounds/tiny-2028"),
    ("app", pages.pages, "drive5 app data/alliance --workspace plans --port 8501"),
)
for _name, _command, _example in COMMANDS:
    app.command(name=_name, cls=LeversToo if _name == "solve" else None, epilog=f"Example: {_example}")(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: that of the process); gives the exit code."""
    if arguments is not None:
        return _run(list(arguments))
    gc.set_threshold(*SELDOM)
    try:
        return _run(sys.argv[1:])
    finally:
        gc.freeze()  # else the interpreter walks through all there is once more before it ends: a sixth of a short run


def _run(given: Sequence[str]) -> int:
    debug = "--debug" in given
    try:
        asked = [item for item in given if item != "--debug"] or ["--help"]
        code = app(args=asked, prog_name="drive5", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        tell("drive5: stopped")
        return STOPPED
    except Exception as fault:
        if debug:
            traceback.print_exception(fault, file=sys.stderr)
        return _ended(fault)


def _ended(fault: Exception) -> int:
    """One line on the error stream for what went wrong; gives the exit code."""
    from data.exchange import ExchangeError
    from data.findings import DataError
    from data.levers import LeverError
    from optimizer.plans.plan import BrokenPlan, PlanError

    if isinstance(fault, DataError):
        for finding in fault.findings:
            tell(str(finding))
        tell("drive5: bad data: nothing is solved and nothing written; mend what is named above")
        return BAD_DATA
    if isinstance(fault, typer.TyperException):
        tell(f"drive5: {_one_line(fault.format_message())} `drive5 --help` shows how")
        return USAGE
    if isinstance(fault, UsageFault | LeverError | PlanError | ExchangeError):
        tell(f"drive5: {_one_line(str(fault))}")
        return BAD_DATA if isinstance(fault, BrokenPlan) else USAGE
    if isinstance(fault, OSError):
        tell(f"drive5: {fault.filename or 'a file'}: {fault.strerror or fault}; free the place or give another one")
        return USAGE
    tell(f"drive5: defect: {type(fault).__name__}: {_one_line(str(fault))}; run again with --debug, report it")
    return DEFECT


def _one_line(text: str) -> str:
    return " ".join(text.split())
