"""A process of its own whose standard streams carry messages: `python -m optimizer.workers.child MODULE`.

Libraries print where they please (HiGHS greets on the standard output as soon as it is loaded), and one line among the
messages would make the other side deaf to all that follows. So the real output is moved to a descriptor of its own
before anything is imported that could print; from then on the standard output is the error stream.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import BinaryIO


def own_output() -> BinaryIO:
    """The standard output for this process's messages alone; whatever else is printed goes to the error stream."""
    sink = os.fdopen(os.dup(1), "wb")
    try:
        os.dup2(2, 1)
    except OSError:  # there is no error stream
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
    return sink


def command(module: str, *arguments: str) -> list[str]:
    """The command line of a process that runs ``module.main(source, sink, *arguments)``."""
    return [sys.executable, "-m", "optimizer.workers.child", module, *arguments]


def main() -> None:
    """Take the output first, then import the module and let it speak."""
    sink = own_output()
    _, module, *arguments = sys.argv
    importlib.import_module(module).main(sys.stdin.buffer, sink, *arguments)


if __name__ == "__main__":
    main()
