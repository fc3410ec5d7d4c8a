"""Files in, raw trips out.

    bytes ─limits─▶ bounded bytes ─recognise─▶ one format ─read─▶ RawTrips ─▶ mrv.trips.validate

`limits` refuses what is too large before it is read. `recognise` looks at the content, never at
the name. Each format is one module with one `read`: `canonical` (CSV and Parquet in the bank's own
columns), `twizy_log` (1 Hz logs of a Renault Twizy), `cmap_table` (a household survey's table of
trips). A file that is not what it claims is a typed error; a bad row is an issue with its line.
"""

from carbonbank.intake.limits import check_size, read_bounded
from carbonbank.intake.read import FORMATS, read_trips
from carbonbank.intake.upload import INVENTED_DRIVER, ReadOptions

__all__ = [
    "FORMATS",
    "INVENTED_DRIVER",
    "ReadOptions",
    "check_size",
    "read_bounded",
    "read_trips",
]
