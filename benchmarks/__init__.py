"""Measurements made by a command: they write their own pages into docs/."""
