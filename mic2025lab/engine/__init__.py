"""The engine under metrics and models: a table in, coded arrays, groups, partitions, a table out.

- `cells`: `read_cells`, the one door of metrics that work in cells; `panel` is the door of those that work on time series.
- `frame`, `codes`: a pandas, Polars or Arrow table read as integer codes and float64 arrays, and results in the same kind.
- `groups`: rows by several keys: sums, counts, quotients, concentration, and the largest of rows with the same keys.
- `checks`: of tables and options, also that no label is added that is the sum of others.
- `periods`, `flows`, `advantages`: what several metrics compute from cells.
- `units`: what a table says about itself in `attrs`, carried from a metric's table to its result.
- `partitions`, `parts`, `partition_files`: tables too large for memory, one Parquet file a year. `by_partition` lets
  a metric take a partitioned table and joins the results.
"""
