"""Estimators, each with its result, summary, figure, and table. statsmodels is imported only when a model is fitted."""

from mic2025lab.models.break_date import SupF, sup_f
from mic2025lab.models.breaks import Placebo, SegmentedTrend, segmented_trend, segmented_trend_by
from mic2025lab.models.distress import loss_making_share, subsidy_intensity, zombies
from mic2025lab.models.dynamics import foster_haltiwanger_krizan, melitz_polanec, olley_pakes_decomposition
from mic2025lab.models.event_study import EventStudy, Leads, event_study, triple_difference
from mic2025lab.models.measurement_error import MeasurementError, measurement_error_correction
from mic2025lab.models.misallocation import HsiehKlenow, hsieh_klenow
from mic2025lab.models.multiverse import SpecificationCurve, specification_curve
from mic2025lab.models.production import ProductionFunction, production_function
from mic2025lab.models.simulate import FirmTruth, simulated_firms
from mic2025lab.models.synthetic_control import Predictor, SyntheticControl, synthetic_control
from mic2025lab.models.tables import PaperTable, compare

__all__ = [
    "EventStudy",
    "FirmTruth",
    "HsiehKlenow",
    "Leads",
    "MeasurementError",
    "PaperTable",
    "Placebo",
    "Predictor",
    "ProductionFunction",
    "SegmentedTrend",
    "SpecificationCurve",
    "SupF",
    "SyntheticControl",
    "compare",
    "event_study",
    "foster_haltiwanger_krizan",
    "hsieh_klenow",
    "loss_making_share",
    "measurement_error_correction",
    "melitz_polanec",
    "olley_pakes_decomposition",
    "production_function",
    "segmented_trend",
    "segmented_trend_by",
    "simulated_firms",
    "specification_curve",
    "subsidy_intensity",
    "sup_f",
    "synthetic_control",
    "triple_difference",
    "zombies",
]
