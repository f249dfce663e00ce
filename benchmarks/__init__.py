"""Measurements of speed and memory; each prints a table and names the command that made it."""
