"""From values to a plan's tables and figures, and to the next round's data set."""
