"""What is known: the dictionary, reading and checking a data set, and its levers."""
