"""Runs: a notebook executed with its parameters and kept in a folder that a reader can check.

- `run`: one run; `identity`: what makes two runs the same; `manifest`: what is written about a run; `environment`: the libraries it used;
  `folders`: folders that appear whole or not at all; `scrub`: keys and personal paths are removed.
- `batch`: many runs; `plan`: which runs; `journal`: how far a batch got; `lock`: one batch at a time; `cluster`: on Dask;
  `summary` and `notify`: report how it ended.
- `kernels`: start and watch the Python process that executes a notebook; `notebook_files`: nbformat, imported quickly.
- `pages`: a run as an HTML page or a PDF file.
- `changes`: what differs between runs, and how a figure developed over runs.
- `sharing`: a run as one zip file, as an RO-Crate, and verified by running it again.
- `schedules`: recipes for cron, systemd, and GitHub Actions.
"""
