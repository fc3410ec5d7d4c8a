"""Errors of the house, as a tree. One question decides the branch: who must act?

`InputError`: the caller must send something else. `RuleError`: well formed, but the bank's rules
say no. `EdgeError`: the operator must act or wait. `InvariantBroken`: a developer must act, and
nobody catches it. A bad row is never an exception: validation returns issues.
"""

from carbonbank.errors.admin import *  # noqa: F403
from carbonbank.errors.audit import *  # noqa: F403
from carbonbank.errors.base import *  # noqa: F403
from carbonbank.errors.challenge import *  # noqa: F403
from carbonbank.errors.edge import *  # noqa: F403
from carbonbank.errors.intake import *  # noqa: F403
from carbonbank.errors.ledger import *  # noqa: F403
from carbonbank.errors.market import *  # noqa: F403
from carbonbank.errors.measurement import *  # noqa: F403
from carbonbank.errors.months import *  # noqa: F403
from carbonbank.errors.service import *  # noqa: F403
from carbonbank.errors.standards import *  # noqa: F403
from carbonbank.errors.web import *  # noqa: F403
