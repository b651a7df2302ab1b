"""Settings of the property tests of the engine."""

from hypothesis import settings

# A deadline would fail a test because the machine is busy.
settings.register_profile("metrics", deadline=None, max_examples=50)
settings.load_profile("metrics")
