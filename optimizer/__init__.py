"""How it is solved and questioned: compile, engine, start, plan, audit."""
