"""The program as arrays with labels: compiled, tightened, scaled, cut into parts."""
