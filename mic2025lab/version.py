"""The version of the package: `__version__` is the one place where it stands."""

__version__ = "0.1.0"
