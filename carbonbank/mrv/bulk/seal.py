"""A partition's part of a sealed batch: leaves without running totals, sums, and sealed trips."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from carbonbank.domain.documents import ReportedVehicle
from carbonbank.domain.erasure import subject_of
from carbonbank.mrv.bulk.hashes import DIGEST_BYTES, Bytes, Hashes
from carbonbank.mrv.bulk.leaves import (
    LEAF_DTYPE,
    NOTHING_BESIDE,
    Beside,
    LeafArray,
    Mask,
    cut,
)
from carbonbank.mrv.bulk.terms import Terms
from carbonbank.mrv.bulk.texts import CanonicalTexts
from carbonbank.mrv.coefficients import Coefficients, compile_coefficients
from carbonbank.mrv.discount import discounts_of
from carbonbank.mrv.exact import PRECISION, Reducing, Sums, energy_columns
from carbonbank.mrv.exact_factors import exact_factors
from carbonbank.mrv.quality import vehicle_months
from carbonbank.mrv.quantify import ENERGY_COLUMNS, VehicleMonth, quantify
from carbonbank.mrv.rules.frame import in_order
from carbonbank.mrv.trips import RAW_SCHEMA, RawTrips, ValidTrips
from carbonbank.units import BPS, month_start_at

Ints = npt.NDArray[np.int64]
_INT64_SAFE = 2**62
_TEXTS_AT_ONCE = 8_192  # texts are written and hashed while they are in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """What some vehicles bring to the batch of one month.

    Attributes:
        leaves: in tree order; `running_g` is 0 until parts are combined.
        trips: the sealed trips in the order of `leaves`: canonical columns, `row`, `trip_id`,
            `salt`, and baseline_ng, project_ng, reduction_g.
        vehicles: the credited vehicles, in the order of their indices.
        drivers_g: grams by driver id.
        undriven_g: grams of trips without a driver.
        left_out: places in the counted trips that could not be sealed, as (row, code).
    """

    leaves: LeafArray
    trips: pa.Table
    vehicles: tuple[ReportedVehicle, ...]
    drivers_g: Mapping[str, int]
    undriven_g: int
    left_out: tuple[tuple[int, str], ...]


def seal(
    trips: pa.Table, counts: Mask, terms: Terms, month: int, beside: Beside = NOTHING_BESIDE
) -> SealedPart:
    """Seal the trips of some vehicles in one month.

    Args:
        trips: all stored trips of the vehicles in that month (`RAW_SCHEMA`), one telling each.
        counts: which of them count.
        terms: the methodology, the fleet, its vehicles and salt keys.
        month: month number.
        beside: what is sealed already next to the month.
    """
    coefficients = compile_coefficients(terms.methodology, month // 12)
    counted, rows = _leaf_rows(trips.filter(pa.array(counts)), terms)
    left_out = cut(rows, int(month_start_at(month + 1).timestamp()), beside)
    kept = np.ones(len(rows), dtype=bool)
    kept[list(left_out)] = False
    lines = counted["row"].to_numpy()
    out = tuple((int(lines[place]), code) for place, code in left_out.items())
    if left_out:
        counted, rows = counted.filter(pa.array(kept)), rows[kept]
    bps = _discounts(trips, counted, terms, month)
    sealed = quantify(counted, coefficients, bps)
    rows["reduction_g"] = sealed["reduction_g"].to_numpy()
    drivers_g, undriven_g = _by_driver(sealed)
    return SealedPart(
        leaves=rows,
        trips=sealed,
        vehicles=tuple(_vehicles(sealed, rows, terms, coefficients, bps)),
        drivers_g=drivers_g,
        undriven_g=undriven_g,
        left_out=out,
    )


def _discounts(
    came: pa.Table, counted: pa.Table, terms: Terms, month: int
) -> dict[VehicleMonth, int]:
    programme = terms.methodology.programme
    if not programme.discounts:
        vehicles = pc.unique(counted["vehicle_id"]).to_pylist()
        return {(vehicle_id, month): programme.fixed_discount_bps for vehicle_id in vehicles}
    raw = RawTrips(table=came, issues=(), format="bulk", rows_read=came.num_rows)
    valid = ValidTrips(table=counted.select(RAW_SCHEMA.names), issues=())
    return discounts_of(programme, vehicle_months(raw, valid))


def _leaf_rows(trips: pa.Table, terms: Terms) -> tuple[pa.Table, LeafArray]:
    """Return trips in tree order with trip_id and salt, and their rows without grams."""
    names = pc.dictionary_encode(trips["vehicle_id"].combine_chunks())
    known = [terms.vehicles.get(vehicle_id) for vehicle_id in names.dictionary.to_pylist()]
    # No trip that counts is of a vehicle that is not enrolled.
    places = np.array([one.index if one else -1 for one in known], dtype=np.int64)
    index = places[names.indices.to_numpy()]
    start_s, end_s = (trips[name].cast(pa.int64()).to_numpy() for name in ("start_at", "end_at"))
    order, tied = in_order(index, start_s)
    order[tied] = order[tied][np.lexsort([one[order[tied]] for one in (end_s, start_s, index)])]
    if (np.diff(order) < 0).any():
        trips = trips.take(pa.array(order))
    ids, salts, hashes = _commitments(trips, terms)
    rows = np.zeros(trips.num_rows, dtype=LEAF_DTYPE)
    rows["vehicle_index"], rows["start_at"] = index[order], start_s[order]
    rows["end_at"] = end_s[order]
    rows["record_hash"] = hashes
    trips = trips.append_column("trip_id", bytes_column(ids))
    return trips.append_column("salt", bytes_column(salts)), rows


def _commitments(trips: pa.Table, terms: Terms) -> tuple[Bytes, Bytes, Bytes]:
    """Return the id, the salt and the record's hash of every trip, rows of 32 bytes."""
    hashes, texts = Hashes(trips.num_rows), CanonicalTexts(terms.fleet, trips)
    known, which = _keys(trips, terms)
    keys = hashes.prepared(known)
    ids, salts, found = np.empty((3, trips.num_rows, DIGEST_BYTES), dtype=np.uint8)
    for first in range(0, trips.num_rows, _TEXTS_AT_ONCE):
        here = slice(first, first + _TEXTS_AT_ONCE)
        records, identities = texts.of(first, _TEXTS_AT_ONCE)
        ids[here] = hashes.of_texts(identities)
        salts[here] = hashes.under_keys(keys, which[here], ids[here])
        found[here] = hashes.of_texts(records, salts[here])
    return ids, salts, found


