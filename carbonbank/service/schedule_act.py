"""Have an act of the admin wait: whoever minds it sees it coming."""

from carbonbank.domain.admin_acts import AdminAct
from carbonbank.domain.chain_facts import OperationState
from carbonbank.domain.commands import ScheduleAct
from carbonbank.service.admin import ADMIN, OperationView, in_words, look, salt_of, view
from carbonbank.service.bank import Bank
from carbonbank.service.sync_chain import sync_chain


def schedule_act(bank: Bank, act: AdminAct, key: str = "") -> OperationView:
    """Schedule an act for the timelock's delay. `bank` carries a proposer's signer.

    The same act and key are the same operation: what is scheduled or done already stays as it is.

    Raises:
        TimelockMissing: the contracts have no timelock.
        AccessControlUnauthorizedAccount: the key is no proposer's.
    """
    found = look(bank, act, key)
    if found.state is not OperationState.UNKNOWN:
        return view(in_words(act), found, repeated=True)
    delay_s = bank.chain.admin_delay_s()
    bank.chain.submit(ScheduleAct(act=act, salt=salt_of(key), delay_s=delay_s), ADMIN)
    sync_chain(bank)
    return view(in_words(act), look(bank, act, key))
