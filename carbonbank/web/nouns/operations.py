"""Operations: what the admin has scheduled, so that everyone sees it coming."""

from typing import Any

from apiflask import APIBlueprint

from carbonbank.service.list_operations import told_operations
from carbonbank.web.context import bank
from carbonbank.web.models import Page, page
from carbonbank.web.relay_models import OperationOut, OperationPage

operations = APIBlueprint("operations", __name__, url_prefix="/api/v1/operations")


@operations.get("")
@operations.input(Page, location="query")
@operations.output(OperationPage)
def list_operations(query_data: Page) -> Any:
    """List what the admin scheduled: the calls in words, since which block, after which delay."""
    return page(OperationOut, told_operations(bank()), query_data, key=("operation_id",))
