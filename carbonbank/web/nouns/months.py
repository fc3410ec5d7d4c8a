"""Vehicle-months: the operator closes them, and may reopen them before they are sealed."""

from typing import Any

from apiflask import APIBlueprint

from carbonbank.domain.records import Fleet, VehicleMonth
from carbonbank.service.preview_month import preview_month
from carbonbank.web.access import own_fleet
from carbonbank.web.context import bank, take_on
from carbonbank.web.models import (
    JobRef,
    MonthIn,
    MonthOut,
    MonthPage,
    MonthPreviewOut,
    Page,
    PreviewQuery,
    as_model,
    page,
)
from carbonbank.web.months import month_in_text

months = APIBlueprint("months", __name__, url_prefix="/api/v1/fleets/<fleet>/months")


@months.get("")
@months.input(Page, location="query")
@months.output(MonthPage)
def list_months(fleet: str, query_data: Page) -> Any:
    """List a fleet's vehicle-months and their state."""
    own_fleet(fleet)
    with bank().store.read() as records:
        records.need(Fleet, fleet)
        found = records.find(VehicleMonth, fleet=fleet)
    return page(MonthOut, found, query_data)


@months.get("/<month>/preview")
@months.input(PreviewQuery, location="query")
@months.output(MonthPreviewOut)
def preview(fleet: str, month: str, query_data: PreviewQuery) -> Any:
    """Show what sealing a month now would find, vehicle by vehicle."""
    own_fleet(fleet)
    number = month_in_text("/path/month", month)
    found = preview_month(bank(), fleet=fleet, programme=query_data.programme, month=number)
    return as_model(MonthPreviewOut, found)


def _take_on(kind: str, fleet: str, month: str, body: MonthIn) -> Any:
    own_fleet(fleet)
    number = month_in_text("/path/month", month)
    return take_on(kind, {"fleet": fleet, "month": number, "vehicle_id": body.vehicle_id})


@months.post("/<month>/close")
@months.input(MonthIn)
@months.output(JobRef, status_code=202)
def close(fleet: str, month: str, json_data: MonthIn) -> Any:
    """Close a month that is over."""
    return _take_on("close_month", fleet, month, json_data)


@months.post("/<month>/reopen")
@months.input(MonthIn)
@months.output(JobRef, status_code=202)
def reopen(fleet: str, month: str, json_data: MonthIn) -> Any:
    """Reopen a closed month that is not issued."""
    return _take_on("reopen_month", fleet, month, json_data)
