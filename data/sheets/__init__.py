"""The workbook format of a data set: one sheet a table with the table's name, and the two YAML files line by line.

Loss-free: every cell goes over as it is (numbers as numbers, text as text), so a folder that went through a workbook is
the same folder. What is read is never trusted: `guard` looks at the file first.

A sheet: column names in row 1 (with the unit in brackets behind a line break), rows from row 2 on. A row whose first
cell begins with `e.g.` is an example and is not read; nor are the sheets READ_ME and those whose name begins with `_`.
"""
