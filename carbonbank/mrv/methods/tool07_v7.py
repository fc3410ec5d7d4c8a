"""CDM TOOL07, emission factor of an electricity system: the combined margin. Frozen."""

from carbonbank.mrv.methods.number import Number

NAME = "tool07_v7"


def combined_margin(om: Number, bm: Number, w_om: Number, w_bm: Number) -> Number:
    """CM = OM · w_OM + BM · w_BM, in the unit of the margins; the weights are shares of one."""
    return om * w_om + bm * w_bm