def bytes_column(rows: Bytes) -> pa.Array:
    """Return rows of bytes as a column of binaries of that width."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(rows))]
    return pa.Array.from_buffers(pa.binary(rows.shape[1]), len(rows), buffers)


def _keys(trips: pa.Table, terms: Terms) -> tuple[list[bytes], Ints]:
    """Return the salt keys, and which is whose: a trip's driver's, or its vehicle's without one."""
    drivers = pc.dictionary_encode(trips["driver_id"].combine_chunks())
    vehicles = pc.dictionary_encode(trips["vehicle_id"].combine_chunks())
    driver = pc.fill_null(drivers.indices, len(drivers.dictionary)).to_numpy().astype(np.int64)
    pairs = driver * len(vehicles.dictionary) + vehicles.indices.to_numpy()
    driver_ids = [*drivers.dictionary.to_pylist(), None]
    vehicle_ids = vehicles.dictionary.to_pylist()
    found, which = np.unique(pairs, return_inverse=True)
    at, place = np.divmod(found, max(1, len(vehicle_ids)))
    keys = [
        terms.keys[subject_of(terms.fleet, vehicle_ids[v], driver_ids[d])]
        for v, d in zip(place.tolist(), at.tolist(), strict=True)
    ]
    return keys, which


def _by_driver(sealed: pa.Table) -> tuple[dict[str, int], int]:
    sums = sealed.group_by("driver_id").aggregate([("reduction_g", "sum")]).to_pylist()
    grams = {one["driver_id"]: int(one["reduction_g_sum"]) for one in sums}
    undriven_g = grams.pop(None, 0)
    return grams, undriven_g


