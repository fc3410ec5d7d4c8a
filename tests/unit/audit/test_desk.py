"""A verifier's whole day from the package alone, and what is not signed."""

import csv
import json
from io import StringIO

import pytest
from click.testing import CliRunner
from eth_account import Account
from eth_account.messages import encode_typed_data

from carbonbank.audit.check import check_package, holds
from carbonbank.chain.keystore import Keystore
from carbonbank.cli.main import carbonbank
from carbonbank.errors import (
    DeskUnreadable,
    FindingUnknown,
    PackageDoesNotHold,
    ReadingsUnusable,
    VerificationUnfinished,
)
from tests.unit.audit import by_hand
from tests.unit.audit.by_hand import changed, package_files, zipped
from tests.unit.audit.worked_out import RECORDS, jcs, sha

COLUMNS = sorted(RECORDS[0])
ALL = "--kind", "proportion", "--materiality-bps", "500", "--materiality-source", "our contract"


def source_of(records):
    target = StringIO()
    rows = csv.DictWriter(target, COLUMNS)
    rows.writeheader()
    rows.writerows(records)
    return target.getvalue().encode()


class Desk:
    def __init__(self, folder, monkeypatch, source):
        monkeypatch.setenv("CARBONBANK_PASSPHRASE", "a verifier's own")
        monkeypatch.setenv("CARBONBANK_DATA", str(folder / "no bank here"))
        self.folder, self.source = folder, folder / "june.csv"
        self.keystore = folder / "keystore.json"
        keys = Keystore.create(self.keystore, "a verifier's own", cost=2**4)
        self.address = keys.address("role/verifier")
        self.source.write_bytes(source)
        listed = [{"filename": "f", "format": "canonical_csv", "sha256": sha(source).hex()}]
        self.files = package_files(
            stage="sealed",
            on_report=lambda r: changed(r, "source_files", value=listed),
            on_claim=lambda c: changed(c, "verifier", value=self.address),
        )
        self.package = folder / "package.zip"
        self.package.write_bytes(zipped(self.files))

    def run(self, name, *words):
        where = ["verify", name, str(self.package), *words, "--desk", str(self.folder), "--json"]
        done = CliRunner().invoke(carbonbank, where)
        if done.exception is not None:
            raise done.exception
        return json.loads(done.stdout)

    def sign(self):
        return self.run("sign", "--keystore", str(self.keystore))

    def verification(self):
        return json.loads((self.folder / "verification.json").read_bytes())


@pytest.fixture
def make(tmp_path, monkeypatch):
    return lambda records=RECORDS: Desk(tmp_path, monkeypatch, source_of(records))


def states(files):
    return {check.name: (check.state.value, check.detail) for check in check_package(zipped(files))}


def test_the_day_of_a_verifier_ends_with_two_signatures(make):
    desk = make()
    plan = desk.run("plan", *ALL)
    assert plan["leaves"] == [0, 1, 2, 3]
    assert desk.run("sample")["trips"] == 4
    record = desk.run("compare", "--source", str(desk.source))
    assert [one["recomputed_g"] for one in record["compared"]] == [418, -57, 405, 1325]
    assert record["findings"] == []
    stated = desk.run("statement")
    desk.sign()
    told = desk.verification()
    assert told["statement"] == stated["statement"]
    for words in (plan["batch_id"], plan["report_hash"], plan["seed"], "our contract", "4 of 4"):
        assert words in told["statement"]
    for message, name in zip(stated["sign"], ("signature", "statement_signature"), strict=True):
        signable = encode_typed_data(full_message=message)
        assert Account.recover_message(signable, signature=told[name]) == desk.address
    files = desk.files | {"verification.json": jcs(told)}
    assert holds(check_package(zipped(files)))
    assert states(files)["statement"][0] == states(files)["work"][0] == "ok"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda told: told | {"statement": told["statement"] + " All is well."}, "statement"),
        (lambda told: changed(told, "work", "findings", "compared", 0, "claimed_g", value=1),
         "statement"),
        (lambda told: changed(told, "work", "plan", "leaves", value=[0]), "work"),
    ],
)  # fmt: skip
def test_altered_words_and_work_are_caught(make, change, check):
    desk = make()
    desk.run("plan", *ALL)
    desk.run("compare", "--source", str(desk.source))
    desk.sign()
    altered = change(desk.verification())
    assert states(desk.files | {"verification.json": jcs(altered)})[check][0] == "failed"


