"""What runs found: written by the notebook, and read back by everybody else.

- `record`: `record`, `record_table`, `record_figure`, and `record_finding`, which a notebook calls.
- `run`: `Run`, one run read from its folder; `read_runs`, all runs of a folder of reports.
- `files`: names, JSON, and hashes of the files.
"""
