"""The demo: an embedded newsroom of invented outlets, and the run of the real pipeline over it."""
