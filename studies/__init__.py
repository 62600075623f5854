"""How plans are questioned: what a lever does as an interval and a step, each a pure function of plans and an asker."""
