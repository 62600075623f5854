"""The command `drive5`: thin wrappers over the functions of data, optimizer and reports.

Exit codes: 0 solved within the gap asked; 1 a defect of the program; 2 wrong usage; 3 bad data; 4 infeasible;
5 limit reached with a plan; 6 limit reached without one.
"""

from cli.begun import BEGUN
from cli.entry import main

__all__ = ["BEGUN", "main"]
