"""Grid factors by rule: the newest data not after the year, of several the highest."""

from dataclasses import replace
from decimal import Decimal

import pytest
from programmes_made import changed

from carbonbank.errors import FactorsUnusable, NoFactorFits
from carbonbank.mrv.grid_choice import choose_grid, margin_of
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme


def chosen(factors, **asked):
    return choose_grid(factors, **asked).factor_id


def test_margin_and_source_decide(factors):
    asked = {"region": "Morocco", "year": 2026}
    assert chosen(factors, margin="om", **asked) == "ifi2021.om.Morocco"
    assert chosen(factors, margin="cm_consumption", **asked) == "ifi2021.cm_consumption.Morocco"
    assert chosen(factors, region="MAR", year=2026, margin="average") == "ember.MAR"
    assert margin_of(factors["ipcc2006.ef.gasoline"]) is None
    with pytest.raises(NoFactorFits, match="no om factor of Morocco up to 2020"):
        chosen(factors, region="Morocco", year=2020, margin="om")


def test_of_several_the_newest_and_then_the_highest(factors):
    one = factors["ifi2021.om.Morocco"]
    others = {
        f"ifi{year}.om.Morocco {value}": replace(
            one, factor_id=f"ifi{year}.om.Morocco {value}", year=str(year), value=Decimal(value)
        )
        for year, value in ((2023, 400), (2023, 500), (2024, 300))
    }
    library = {one.factor_id: one, **others}
    for year, wanted in ((2022, one.factor_id), (2023, "ifi2023.om.Morocco 500")):
        assert chosen(library, region="Morocco", year=year, margin="om") == wanted
    assert chosen(library, region="Morocco", year=2030, margin="om") == "ifi2024.om.Morocco 300"


def test_a_programme_names_what_its_choice_gives(factors):
    choice = {"region": "Morocco", "year": 2021, "margin": "om"}
    document = changed("demo-morocco", project__grid_choice=choice)
    with pytest.raises(FactorsUnusable, match=r"the choice gives ifi2021\.om\.Morocco"):
        build_package(parse_programme(document), factors)
    document["project"]["grid_factor"] = "ifi2021.om.Morocco"
    package = build_package(parse_programme(document), factors)
    assert package.document["programme"]["project"]["grid_choice"] == choice
