"""Each proves how good a plan can be at most."""