def test_a_source_that_says_less_becomes_a_finding_that_stops_the_signature(make):
    # 9 km in place of 10: 90.871704 g less is saved, 418 becomes floor(327.15…) = 327.
    desk = make(changed(RECORDS, 0, "distance_m", value=9000))
    desk.run("plan", *ALL)
    (found,) = desk.run("compare", "--source", str(desk.source))["findings"]
    assert (found["reason"], found["leaf"], found["effect_g"]) == ("distance_differs", 0, 91)
    with pytest.raises(VerificationUnfinished, match="finding 1 is open"):
        desk.sign()
    desk.run("close", "1", "--as", "accepted", "--because", "odometer read wrongly, 91 g")
    desk.sign()  # 91 g are below the 104 g that would be material
    assert "91 g projected" in desk.verification()["statement"]
    with pytest.raises(FindingUnknown):
        desk.run("close", "1", "--as", "cleared", "--because", "again")


def test_what_is_material_is_never_signed(make):
    desk = make(changed(RECORDS, 0, "distance_m", value=8000))
    desk.run("plan", *ALL)
    desk.run("compare", "--source", str(desk.source))
    desk.run("close", "1", "--as", "accepted", "--because", "so it is")
    with pytest.raises(VerificationUnfinished, match="182 g projected"):
        desk.sign()
    desk.folder.joinpath("findings.json").unlink()
    desk.run("compare", "--source", str(desk.source))
    desk.run("close", "1", "--as", "cleared", "--because", "the file had a misprint, see invoice 7")
    assert desk.sign()["verifier"] == desk.address


def test_a_drawn_trip_without_a_source_counts_whole(make):
    desk = make(RECORDS[:3])
    desk.run("plan", *ALL)
    desk.run("compare", "--source", str(desk.source))
    with pytest.raises(VerificationUnfinished, match=r"not compared with their source: leaves \[3"):
        desk.sign()
    words = "--reason", "source_missing", "--text", "nobody has it", "--leaf", "3"
    (found,) = desk.run("find", *words)["findings"]
    assert found["effect_g"] == 1325


def test_readings_of_other_sources_go_through_the_worksheet(make):
    desk = make()
    desk.run("plan", *ALL)
    desk.run("sample")
    sheet = desk.folder / "worksheet.csv"
    rows = list(csv.DictReader(StringIO(sheet.read_text())))
    for row, record in zip(rows, RECORDS, strict=True):
        row |= {name: record[name] for name in row.keys() & record.keys()}
        row["read_from"] = "dashboard photograph"
    rows[2]["soc_end_bps"] = 7500  # 2 % and not 1 %: 405 becomes floor(356.22…) = 356
    target = StringIO()
    out = csv.DictWriter(target, rows[0])
    out.writeheader()
    out.writerows(rows)
    sheet.write_text(target.getvalue())
    record = desk.run("compare", "--readings", str(sheet))
    assert len(record["compared"]) == 4
    assert [(f["reason"], f["effect_g"]) for f in record["findings"]] == [("energy_differs", 49)]
    sheet.write_text("leaf,distance_m,read_from\n0,ten,me\n")
    with pytest.raises(ReadingsUnusable):
        desk.run("compare", "--readings", str(sheet))


def test_a_file_that_the_report_does_not_name_is_no_source(make):
    desk = make()
    desk.run("plan", *ALL)
    desk.source.write_bytes(desk.source.read_bytes() + b"\n")
    with pytest.raises(ReadingsUnusable, match="unknown to the report"):
        desk.run("compare", "--source", str(desk.source))


def test_papers_of_another_package_and_bent_papers_are_refused(make):
    desk = make()
    with pytest.raises(Exception, match=r"plan\.json"):
        desk.run("sample")
    plan = desk.run("plan", *ALL)
    (desk.folder / "plan.json").write_bytes(jcs(plan | {"leaves": [0]}))
    with pytest.raises(DeskUnreadable, match="leaves of the plan"):
        desk.run("sample")
    (desk.folder / "plan.json").write_bytes(b"{ }")
    with pytest.raises(DeskUnreadable, match="canonical"):
        desk.run("sample")
    desk.run("plan", *ALL)
    desk.run("compare")
    words = "--materiality-bps", "400", "--materiality-source", "another"
    desk.run("plan", *words)
    with pytest.raises(DeskUnreadable, match="another plan"):
        desk.run("compare")


def test_a_package_that_does_not_hold_gets_no_statement(make):
    desk = make()
    files = by_hand.package_files(
        stage="sealed", on_claim=lambda c: changed(c, "operator_g", value=1424)
    )
    desk.package.write_bytes(zipped(files))
    for name in ("statement", "sign"):
        words = ("--keystore", str(desk.keystore)) if name == "sign" else ()
        with pytest.raises(PackageDoesNotHold):
            desk.run(name, *words)
