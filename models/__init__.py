"""What may be chosen: the program of MODEL.md, one small function a rule."""

import sys

from pyomo.common.dependencies import DeferredImportCallbackFinder


def _read_scipy() -> None:
    """Read scipy past Pyomo's watch for it, which reads scipy.stats with it: a second of every run, for nobody.

    Pyomo's own `scipy` still reads all of it where something asks for that.
    """
    finders = list(sys.meta_path)
    sys.meta_path[:] = [finder for finder in finders if not isinstance(finder, DeferredImportCallbackFinder)]
    try:
        import scipy  # noqa: F401
    finally:
        sys.meta_path[:] = finders


_read_scipy()
