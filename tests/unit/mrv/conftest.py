"""Factors and packages, read once."""

import pytest
from programmes_made import changed

from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.package import build_package
from carbonbank.mrv.programme import parse_programme


@pytest.fixture(scope="session")
def factors():
    return load_factors()


@pytest.fixture(scope="session")
def package_of(factors):
    """Build a package from a demo's document, changed by `part__part__name` paths."""
    return lambda name, **changes: build_package(parse_programme(changed(name, **changes)), factors)
