"""What solves arrays: HiGHS, other engines, and the check of what they call optimal."""
