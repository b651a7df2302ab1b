"""Estimators, each with its result, summary, figure, and table. statsmodels is imported only when a model is fitted."""

from types import ModuleType as _ModuleType

# ruff: noqa: F403 - a module's own `__all__` names its estimators and their results
from mic2025lab.models.break_date import *
from mic2025lab.models.breaks import *
from mic2025lab.models.distress import *
from mic2025lab.models.dynamics import *
from mic2025lab.models.event_study import *
from mic2025lab.models.measurement_error import *
from mic2025lab.models.misallocation import *
from mic2025lab.models.multiverse import *
from mic2025lab.models.production import *
from mic2025lab.models.simulate import *
from mic2025lab.models.synthetic_control import *
from mic2025lab.models.tables import *

__all__ = sorted(
    name for name, found in globals().items() if not (name.startswith("_") or isinstance(found, _ModuleType))
)


def __dir__() -> list[str]:
    return __all__
