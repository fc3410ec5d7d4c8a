"""The shipped programmes, joined with the shipped factors."""

from functools import cache

from carbonbank.demo.scenario import programme_file
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.package import MethodologyPackage, build_package
from carbonbank.mrv.programme import parse_programme

MOROCCO = "demo-morocco"


@cache
def package_of(programme: str) -> MethodologyPackage:
    """Return the methodology package of a shipped programme."""
    return build_package(parse_programme(programme_file(f"{programme}.json")), load_factors())
