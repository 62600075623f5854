"""When the command began: read before anything else is loaded, so that loading counts as reading."""

import time

BEGUN = time.perf_counter()
