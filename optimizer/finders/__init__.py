"""Each finds a plan or betters one."""
