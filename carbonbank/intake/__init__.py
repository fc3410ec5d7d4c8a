"""Files in, raw trips out.

    bytes ─limits─▶ bounded bytes ─recognise─▶ one format ─read─▶ RawTrips ─▶ mrv.trips.validate

`limits` refuses what is too large before it is read. `recognise` looks at the content, never at
the name. Each format is one module: `canonical` (CSV, Parquet and JSON in the bank's own
columns), `workbook` (sheets as such tables), `gpx_tracks`, `twizy_log` and `cmap_table` (two public
data sets), and the records of vendors, which declare their fields (`RecordFormat`) and are read
from JSON, NDJSON or a table alike: docs/reference/formats.md. A table of no known format is read by
a mapping that a person confirmed (`mapped_table`), after a proposal (`propose`). Charging sessions
are no trips (`charges`, `ocpi_cdrs`, `teslamate_charges`). A file that is not what it claims is a
typed error; a bad row is an issue with its line.
"""

from carbonbank.intake.limits import check_size, read_bounded
from carbonbank.intake.read import propose_mapping, read_charges, read_trips
from carbonbank.intake.recognise import FORMATS
from carbonbank.intake.upload import INVENTED_DRIVER, ReadOptions

__all__ = [
    "FORMATS",
    "INVENTED_DRIVER",
    "ReadOptions",
    "check_size",
    "propose_mapping",
    "read_bounded",
    "read_charges",
    "read_trips",
]
