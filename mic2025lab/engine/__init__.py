"""The engine under metrics and models: a table in, coded arrays, groups, partitions, a table out.

- `frame`: a pandas, Polars or Arrow table read as `Codes` (key columns) and float64 arrays, and results built as the same kind.
- `codes`, `groups`: key columns as integers; sums, counts and quotients over groups of rows.
- `stream`: `read_cells`, the one door of metrics that work in cells: it reads, checks and adds up.
- `flows`, `panel`, `periods`, `advantages`, `dependencies`: what several metrics make of cells.
- `partitions`, `parts`, `partition_files`: tables too large for memory, one Parquet file a year; `by_partition` lets a metric take
  them, `concat` puts the results together.
"""
