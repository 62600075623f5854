"""How it is solved: a case in, a plan out; problem, engine, finders, bounds, plans and workers have rooms inside."""
