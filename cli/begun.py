"""When the command began: read before anything else is loaded, so that loading counts as reading."""

import os
import time

BEGUN = time.perf_counter()
# Pydantic would look through every package that is installed for plugins of its own, and there are none to find.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
