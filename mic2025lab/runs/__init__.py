"""Runs: one notebook with its parameters, kept so that a reader can check it; papermill wrapped once.

- `record`: what a notebook calls to keep numbers, tables, figures and sentences.
- `run`: one run; `batch`: many (`plan`: which; `journal`: how far it came; `lock`: one at a time; `cluster`: on Dask; `summary`, `notify`: told
  to machines); `schedules`: recipes for cron, systemd and GitHub.
- `identity`: what makes a run the same run; `manifest`: what is written about it.
- `kernel`: executes a notebook; `folders`: whole or not at all; `scrub`: keys taken out; `html`: the page.
- `compare` (with `tables`, `changes_text`): what differs between two runs; `history`: the runs in their order, and the one that is meant;
  `verify`: a run made again and compared.
- `crate`: a folder as an RO-Crate; `share` (with `share_text`, `archive`): a run as one zip; `environment`: the libraries; `pdf`: printed.
"""
