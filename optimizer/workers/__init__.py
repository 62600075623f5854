"""Processes of their own that solve."""
