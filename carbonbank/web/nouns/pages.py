"""The pages: a public one for every batch, and a driver's balance."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import HTTPException

import carbonbank.errors
from carbonbank.domain.records import ChainBatch, Fleet, SealedBatch
from carbonbank.errors import CarbonBankError, KeyUnknown, NotFound
from carbonbank.intake.canonical import template_csv
from carbonbank.intake.workbook import template_xlsx
from carbonbank.service.account_balance import account_balance
from carbonbank.service.batch_view import batch_view
from carbonbank.web.access import caller_of
from carbonbank.web.context import bank
from carbonbank.web.nouns.traces import trace_for_caller
from carbonbank.web.problem import status_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

pages = APIBlueprint("pages", __name__, enable_openapi=False)


@pages.get("/")
def front() -> Any:
    """List the batches, newest month first."""
    with bank().store.read() as records:
        titles = {fleet.handle: fleet.title for fleet in records.find(Fleet)}
        rows = [
            {"chain": chain, "title": titles[records.need(SealedBatch, chain.batch_id).fleet]}
            for chain in records.find(ChainBatch, order="-month")
        ]
    return render_template("front.html", batches=rows)


@pages.get("/batches/<batch_id>")
def batch(batch_id: str) -> Any:
    """Show one batch to anyone."""
    view = batch_view(bank(), batch_id)
    with bank().store.read() as records:
        title = records.need(Fleet, view.fleet).title
    return render_template("batch.html", view=view, title=title)


@pages.get("/trace/<subject>")
def trace(subject: str) -> Any:
    """Show what a serial range, a retirement, a batch or a trip leads to."""
    return render_template("trace.html", trace=trace_for_caller(subject))


@pages.get("/balance")
def balance() -> Any:
    """Show the signed-in account its balance."""
    if g.caller.account is None:
        raise NotFound(kind="account of", key=f"a {g.caller.role}'s key")
    view = account_balance(bank(), g.caller.account)
    return render_template("balance.html", view=view)


@pages.get("/templates/trips.<kind>")
def template(kind: str) -> Any:
    """Give an empty table of trips, to fill in."""
    made = {"csv": (template_csv, "text/csv"), "xlsx": (template_xlsx, XLSX)}
    if kind not in made:
        raise NotFound(kind="template", key=kind)
    write, content_type = made[kind]
    return Response(write(), content_type=content_type)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Sign in with an API key; the cookie names the key, it does not hold it."""
    if request.method == "GET":
        return render_template("sign_in.html", problem=None)
    caller = caller_of(bank().store, request.form.get("key", "").strip())
    if caller is None:
        return render_template("sign_in.html", problem="The bank does not know this key."), 401
    session["key_id"] = caller.key_id
    return redirect(url_for("pages.balance" if caller.account else "pages.front"), code=303)


@pages.post("/sign-out")
def sign_out() -> Any:
    """Forget who is signed in."""
    session.clear()
    return redirect(url_for("pages.front"), code=303)


def refusal_page(error: CarbonBankError) -> Any:
    """Say on a page what a page can not show, or ask who is there."""
    status = status_of(error)
    if isinstance(error, KeyUnknown):
        return render_template("sign_in.html", problem="Sign in to see this page."), status
    return _said(error.code, str(error), error.hint), status


def error_page(error: HTTPException) -> Any:
    """Say on a page that there is no such page, or what else the web knows to go wrong."""
    return _said(error.name, error.description or "", ""), error.code or 500


def _said(name: str, says: str, hint: str) -> str:
    return render_template("problem.html", name=name, why="", says=says, hint=hint)


@pages.get("/problems/<name>")
def problem(name: str) -> Any:
    """Say why an error happens and what to do."""
    error = getattr(carbonbank.errors, name, None)
    if not (isinstance(error, type) and issubclass(error, CarbonBankError)):
        raise NotFound(kind="problem", key=name)
    return render_template(
        "problem.html", name=name, why=error.__doc__, says=error.says, hint=error.hint
    )
