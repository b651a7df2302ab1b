"""`python -m mic2025lab.cli`."""

from mic2025lab.cli import main

main()
