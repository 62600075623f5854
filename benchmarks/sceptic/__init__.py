"""A plan read as a sceptical planner reads it: lines of figure, goal, met or missed."""
