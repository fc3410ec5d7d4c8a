"""One blueprint per noun of the API, and the pages."""

from carbonbank.web.nouns.accounts import accounts
from carbonbank.web.nouns.batches import batches
from carbonbank.web.nouns.challenges import challenges
from carbonbank.web.nouns.fleets import fleets
from carbonbank.web.nouns.guardian import guardian
from carbonbank.web.nouns.health import health
from carbonbank.web.nouns.jobs import jobs
from carbonbank.web.nouns.market import orders, trades
from carbonbank.web.nouns.months import months
from carbonbank.web.nouns.offer import offer
from carbonbank.web.nouns.operations import operations
from carbonbank.web.nouns.pages import pages
from carbonbank.web.nouns.programmes import programmes
from carbonbank.web.nouns.retirements import retirements
from carbonbank.web.nouns.tables import tables
from carbonbank.web.nouns.traces import traces
from carbonbank.web.nouns.uploads import uploads
from carbonbank.web.nouns.wallets import wallet_page, wallets

BLUEPRINTS = (
    health, fleets, programmes, uploads, tables, months, batches, accounts, orders, trades,
    retirements, challenges, guardian, operations, traces, jobs, offer, wallets, pages, wallet_page,
)  # fmt: skip
