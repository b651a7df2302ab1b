"""Estimators with a result that can be read: breaks of trends. statsmodels is imported only when one is fitted."""

from mic2025lab.models.break_date import SupF, sup_f
from mic2025lab.models.breaks import Placebo, SegmentedTrend, segmented_trend, segmented_trend_by

__all__ = ["Placebo", "SegmentedTrend", "SupF", "segmented_trend", "segmented_trend_by", "sup_f"]
