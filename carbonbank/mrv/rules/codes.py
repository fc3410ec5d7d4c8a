"""Every issue code, once: its severity, meaning, limit and remedy (docs/reference/issues.md)."""

from carbonbank.domain.issue import Severity
from carbonbank.mrv.rules.issue_code import IssueCode
from carbonbank.mrv.rules.issue_code import code_of as _code
from carbonbank.mrv.rules.trip_codes import TRIP_CODES

_DROPPED, _MENDED = Severity.DROPPED, Severity.MENDED
_WARNED, _QUARANTINED = Severity.WARNED, Severity.QUARANTINED

ISSUE_CODES: dict[str, IssueCode] = {
    # --- said while reading -------------------------------------------------------------------
    "unreadable_value": _code(
        _DROPPED,
        "a cell is not of the type of its column, or a required cell is empty",
        "the type of the column",
        "write whole numbers without separators, UTC times as 2021-03-29T10:13:45Z",
    ),
    "wrong_field_count": _code(
        _DROPPED,
        "a line has more or fewer fields than the header",
        "fields of the header",
        "quote text that contains the delimiter; one row is one line",
    ),
    "unknown_field": _code(
        _DROPPED,
        "a record has a field that the canonical columns do not have",
        "the canonical columns",
        "leave the field out, or write it under the name of its column",
    ),
    "impossible_date": _code(
        _DROPPED,
        "a date that no calendar or local clock has, such as 90/02/2032 or 03/00/2000",
        "a date of the calendar",
        "check the clock of the logger; the gap that remains is bridged or left out",
    ),
    "clock_out_of_order": _code(
        _DROPPED,
        "a sample whose time does not follow the times around it",
        "times rise from line to line",
        "check the clock of the logger",
    ),
    "sample_out_of_range": _code(
        _DROPPED,
        "a sample outside what a car can show",
        "speed 0 to 200 km/h, state of charge 0 to 100 %",
        "check the sensor; the sample is left out",
    ),
    "soc_outlier": _code(
        _MENDED,
        "a state of charge far from the samples just before and just after it",
        "5 points from the median of 5 samples on either side",
        "none needed: the reading is left out, the sample's speed stays",
    ),
    "zero_gps_fix": _code(
        _WARNED,
        "a position of 0, 0 where the receiver had none",
        "latitude and longitude not both, nor either one, exactly 0",
        "none needed: a position makes no distance",
    ),
    "gps_out_of_range": _code(
        _WARNED,
        "a position that is not on the globe, such as longitude 1555.63",
        "latitude -90 to 90, longitude -180 to 180",
        "none needed: a position makes no distance",
    ),
    "gps_teleport": _code(
        _WARNED,
        "two fixes too far apart for the time between them; if the charge falls too, samples "
        "are missing under a clock that runs on: energy counts, the way does not",
        "300 km/h and 1 km between fixes",
        "keep the logger running for the whole trip",
    ),
    "gap_bridged": _code(
        _MENDED,
        "samples are missing; the distance is the trapezium of the neighbouring speeds",
        "gaps up to 60 s",
        "none needed",
    ),
    "gap_not_counted": _code(
        _WARNED,
        "samples are missing for longer; no distance is counted across, energy is",
        "gaps over 60 s, up to the split",
        "keep the logger running for the whole trip",
    ),
    "recording_split": _code(
        _MENDED,
        "the recording pauses; what follows is a trip of its own",
        "gaps over 300 s",
        "none needed",
    ),
    "charge_split": _code(
        _MENDED,
        "the state of charge rises inside a recording: a charge; drives are never netted with it",
        "a rise of more than 2 points",
        "none needed",
    ),
    "piece_too_short": _code(
        _DROPPED,
        "a piece of a recording with one sample alone is no trip",
        "2 samples",
        "none needed",
    ),
    "ambiguous_local_time": _code(
        _WARNED,
        "a local time that the clock showed twice; the first is taken",
        "the hour in which the clock is set back",
        "send times in UTC",
    ),
    "header_changed": _code(
        _DROPPED,
        "another header in the middle of a log; what stands under it is left out",
        "one set of columns a file",
        "cut the file there and send both parts",
    ),
    "speed_missing": _code(
        _DROPPED,
        "a recording without a speed makes no trip",
        "a speed by its English name",
        "record the vehicle's speed, in an app set to English",
    ),
    "trip_ongoing": _code(
        _DROPPED,
        "the trip had not ended when the file was written",
        "a trip with an end",
        "none needed: send the trip again when it has ended",
    ),
    "trip_recut": _code(
        _DROPPED,
        "an older cut of a trip that its source has cut again; the highest version counts",
        "one version of a device and start",
        "none needed",
    ),
    "charge_credited": _code(
        _DROPPED,
        "a charge that a later credit record takes back; neither of the two counts",
        "credit records",
        "none needed: the corrected charge is a record of its own",
    ),
    "credit_without_charge": _code(
        _WARNED,
        "a credit record whose charge is not in the file; nothing is subtracted",
        "charge and credit in one file",
        "send the months of charge and credit together",
    ),
    "duplicate_charge": _code(
        _DROPPED,
        "the same charge stands more than once; it counts once",
        "one record a country, party and id",
        "none needed",
    ),
    "conflicting_charges": _code(
        _QUARANTINED,
        "records of one country, party and id differ in vehicle, times or energy",
        "one record a country, party and id",
        "decide which of the records is right and send it alone",
    ),
    "charge_of_no_vehicle": _code(
        _QUARANTINED,
        "a charge by a token that belongs to no vehicle of the fleet's list",
        "the fleet's tokens",
        "add the token to the list, or send the charges of the fleet alone",
    ),
    "charge_ongoing": _code(
        _DROPPED,
        "the charge had not ended when the file was written",
        "a charge with an end",
        "none needed: send the charge again when it has ended",
    ),
    "charge_not_metered": _code(
        _QUARANTINED,
        "a charge that tells no energy on the side of the grid",
        "energy of every charge",
        "give what the charger's meter showed; what came to the battery is less",
    ),
    "charge_below_battery": _code(
        _MENDED,
        "a charge took less from the grid than came to the battery; the larger counts",
        "grid energy not below battery energy",
        "none needed",
    ),
    "charge_known": _code(
        _DROPPED,
        "the charge is known from an earlier upload, with the same content",
        "one record a charge",
        "none needed",
    ),
    "charge_late": _code(
        _WARNED,
        "a charge of a month that is in a batch; it counts in the vehicle's next month",
        "an open month",
        "send charges before the month is closed",
    ),
    # --- said while validating ----------------------------------------------------------------
    **TRIP_CODES,
    # --- said by the bank, which knows vehicles, months and earlier uploads -----------------------
    "told_by_other_fleet": _code(
        _QUARANTINED,
        "trips with the same times and distances, or about the same, count already for another "
        "fleet or programme",
        "copied_trips_min, and as retold_trips and not_told_apart",
        "a vehicle belongs to one fleet: withdraw the trips there first",
    ),
    "vehicle_not_enrolled": _code(
        _QUARANTINED,
        "the trip's vehicle is not enrolled in the fleet",
        "an enrolled vehicle",
        "enrol the vehicle; its trips count from then on without sending them again",
    ),
    "vehicle_not_eligible": _code(
        _QUARANTINED,
        "the trip's vehicle does not meet the programme's conditions",
        "the programme's eligibility",
        "none: only vehicles that meet the conditions are credited",
    ),
    "before_enrolment": _code(
        _QUARANTINED,
        "the trip lies before the first month the vehicle is creditable for",
        "the vehicle's from_month",
        "none: an earlier month can not be credited",
    ),
    "after_move": _code(
        _QUARANTINED,
        "the trip lies in a month from which on the vehicle belongs to another fleet",
        "the vehicle's until_month",
        "send it for the fleet that the vehicle moved to",
    ),
    "before_base_year": _code(
        _QUARANTINED,
        "the trip is older than the programme's base year",
        "base_year",
        "none: the baseline is not known for that year",
    ),
    "number_too_large": _code(
        _QUARANTINED,
        "a number that no record can hold, as devices send where they have none; not stored",
        "2^53 - 1",
        "send the trip without that number, or with the right one",
    ),
    "month_closed": _code(
        _WARNED,
        "the trip came after its month was closed; it is kept and shown, and not credited",
        "an open month",
        "reopen the month while its batch is not verified",
    ),
    "charges_missing": _code(
        _QUARANTINED,
        "the programme measures by charging records, and the vehicle's month has none",
        "a charge in every month with trips",
        "import the charges of the month; the trips count from then on without sending them again",
    ),
    "charges_below_trips": _code(
        _WARNED,
        "the trips of a vehicle's month tell more energy than was charged; the larger counts "
        "(by approach 2, which claims by energy, what was charged)",
        "energy charged >= energy told by trips",
        "look for missing charges",
    ),
    "nothing_left": _code(
        _QUARANTINED,
        "nothing remains of the trip after what it shares with the trip before it is cut",
        "end_at > start_at after cutting",
        "check vehicle id and times of both rows",
    ),
    "ends_after_month": _code(
        _QUARANTINED,
        "the trip ends more than 24 hours after its month",
        "24 hours after the month",
        "check the clock of the logger",
    ),
}
