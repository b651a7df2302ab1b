"""The version of the package: `__version__` is the only place that states it."""

__version__ = "0.1.0"
