"""What may be chosen: the program of MODEL.md, one small function a rule."""

import sys

import numpy
from pyomo.common.dependencies import DeferredImportCallbackFinder

# Rooms of numpy that it opens when they are asked for; scipy's copy of numpy's list asks for every one.
UNASKED = ("ctypeslib", "f2py", "matlib", "polynomial")


def _read_scipy() -> None:
    """Read scipy past Pyomo's watch for it, which reads scipy.stats with it: a second of every run, for nobody.

    Pyomo's own `scipy` still reads all of it where something asks for that, and numpy opens each of its rooms then.
    """
    finders = list(sys.meta_path)
    sys.meta_path[:] = [finder for finder in finders if not isinstance(finder, DeferredImportCallbackFinder)]
    closed = [name for name in UNASKED if name not in vars(numpy)]
    vars(numpy).update(dict.fromkeys(closed))
    try:
        import scipy.sparse  # noqa: F401
    finally:
        sys.meta_path[:] = finders
        for name in closed:
            if vars(numpy)[name] is None:
                delattr(numpy, name)


_read_scipy()
