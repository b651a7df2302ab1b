"""The Python process that executes a notebook: a new one, or one forked from a process that has already imported the libraries."""
