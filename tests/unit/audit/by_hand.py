"""Packages over the worked-out story, lies included, made without the bank's code."""

import copy
import json
import struct
import zipfile
from io import BytesIO

from eth_abi.abi import encode
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests.unit.audit.worked_out import (
    ANN,
    BASELINE_NG,
    BEN,
    COEFFICIENTS,
    CONTRACT,
    ENDS,
    EXACT_G,
    GRAMS,
    INDEX,
    MONTH,
    OPERATOR,
    PACKAGE,
    PROJECT_NG,
    RECORDS,
    STARTS,
    VERIFIER,
    WH,
    jcs,
    sha,
)


def package_files(
    *,
    records=RECORDS,
    leaf_records=None,
    grams=GRAMS,
    starts=STARTS,
    index=INDEX,
    package=PACKAGE,
    coefficients=COEFFICIENTS,
    paid=((ANN, 250), (BEN, 208)),
    parts=None,
    exact=EXACT_G,
    signer=VERIFIER,
    stage="verified",
    with_trips=True,
    chain_id=987654321,
    contract=CONTRACT,
    on_report=lambda report: report,
    on_claim=lambda claim: claim,
):
    """Every document of the story, consistent down to the signature whatever was changed above."""
    salts = [bytes([n]) * 32 for n in range(len(records))]
    hashes = [
        sha(salt + jcs(one)) for salt, one in zip(salts, leaf_records or records, strict=True)
    ]
    running, leaves = 0, []
    for n, one in enumerate(records):
        running += grams[n]
        fields = (index[one["vehicle_id"]], starts[n], ENDS[n], grams[n], running, hashes[n])
        leaves.append(struct.pack(">IQQqq32s", *fields))
    leaf_file = b"".join(leaves)
    nodes = [sha(b"\0" + leaf) for leaf in leaves]
    left, right = sha(b"\1" + nodes[0] + nodes[1]), sha(b"\1" + nodes[2] + nodes[3])

    values = []
    for number, (account, amount) in enumerate(paid):
        from_g = sum(g for _, g in paid[:number])
        values.append([str(number), account, str(from_g), str(amount)])
    types = ["uint256", "address", "uint256", "uint256"]
    tips = [keccak(keccak(encode(types, [int(i), a, int(f), int(g)]))) for i, a, f, g in values]
    low, high = sorted(tips)
    tree = [keccak(low + high), high, low]
    drivers_g = sum(g for _, g in paid)
    buffer_g = -(-running // 10)
    operator_g, drivers_g, buffer_g = parts or (
        running - buffer_g - drivers_g,
        drivers_g,
        buffer_g,
    )

    def vehicle(name, ours):
        return {
            "vehicle_id": name,
            "vehicle_index": index[name],
            "trips": len(ours),
            "distance_m": sum(records[n]["distance_m"] for n in ours),
            "energy_wh": sum(WH[n] for n in ours),
            "discount_bps": 0,
            "baseline_ng": str(sum(BASELINE_NG[n] for n in ours)),
            "project_ng": str(sum(PROJECT_NG[n] for n in ours)),
            "reduction_g": sum(grams[n] for n in ours),
            "exact_g": exact[name],
        }

    vehicles = [vehicle("car-a", [0, 1, 2]), vehicle("car-b", [3])]
    whole_g, places = zip(*(exact[name].split(".") for name in sorted(exact)), strict=True)
    width = max(map(len, places))
    units = sum(int(w + p.ljust(width, "0")) for w, p in zip(whole_g, places, strict=True))
    summed = ("trips", "distance_m", "energy_wh", "reduction_g")
    methodology = jcs(package)
    report = on_report(
        {
            "schema": "carbonbank.report/1",
            "fleet": "fleet-x",
            "fleet_id": "0x" + sha(b"fleet-x").hex(),
            "programme": "by-hand",
            "methodology_id": "0x" + sha(methodology).hex(),
            "month": "2021-03",
            "demo": True,
            "retroactive": True,
            "coefficients": coefficients,
            "vehicles": vehicles,
            "left_out": [{"vehicle_id": "car-c", "trips": 2, "reason": "quarantined"}],
            "totals": {name: sum(v[name] for v in vehicles) for name in summed}
            | {
                name: str(sum(int(v[name]) for v in vehicles))
                for name in ("baseline_ng", "project_ng")
            }
            | {"vehicles": 2, "exact_g": f"{units // 10**width}.{units % 10**width:0{width}d}"},
            "shares": {"drivers_bps": 6000, "buffer_bps": 1000},
            "drivers": [
                {"driver_id": "ann", "account": ANN, "reduction_g": grams[0]},
                {"driver_id": "ben", "account": BEN, "reduction_g": grams[1] + grams[2]},
            ],
            "undriven_g": grams[3],
            "split": {"operator_g": operator_g, "drivers_g": drivers_g, "buffer_g": buffer_g},
            "leaves_sha256": sha(leaf_file).hex(),
            "source_files": [],
            "sampling": {"plan": "census", "seed": "00"},
        }
    )
    words = sorted({at // 256 for at in index.values()})
    bits = [sum(1 << at % 256 for at in index.values() if at // 256 == word) for word in words]
    claim = on_claim(
        {
            "fleet_id": report["fleet_id"],
            "operator": OPERATOR,
            "verifier": VERIFIER.address,
            "valid_until": 2093558400,
            "methodology_id": report["methodology_id"],
            "month": MONTH,
            "trip_count": len(records),
            "evidence_root": "0x" + sha(b"\1" + left + right).hex(),
            "report_hash": "0x" + sha(jcs(report)).hex(),
            "payout_root": "0x" + tree[0].hex(),
            "operator_g": operator_g,
            "drivers_g": drivers_g,
            "buffer_g": buffer_g,
            "vehicles_hash": "0x" + keccak(encode(["uint256[]"] * 2, [words, bits])).hex(),
        }
    )
    signable = typed(claim, chain_id, contract)
    batch = signable.body.hex()
    bits_text = [f"0x{one:064x}" for one in bits]
    files = {
        "package.json": methodology,
        "report.json": jcs(report),
        "claim.json": jcs(
            {
                "schema": "carbonbank.claim/1",
                "batch_id": batch,
                "domain": {
                    "name": "CarbonBank",
                    "version": "1",
                    "chain_id": str(chain_id),
                    "verifying_contract": contract,
                },
                "claim": claim,
                "word_index": words,
                "bits": bits_text,
            }
        ),
        "leaves.bin": leaf_file,
        "payouts.json": jcs(
            {
                "format": "standard-v1",
                "leafEncoding": types,
                "tree": ["0x" + node.hex() for node in tree],
                "values": [
                    {"value": value, "treeIndex": 2 if tip == low else 1}
                    for value, tip in zip(values, tips, strict=True)
                ],
            }
        ),
        "vehicles.json": jcs(
            {
                "schema": "carbonbank.vehicles/1",
                "vehicles": [
                    {"vehicle_id": v, "vehicle_index": i, "commitment": sha(v.encode()).hex()}
                    for v, i in index.items()
                ],
            }
        ),
    }
    if with_trips:
        files["trips.ndjson"] = b"".join(
            jcs({"trip_id": identity(one), "salt": "0x" + salt.hex(), "record": one}) + b"\n"
            for salt, one in zip(salts, records, strict=True)
        )
    if stage != "sealed":
        signature = signer.sign_message(signable).signature
        files["verification.json"] = jcs(
            {
                "schema": "carbonbank.verification/1",
                "batch_id": batch,
                "verifier": VERIFIER.address,
                "signature": "0x" + signature.hex(),
                "statement": "recomputed by hand",
            }
        )
    if stage == "issued":
        files |= issued_files(batch, claim, words, bits, contract)
    return files


def issued_files(batch, claim, words, bits, contract):
    event = {
        "schema": "carbonbank.receipt/1",
        "block_number": 12,
        "block_hash": "0x" + "bb" * 32,
        "tx_hash": "0x" + "aa" * 32,
        "log_index": 1,
        "contract": contract,
        "name": "BatchIssued",
        "actor": OPERATOR,
        "nonce": 0,
        "fields": {
            "batch_id": str(int(batch, 16)),
            "fleet_id": claim["fleet_id"],
            "methodology_id": claim["methodology_id"],
            "demo": True,
            "claim": claim,
            "word_index": words,
            "bits": bits,
        },
    }
    retired = {
        "retirement_id": 1,
        "batch_id": batch,
        "holder": ANN,
        "amount_g": 250,
        "beneficiary": "b",
        "purpose": "p",
        "serial_first": 1,
        "serial_last": 250,
        "tx_hash": "0x" + "ac" * 32,
        "block_number": 14,
    }
    return {
        "receipt.json": jcs(event),
        "retirements.json": jcs({"schema": "carbonbank.retirements/1", "retirements": [retired]}),
    }


def identity(one):
    names = ("vehicle_id", "start_at", "end_at", "distance_m")
    return sha(jcs({"fleet": "fleet-x"} | {name: one[name] for name in names})).hex()


def typed(claim, chain_id, contract):
    camel = {
        name: name.split("_")[0] + "".join(w.title() for w in name.split("_")[1:]) for name in claim
    }
    kinds = {"operator": "address", "verifier": "address", "month": "uint32"}
    numbers = {"valid_until", "trip_count", "operator_g", "drivers_g", "buffer_g"}
    order = list(claim)  # JSON keeps the order it was written in, which is the signed one
    return encode_typed_data(
        {
            "name": "CarbonBank",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": contract,
        },
        {
            "BatchClaim": [
                {
                    "name": camel[name],
                    "type": kinds.get(name, "uint64" if name in numbers else "bytes32"),
                }
                for name in order
            ]
        },
        {camel[name]: claim[name] for name in order},
    )


def zipped(files, manifest=None):
    """The archive, its manifest consistent with whatever the files are, unless one is given."""
    stage = "verified" if "verification.json" in files else "sealed"
    stage = "issued" if "receipt.json" in files else stage
    if manifest is None:
        manifest = jcs(
            {
                "schema": "carbonbank.audit/1",
                "stage": stage,
                "demo": True,
                "batch_id": json.loads(files["claim.json"])["batch_id"],
                "members": [
                    {"name": n, "sha256": sha(c).hex(), "size_bytes": len(c)}
                    for n, c in sorted(files.items())
                ],
            }
        )
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in {**files, "manifest.json": manifest}.items():
            archive.writestr(name, content)
    return target.getvalue()


def changed(document, *path, value):
    """A deep copy of a document with one value changed."""
    other = copy.deepcopy(document)
    target = other
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return other
