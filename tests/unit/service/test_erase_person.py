"""Erasing a person: the link goes, every proof stays."""

import json
import zipfile
from io import BytesIO

import pytest

from carbonbank.audit.check import check_package
from carbonbank.audit.outcome import State
from carbonbank.domain.claim import BatchClaim
from carbonbank.domain.codec import from_text
from carbonbank.domain.evidence import encode_leaf, leaves_of_file
from carbonbank.domain.merkle import inclusion_holds, inclusion_proof
from carbonbank.domain.records import (
    Account,
    ErasableKey,
    Erasure,
    SealedBatch,
    StoredTrip,
    VehicleMonth,
)
from carbonbank.errors import NotFound
from carbonbank.service.erase_person import erase_person
from carbonbank.service.export_package import export_package
from tests.stage import JUNE, Stage, trip

ANNA = "anna of old"
TRIPS = [
    trip(start_cell="u33dc", end_cell="u33db"),
    trip("2024-06-04T08:00:00", driver_id="ben"),
]


def members(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_proofs_of_a_verified_batch_stay_and_the_link_goes(stage: Stage) -> None:
    batch = stage.verified(TRIPS).batch_id
    before = members(export_package(stage.bank, batch))
    assert b'"anna"' in before["trips.ndjson"]
    erased = erase_person(stage.bank, person=ANNA)
    assert (erased.accounts, erased.trips, erased.batches) == (1, 1, 1)

    package = export_package(stage.bank, batch)
    after = members(package)
    assert "trips.ndjson" not in after
    kept = before.keys() - {"trips.ndjson", "manifest.json"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    checks = check_package(package)
    assert [check.name for check in checks if not check.ok] == []
    assert next(c for c in checks if c.name == "records").state is State.NOT_CHECKED
    for name in ("evidence root", "running totals", "payouts", "signature", "report hash"):
        assert next(c for c in checks if c.name == name).state is State.OK, name

    (sealed,) = stage.all(SealedBatch)
    claim = from_text(BatchClaim, sealed.claim)
    leaves = [encode_leaf(leaf) for leaf in leaves_of_file(sealed.leaves)]
    for index, leaf in enumerate(leaves):
        path = inclusion_proof(leaves, index)
        assert inclusion_holds(
            leaf, index=index, size=len(leaves), path=path, root=claim.evidence_root
        )


def test_nothing_of_the_person_is_left_in_the_store(stage: Stage) -> None:
    batch = stage.verified(TRIPS).batch_id
    (secret,) = [k.secret for k in stage.all(ErasableKey) if k.subject.endswith("/anna")]
    salts = json.loads(stage.all(SealedBatch)[0].trips.splitlines()[0])["salt"]
    erase_person(stage.bank, person=ANNA)
    told = repr([stage.all(kind) for kind in (Account, StoredTrip, ErasableKey, Erasure)])
    told += stage.all(SealedBatch, batch_id=batch)[0].trips
    for gone in (ANNA, secret, salts, "u33dc"):
        assert gone not in told
    assert 'driver_id":"ben' in stage.all(SealedBatch)[0].trips


def test_erasing_again_is_success_and_a_stranger_is_not_found(stage: Stage) -> None:
    stage.offer(TRIPS)
    erase_person(stage.bank, person=ANNA)
    assert erase_person(stage.bank, person=ANNA).repeated
    for person in ("nobody", ""):
        with pytest.raises(NotFound):
            erase_person(stage.bank, person=person)


def test_later_trips_of_an_erased_driver_are_not_linked_again(stage: Stage) -> None:
    stage.offer(TRIPS, "a.csv")
    erase_person(stage.bank, person=ANNA)
    again = stage.offer([*TRIPS, trip("2024-06-05T08:00:00")], "b.csv")
    assert (again.upload.trips_duplicate, again.upload.trips_accepted) == (2, 1)
    assert not any('"anna"' in one.record for one in stage.all(StoredTrip))
    stage.close()
    sealed = stage.seal()
    (batch,) = stage.all(SealedBatch)
    assert [one["driver_id"] for one in json.loads(batch.report)["drivers"]] == ["ben"]
    assert sealed.trips == 3
    stage.signed(sealed.batch_id)


def test_a_batch_that_nobody_verified_is_taken_back(stage: Stage) -> None:
    first = stage.sealed(TRIPS)
    erase_person(stage.bank, person=ANNA)
    assert stage.all(SealedBatch) == []
    assert {m.state for m in stage.all(VehicleMonth, month=JUNE)} == {"closed"}
    second = stage.seal()
    assert second.batch_id != first.batch_id
    assert second.total_g == first.total_g
    stage.signed(second.batch_id)


def test_an_operator_is_erased_by_name_alone(stage: Stage) -> None:
    stage.offer(TRIPS)
    assert erase_person(stage.bank, person="Olga O.").trips == 0
    assert [a.person for a in stage.all(Account, handle="olga")] == [""]
