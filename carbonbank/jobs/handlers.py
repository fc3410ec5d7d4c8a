"""What the worker can do: each kind of job is one use case, called with the job's content."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from carbonbank.domain.codec import encode
from carbonbank.domain.order import Side
from carbonbank.service.bank import Bank
from carbonbank.service.cancel_all_orders import cancel_all_orders
from carbonbank.service.cancel_order import cancel_order
from carbonbank.service.challenge_batch import challenge_batch
from carbonbank.service.claim_payout import claim_payout
from carbonbank.service.close_month import close_month
from carbonbank.service.enrol_vehicle import enrol_vehicle
from carbonbank.service.fill_and_retire import fill_and_retire
from carbonbank.service.fill_order import fill_order
from carbonbank.service.find_contradictions import find_contradictions
from carbonbank.service.fund_account import fund_account
from carbonbank.service.hold_evidence import evidence_of_leaves
from carbonbank.service.import_charges import import_charges
from carbonbank.service.import_trips import import_trips
from carbonbank.service.issue_batch import issue_batch
from carbonbank.service.link_wallet import link_wallet
from carbonbank.service.move_holdings import move_holdings
from carbonbank.service.move_vehicle import move_vehicle
from carbonbank.service.open_account import open_account
from carbonbank.service.place_order import Wanted, place_order
from carbonbank.service.place_signed_order import order_from, place_signed_order
from carbonbank.service.prepare_guardian_act import prepare_guardian_act
from carbonbank.service.prepare_wallet_act import prepare_wallet_act
from carbonbank.service.record_verification import record_verification
from carbonbank.service.register_fleet import register_fleet
from carbonbank.service.register_programme import register_programme
from carbonbank.service.relay_signed import relay_signed
from carbonbank.service.relay_wallet_act import relay_wallet_act
from carbonbank.service.reopen_month import reopen_month
from carbonbank.service.retire_credits import retire_credits
from carbonbank.service.seal_batch import seal_batch
from carbonbank.service.settle_book import settle_book
from carbonbank.service.settle_trade import settle_trade
from carbonbank.service.transfer_credits import transfer_credits
from carbonbank.service.unlink_wallet import unlink_wallet
from carbonbank.service.withdraw_charges import withdraw_charges
from carbonbank.service.withdraw_upload import withdraw_upload

Content = Mapping[str, Any]
Handler = Callable[[Content], dict[str, Any]]

# Same words, same effect: a client's key adds nothing to what these are asked for.
BY_CONTENT: dict[str, Callable[..., Any]] = {
    "register_fleet": register_fleet,
    "open_account": open_account,
    "enrol_vehicle": enrol_vehicle,
    "move_vehicle": move_vehicle,
    "withdraw_upload": withdraw_upload,
    "withdraw_charges": withdraw_charges,
    "close_month": close_month,
    "reopen_month": reopen_month,
    "seal_batch": seal_batch,
    "issue_batch": issue_batch,
    "claim_payout": claim_payout,
    "cancel_order": cancel_order,
    "cancel_all_orders": cancel_all_orders,
    "link_wallet": link_wallet,
    "unlink_wallet": unlink_wallet,
    "prepare_guardian_act": prepare_guardian_act,
    "prepare_wallet_act": prepare_wallet_act,
    "relay_wallet_act": relay_wallet_act,
    "relay_guardian_act": partial(relay_signed, party="guardian"),
}
# Here the key is part of the act: it tells two payments of the same amount apart.
BY_KEY: dict[str, Callable[..., Any]] = {
    "fund_account": fund_account,
    "transfer_credits": transfer_credits,
    "retire_credits": retire_credits,
    "settle_trade": settle_trade,
    "fill_order": fill_order,
    "fill_and_retire": fill_and_retire,
    "move_holdings": move_holdings,
}


def handlers(bank: Bank, uploads: Path) -> dict[str, Handler]:
    """Return what does each kind of job; uploaded files are read from `uploads` by their hash."""

    def by_content(use_case: Callable[..., Any]) -> Handler:
        def act(content: Content) -> dict[str, Any]:
            asked = {name: value for name, value in content.items() if name != "key"}
            return _result(use_case(bank, **asked))

        return act

    def by_key(use_case: Callable[..., Any]) -> Handler:
        return lambda content: _result(use_case(bank, **content))

    def upload(content: Content) -> dict[str, Any]:
        asked = {n: v for n, v in content.items() if n not in {"key", "file_hash"}}
        data = (uploads / content["file_hash"]).read_bytes()
        return _result(import_trips(bank, **asked, data=data))

    def charges(content: Content) -> dict[str, Any]:
        asked = {n: v for n, v in content.items() if n not in {"key", "file_hash"}}
        data = (uploads / content["file_hash"]).read_bytes()
        return _result(import_charges(bank, **asked, data=data))

    def programme(content: Content) -> dict[str, Any]:
        return _result(register_programme(bank, content=content["document"].encode()))

    def verification(content: Content) -> dict[str, Any]:
        document = content["document"].encode()
        return _result(record_verification(bank, content["batch"], document))

    def book(_: Content) -> dict[str, Any]:
        return _result(settle_book(bank))

    def order(content: Content) -> dict[str, Any]:
        asked = {n: v for n, v in content.items() if n != "key"}
        wanted = Wanted(**(asked | {"side": Side[asked["side"].upper()]}))
        return _result(place_order(bank, wanted, content.get("key", "")))

    return (
        {kind: by_content(use_case) for kind, use_case in BY_CONTENT.items()}
        | {kind: by_key(use_case) for kind, use_case in BY_KEY.items()}
        | {
            "import_trips": upload,
            "import_charges": charges,
            "register_programme": programme,
            "record_verification": verification,
            "place_order": order,
            "settle_book": book,
            "place_signed_order": partial(_signed_order, bank),
            "challenge_batch": partial(_challenge, bank, uploads),
        }
    )


def _challenge(bank: Bank, uploads: Path, content: Content) -> dict[str, Any]:
    data = (uploads / content["file_hash"]).read_bytes()
    found = find_contradictions(evidence_of_leaves(bank, content["batch"], data))
    return _result(challenge_batch(bank, found[0])) if found else {"contradictions": []}


def _signed_order(bank: Bank, content: Content) -> dict[str, Any]:
    order = order_from(content["order"])
    return _result(place_signed_order(bank, content["account"], order, content["signature"]))


def _result(outcome: Any) -> dict[str, Any]:
    encoded = encode(outcome)
    return encoded if isinstance(encoded, dict) else {"result": encoded}
