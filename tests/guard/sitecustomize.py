"""Loaded by every Python that a test starts (tests/conftest.py puts this folder on PYTHONPATH): no network there."""

import importlib.util
import pathlib

_file = pathlib.Path(__file__).resolve().parent.parent / "refuse_network.py"
_spec = importlib.util.spec_from_file_location("refuse_network", _file)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
_module.install()
