"""The reference data set: the tables of facts/, the script that turns them into the model's tables, and its output."""
