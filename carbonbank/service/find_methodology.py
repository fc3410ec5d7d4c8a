"""Find a methodology package among the bank's programmes, by handle or by its hash."""

from carbonbank.domain.records import Programme
from carbonbank.errors import NotFound, PrefixAmbiguous
from carbonbank.mrv.package import MethodologyPackage, parse_package
from carbonbank.service.bank import Bank

PREFIX_MIN = 6  # hex digits


def find_methodology(bank: Bank, name: str) -> MethodologyPackage:
    """Return a package by its programme's handle, or by leading digits of its SHA-256.

    Raises:
        NotFound: no programme of the bank has it.
        PrefixAmbiguous: more than one hash begins so.
    """
    plain = name.lower().removeprefix("0x")
    with bank.store.read() as session:
        programmes = session.find(Programme)
    named = [one for one in programmes if one.handle == name]
    if not named and len(plain) >= PREFIX_MIN:
        named = [one for one in programmes if one.methodology_id.startswith(plain)]
    packages = {one.methodology_id: one.package for one in named}
    if not packages:
        raise NotFound(kind="methodology", key=name)
    if len(packages) > 1:
        raise PrefixAmbiguous(prefix=name, found=len(packages))
    return parse_package(packages.popitem()[1].encode())
