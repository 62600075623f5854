"""How a plan is told: figures, the workbook, the console."""
