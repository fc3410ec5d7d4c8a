"""The shipped programmes, joined with the shipped factors."""

from functools import cache

from carbonbank.demo.scenario import programme_file
from carbonbank.errors import NotFound
from carbonbank.intake.factor_library import load_factors
from carbonbank.mrv.package import MethodologyPackage, build_package
from carbonbank.mrv.programme import parse_programme

MOROCCO = "demo-morocco"


@cache
def package_of(programme: str) -> MethodologyPackage:
    """Return the methodology package of a shipped programme.

    Raises:
        NotFound: no such programme is shipped.
    """
    try:
        content = programme_file(f"{programme}.json")
    except FileNotFoundError as error:
        raise NotFound(kind="programme", key=programme) from error
    return build_package(parse_programme(content), load_factors())