def _vehicles(
    sealed: pa.Table,
    rows: LeafArray,
    terms: Terms,
    coefficients: Coefficients,
    bps: Mapping[VehicleMonth, int],
) -> Iterator[ReportedVehicle]:
    if not len(rows):
        return
    index = rows["vehicle_index"].astype(np.int64)
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(index)) + 1])
    names = sealed["vehicle_id"].take(pa.array(cuts)).to_pylist()
    columns = {
        name: _sums(sealed[name].to_numpy(), cuts)
        for name in ("distance_m", "baseline_ng", "project_ng", "reduction_g")
    }
    energy_wh = _sums(_energy_wh(sealed, coefficients), cuts)
    trips = np.diff([*cuts.tolist(), len(rows)]).tolist()
    exact_g = _exact_g(sealed, cuts, terms, coefficients.year)
    by_vehicle = {vehicle_id: discount for (vehicle_id, _), discount in bps.items()}
    for place, vehicle_id in enumerate(names):
        discount_bps = by_vehicle[vehicle_id]
        gain_g, loss_g = exact_g[place]
        with localcontext(prec=PRECISION):
            after_g = gain_g * (BPS - discount_bps) / BPS + loss_g
        yield ReportedVehicle(
            vehicle_id=vehicle_id,
            vehicle_index=int(index[cuts[place]]),
            trips=trips[place],
            distance_m=columns["distance_m"][place],
            energy_wh=energy_wh[place],
            discount_bps=discount_bps,
            baseline_ng=columns["baseline_ng"][place],
            project_ng=columns["project_ng"][place],
            reduction_g=columns["reduction_g"][place],
            exact_g=after_g,
        )


def _exact_g(
    sealed: pa.Table, cuts: Ints, terms: Terms, year: int
) -> list[tuple[Decimal, Decimal]]:
    """Return per vehicle what the equations give for its trips that gain, and for the others."""
    source = terms.methodology.programme.project.energy_source
    factors = exact_factors(terms.methodology, year)
    reducing = Reducing(factors, source)
    nothing = np.zeros(sealed.num_rows, dtype=np.int64)
    distance_m = sealed["distance_m"].to_numpy()
    energy = sum((one.to_numpy() for one in energy_columns(sealed, source)), nothing)
    persons, fuel_ml = (
        sealed[name].to_numpy() if factor else nothing
        for name, factor in (
            ("passengers", factors.baseline_g_per_person_km),
            ("fuel_ml", factors.project_g_per_l),
        )
    )
    gains = sealed["baseline_ng"].to_numpy() > sealed["project_ng"].to_numpy()
    both = []
    for mask in (gains, ~gains):
        columns = (distance_m, energy, distance_m * persons, fuel_ml)
        sums = zip(*(_sums(np.where(mask, column, 0), cuts) for column in columns), strict=True)
        both.append([reducing.of(Sums(*one)) for one in sums])
    return list(zip(*both, strict=True))


def _energy_wh(trips: pa.Table, coefficients: Coefficients) -> Ints:
    """Return `energy_wh_of` every trip."""
    if coefficients.energy_source == "soc":
        start, end = (trips[name].to_numpy() for name in ENERGY_COLUMNS["soc"])
        # Ceiling by a floor of the negative; rules and columns keep both far inside 64 bits.
        used_wh: Ints = -(-np.maximum(start - end, 0) * coefficients.capacity_wh // BPS)
        return used_wh
    for column in ENERGY_COLUMNS[coefficients.energy_source]:
        return np.asarray(trips[column].to_numpy(), dtype=np.int64)
    return np.zeros(trips.num_rows, dtype=np.int64)


def _sums(values: npt.NDArray[np.int64], cuts: Ints) -> list[int]:
    """Add up runs of a column, in whole numbers of any size where 64 bits might not do."""
    if int(np.abs(values).max(initial=0)) * len(values) < _INT64_SAFE:
        return [int(one) for one in np.add.reduceat(values, cuts)]
    return [sum(part.tolist()) for part in np.split(values, cuts[1:])]
