"""`python -m technews`: the command line."""

from technews.cli import main

main()
