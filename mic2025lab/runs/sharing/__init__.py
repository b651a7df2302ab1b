"""A run for other people: one zip file, a description for other programs, and a check that the results can be reproduced."""
