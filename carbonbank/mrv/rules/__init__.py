"""What a trip is held against: thresholds, codes, and one small function per rule."""

from carbonbank.mrv.rules.codes import ISSUE_CODES
from carbonbank.mrv.rules.issue_code import IssueCode
from carbonbank.mrv.rules.thresholds import BUS, CAR, MICROCAR, RULES_BY_VEHICLE_KIND, TRUCK, Rules

__all__ = [
    "BUS",
    "CAR",
    "ISSUE_CODES",
    "MICROCAR",
    "RULES_BY_VEHICLE_KIND",
    "TRUCK",
    "IssueCode",
    "Rules",
]
