"""What the notebooks show: the metrics of one analysis put together into its tables, its titles and its sentences."""
