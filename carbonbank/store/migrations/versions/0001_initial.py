"""All tables, as the bank first knew them. Written by scripts/make_migration.py."""

import sqlalchemy as sa
from alembic import op

revision = "0001_aae407fd"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INT64 = sa.BigInteger()
BOOL = sa.Boolean()
BYTES = sa.LargeBinary()
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "fleet",
        sa.Column("handle", TEXT, primary_key=True, autoincrement=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("fleet_id", TEXT, nullable=False),
        sa.Column("operator", TEXT, nullable=False),
    )
    op.create_table(
        "account",
        sa.Column("handle", TEXT, primary_key=True, autoincrement=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("fleet", TEXT),
        sa.Column("person", TEXT, nullable=False),
    )
    op.create_index("ix_account_address", "account", ["address"])
    op.create_index("ix_account_fleet", "account", ["fleet"])
    op.create_table(
        "wallet_link",
        sa.Column("account", TEXT, primary_key=True, autoincrement=False),
        sa.Column("nonce", INT64, primary_key=True, autoincrement=False),
        sa.Column("wallet", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sa.Column("linked_at", UTC_TIME, nullable=False),
        sa.Column("effective_at", UTC_TIME, nullable=False),
        sa.Column("withdrawn", BOOL, nullable=False),
    )
    op.create_index("ix_wallet_link_wallet", "wallet_link", ["wallet"])
    op.create_table(
        "vehicle",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("vehicle_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("commitment", TEXT, nullable=False),
        sa.Column("vehicle_index", INT64),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("powertrain", TEXT, nullable=False),
        sa.Column("from_month", INT64, nullable=False),
        sa.Column("until_month", INT64),
    )
    op.create_index("ix_vehicle_commitment", "vehicle", ["commitment"])
    op.create_table(
        "programme",
        sa.Column("handle", TEXT, primary_key=True, autoincrement=False),
        sa.Column("fleet", TEXT, nullable=False),
        sa.Column("methodology_id", TEXT, nullable=False),
        sa.Column("package", TEXT, nullable=False),
        sa.Column("demo", BOOL, nullable=False),
    )
    op.create_table(
        "upload",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("file_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("programme", TEXT, nullable=False),
        sa.Column("filename", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("size_bytes", INT64, nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.Column("withdrawn", BOOL, nullable=False),
        sa.Column("rows_read", INT64, nullable=False),
        sa.Column("trips_accepted", INT64, nullable=False),
        sa.Column("trips_quarantined", INT64, nullable=False),
        sa.Column("trips_duplicate", INT64, nullable=False),
        sa.Column("trips_late", INT64, nullable=False),
    )
    op.create_table(
        "stored_trip",
        sa.Column("trip_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("fleet", TEXT, nullable=False),
        sa.Column("vehicle_id", TEXT, nullable=False),
        sa.Column("month", INT64, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("erased", BOOL, nullable=False),
        sa.Column("file_hash", TEXT, nullable=False),
        sa.Column("row", INT64, nullable=False),
        sa.Column("start_at", UTC_TIME, nullable=False),
        sa.Column("end_at", UTC_TIME, nullable=False),
        sa.Column("record", TEXT, nullable=False),
    )
    op.create_index("ix_stored_trip_fleet_file_hash", "stored_trip", ["fleet", "file_hash"])
    op.create_index(
        "ix_stored_trip_fleet_vehicle_id_month", "stored_trip", ["fleet", "vehicle_id", "month"]
    )
    op.create_index("ix_stored_trip_start_at", "stored_trip", ["start_at"])
    op.create_table(
        "trip_copy",
        sa.Column("trip_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("file_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("fleet", TEXT, nullable=False),
        sa.Column("row", INT64, nullable=False),
    )
    op.create_table(
        "vehicle_print",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("vehicle_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("month", INT64, primary_key=True, autoincrement=False),
        sa.Column("kind", INT64, primary_key=True, autoincrement=False),
        sa.Column("value", INT64, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_vehicle_print_value", "vehicle_print", ["value"])
    op.create_table(
        "table_mapping",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("header_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("confirmed_at", UTC_TIME, nullable=False),
        sa.Column("document", TEXT, nullable=False),
    )
    op.create_table(
        "stored_issue",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("file_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("number", INT64, primary_key=True, autoincrement=False),
        sa.Column("row", INT64, nullable=False),
        sa.Column("column", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("limit", TEXT, nullable=False),
        sa.Column("hint", TEXT, nullable=False),
        sa.Column("trip", TEXT),
    )
    op.create_table(
        "vehicle_month",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("vehicle_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("month", INT64, primary_key=True, autoincrement=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("batch_id", TEXT),
    )
    op.create_index("ix_vehicle_month_batch_id", "vehicle_month", ["batch_id"])
    op.create_index("ix_vehicle_month_fleet_month", "vehicle_month", ["fleet", "month"])
    op.create_table(
        "sealed_batch",
        sa.Column("batch_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("fleet", TEXT, nullable=False),
        sa.Column("programme", TEXT, nullable=False),
        sa.Column("month", INT64, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("total_g", INT64, nullable=False),
        sa.Column("claim", TEXT, nullable=False),
        sa.Column("report", TEXT, nullable=False),
        sa.Column("leaves", BYTES, nullable=False),
        sa.Column("trips", TEXT, nullable=False),
        sa.Column("charges", TEXT, nullable=False),
        sa.Column("payouts", TEXT, nullable=False),
        sa.Column("vehicles", TEXT, nullable=False),
    )
    op.create_index("ix_sealed_batch_fleet_month", "sealed_batch", ["fleet", "month"])
    op.create_index("ix_sealed_batch_state", "sealed_batch", ["state"])
    op.create_table(
        "verification",
        sa.Column("batch_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("verifier", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("verified_at", UTC_TIME, nullable=False),
    )
    op.create_table(
        "issuance",
        sa.Column("batch_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("tx_hash", TEXT, nullable=False),
        sa.Column("block_number", INT64, nullable=False),
        sa.Column("block_hash", TEXT, nullable=False),
    )
    op.create_table(
        "stored_order",
        sa.Column("order_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("side", TEXT, nullable=False),
        sa.Column("batch_id", TEXT),
        sa.Column("class_id", TEXT),
        sa.Column("amount_g", INT64, nullable=False),
        sa.Column("price_units_per_t", INT64, nullable=False),
        sa.Column("order", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
    )
    op.create_index("ix_stored_order_account", "stored_order", ["account"])
    op.create_index("ix_stored_order_batch_id", "stored_order", ["batch_id"])
    op.create_table(
        "intent",
        sa.Column("intent_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("sender", TEXT, nullable=False),
        sa.Column("nonce", INT64, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("tx_hash", TEXT),
    )
    op.create_index("ix_intent_sender_nonce", "intent", ["sender", "nonce"])
    op.create_table(
        "erasable_key",
        sa.Column("subject", TEXT, primary_key=True, autoincrement=False),
        sa.Column("secret", TEXT, nullable=False),
    )
    op.create_table(
        "erasure",
        sa.Column("person_mark", TEXT, primary_key=True, autoincrement=False),
        sa.Column("erased_at", UTC_TIME, nullable=False),
    )
    op.create_table(
        "api_key",
        sa.Column("key_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("secret_hash", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("account", TEXT),
        sa.Column("fleet", TEXT),
    )
    op.create_index("ix_api_key_secret_hash", "api_key", ["secret_hash"])
    op.create_table(
        "stored_answer",
        sa.Column("caller", TEXT, primary_key=True, autoincrement=False),
        sa.Column("idempotency_key", TEXT, primary_key=True, autoincrement=False),
        sa.Column("request_hash", TEXT, nullable=False),
        sa.Column("status", INT64, nullable=False),
        sa.Column("body", TEXT, nullable=False),
    )
    op.create_table(
        "charge_file",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("file_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("filename", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("size_bytes", INT64, nullable=False),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.Column("rows_read", INT64, nullable=False),
        sa.Column("withdrawn", BOOL, nullable=False),
        sa.Column("sessions_new", INT64, nullable=False),
        sa.Column("sessions_known", INT64, nullable=False),
        sa.Column("sessions_credited", INT64, nullable=False),
    )
    op.create_table(
        "charge_telling",
        sa.Column("session_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("file_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("credit", BOOL, primary_key=True, autoincrement=False),
        sa.Column("fleet", TEXT, nullable=False),
        sa.Column("row", INT64, nullable=False),
    )
    op.create_index("ix_charge_telling_fleet_file_hash", "charge_telling", ["fleet", "file_hash"])
    op.create_table(
        "charge_session",
        sa.Column("session_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("fleet", TEXT, nullable=False),
        sa.Column("vehicle_id", TEXT, nullable=False),
        sa.Column("month", INT64, nullable=False),
        sa.Column("start_at", UTC_TIME, nullable=False),
        sa.Column("end_at", UTC_TIME, nullable=False),
        sa.Column("energy_grid_wh", INT64, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("source_record_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("file_hash", TEXT, nullable=False),
        sa.Column("row", INT64, nullable=False),
    )
    op.create_index("ix_charge_session_fleet_file_hash", "charge_session", ["fleet", "file_hash"])
    op.create_index(
        "ix_charge_session_fleet_vehicle_id_month",
        "charge_session",
        ["fleet", "vehicle_id", "month"],
    )
    op.create_table(
        "charge_token",
        sa.Column("fleet", TEXT, primary_key=True, autoincrement=False),
        sa.Column("token", TEXT, primary_key=True, autoincrement=False),
        sa.Column("vehicle_id", TEXT, nullable=False),
    )
    op.create_table(
        "chain_block",
        sa.Column("number", INT64, primary_key=True, autoincrement=False),
        sa.Column("block_hash", TEXT, nullable=False),
    )
    op.create_table(
        "chain_log",
        sa.Column("block_number", INT64, primary_key=True, autoincrement=False),
        sa.Column("log_index", INT64, primary_key=True, autoincrement=False),
        sa.Column("tx_hash", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("nonce", INT64, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
    )
    op.create_index("ix_chain_log_name", "chain_log", ["name"])
    op.create_index("ix_chain_log_tx_hash", "chain_log", ["tx_hash"])
    op.create_table(
        "chain_batch",
        sa.Column("batch_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("fleet_id", TEXT, nullable=False),
        sa.Column("month", INT64, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("issued_g", INT64, nullable=False),
        sa.Column("claimable_g", INT64, nullable=False),
        sa.Column("buffer_g", INT64, nullable=False),
        sa.Column("retired_g", INT64, nullable=False),
        sa.Column("cancelled_g", INT64, nullable=False),
        sa.Column("block_number", INT64, nullable=False),
    )
    op.create_index("ix_chain_batch_fleet_id_month", "chain_batch", ["fleet_id", "month"])
    op.create_table(
        "chain_holding",
        sa.Column("address", TEXT, primary_key=True, autoincrement=False),
        sa.Column("batch_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("held_g", INT64, nullable=False),
    )
    op.create_index("ix_chain_holding_batch_id", "chain_holding", ["batch_id"])
    op.create_table(
        "chain_payout",
        sa.Column("batch_id", TEXT, primary_key=True, autoincrement=False),
        sa.Column("address", TEXT, primary_key=True, autoincrement=False),
        sa.Column("tx_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("amount_g", INT64, nullable=False),
    )
    op.create_index("ix_chain_payout_address", "chain_payout", ["address"])
    op.create_table(
        "chain_retirement",
        sa.Column("retirement_id", INT64, primary_key=True, autoincrement=False),
        sa.Column("batch_id", TEXT, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("amount_g", INT64, nullable=False),
        sa.Column("beneficiary", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("serial_first", INT64, nullable=False),
        sa.Column("serial_last", INT64, nullable=False),
        sa.Column("tx_hash", TEXT, nullable=False),
        sa.Column("block_number", INT64, nullable=False),
    )
    op.create_index("ix_chain_retirement_batch_id", "chain_retirement", ["batch_id"])
    op.create_index("ix_chain_retirement_holder", "chain_retirement", ["holder"])
    op.create_table(
        "chain_trade",
        sa.Column("tx_hash", TEXT, primary_key=True, autoincrement=False),
        sa.Column("log_index", INT64, primary_key=True, autoincrement=False),
        sa.Column("batch_id", TEXT, nullable=False),
        sa.Column("seller", TEXT, nullable=False),
        sa.Column("buyer", TEXT, nullable=False),
        sa.Column("amount_g", INT64, nullable=False),
        sa.Column("paid_units", INT64, nullable=False),
        sa.Column("fee_units", INT64, nullable=False),
        sa.Column("sell_hash", TEXT),
        sa.Column("buy_hash", TEXT),
        sa.Column("block_number", INT64, nullable=False),
    )
    op.create_index("ix_chain_trade_batch_id", "chain_trade", ["batch_id"])
    op.create_index("ix_chain_trade_buyer", "chain_trade", ["buyer"])
    op.create_index("ix_chain_trade_seller", "chain_trade", ["seller"])
    op.create_table(
        "chain_money",
        sa.Column("address", TEXT, primary_key=True, autoincrement=False),
        sa.Column("held_units", INT64, nullable=False),
    )
    op.create_table(
        "chain_vehicle",
        sa.Column("vehicle_index", INT64, primary_key=True, autoincrement=False),
        sa.Column("from_month", INT64, primary_key=True, autoincrement=False),
        sa.Column("fleet_id", TEXT, nullable=False),
    )
