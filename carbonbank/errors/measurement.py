"""Programmes, factors and methods that can not be used as given."""

from carbonbank.errors.base import InputError, RuleError


class FileUnreadable(InputError):
    """A file named on the command line can not be opened."""

    says = "{path} can not be read: {reason}"
    hint = "check the path and its permissions"
    path: str
    reason: str


class ExamplesUnreadable(InputError):
    """A file of worked examples has another shape."""

    says = "no worked examples in a {found}: {reason}"
    hint = "send a JSON list of examples, or an object with the list under `examples`"
    found: str
    reason: str


class ProgrammeInvalid(InputError):
    """A programme file has fields that can not be used; all of them are named at once."""

    says = "programme {programme} has {count} bad fields: {problems}"
    hint = "docs/reference/programme.md lists every field with its unit"
    programme: str
    count: int
    problems: str


class FactorsUnusable(InputError):
    """A programme names factors that do not exist or do not fit; all of them are named at once."""

    says = "programme {programme} names {count} factors that can not be used: {problems}"
    hint = "docs/methodology/factors.md tells which units a role takes"
    programme: str
    count: int
    problems: str


class PackageInvalid(InputError):
    """Bytes that claim to be a methodology package are not one."""

    says = "this is no methodology package: {reason}"
    hint = "take the package from the bank or the audit package, byte for byte"
    reason: str


class FactorTableInvalid(InputError):
    """A shipped factor table breaks its own rules."""

    says = "factor table {table}, row {row}: {reason}"
    hint = "the factor tables are part of the release; restore the file"
    table: str
    row: int
    reason: str


class QuantityTooLarge(InputError):
    """A trip is so large that its nanograms do not fit 64 bits."""

    says = "a trip overflows 64-bit nanograms: {reason}"
    hint = "look for a sentinel or a wrong unit in distance or energy"
    reason: str


class VehicleNotEligible(RuleError):
    """The programme's conditions leave a vehicle out."""

    says = "vehicle {vehicle_id} is not eligible for programme {programme}: {reason}"
    hint = "only vehicles that meet the programme's conditions are credited"
    vehicle_id: str
    programme: str
    reason: str


class EnergyMissing(RuleError):
    """Trips lack the energy that their programme measures with."""

    says = "{count} trips have no {energy_source} energy, the first is {first_record}"
    hint = "quarantine these trips, or run a programme with another energy source"
    count: int
    energy_source: str
    first_record: str


class ChargesNotConverted(RuleError):
    """A conversion reads one file of trips, and the programme measures by charging records."""

    says = "programme {programme} measures by charging records, which a conversion does not read"
    hint = "import trips and charges into the bank and seal there; their energy would be unproven"
    programme: str


class YearBeforeBase(RuleError):
    """A trip is older than the programme's base year."""

    says = "year {year} lies before the base year {base_year} of programme {programme}"
    hint = "declare the base year in which the baseline consumption was measured"
    programme: str
    year: int
    base_year: int


class MethodUnknown(RuleError):
    """A package was made for a method or code version that this release does not carry."""

    says = "method {method} version {version} is not in this release"
    hint = "use the release that made the package"
    method: str
    version: str


class ComplianceYearOther(RuleError):
    """Compliance units are reckoned against the target of one compliance year."""

    says = "programme {programme} is for compliance year {compliance_year}, not for {year}"
    hint = "write a programme for each compliance year, with the target of that year"
    programme: str
    year: int
    compliance_year: int


class MethodNeverIssues(RuleError):
    """A programme of a method that is quantified and shown alone."""

    says = "programme {programme} by {method} is shown and never issued: {reason}"
    hint = "preview its months; credits come from programmes by ams_iii_c_v16"
    programme: str
    method: str
    reason: str


class OutsideCreditingPeriod(RuleError):
    """A month that the programme's crediting period does not cover."""

    says = "month {month} lies outside the crediting period {first_month} to {last_month}"
    hint = "months outside the period are kept and shown, never credited"
    month: str
    first_month: str
    last_month: str


class OtherVersionInForce(RuleError):
    """A month is sealed under the version of its programme that was in force."""

    says = "month {month} is sealed under programme {in_force}, not under {programme}"
    hint = "name the version that is in force for the month"
    programme: str
    month: str
    in_force: str


class SuccessionInvalid(RuleError):
    """A new version of a programme does not follow the one it names."""

    says = "programme {programme} can not replace {replaces}: {reason}"
    hint = "a version follows the newest one of the same fleet and begins after it"
    programme: str
    replaces: str
    reason: str


class AnnualCapReached(RuleError):
    """A small-scale programme is credited with at most 60 kt a calendar year."""

    says = (
        "programme {programme} would have {total_g} g in {year} with this batch, the most are"
        " {cap_g} g"
    )
    hint = "the month stays uncredited; a larger fleet needs a large-scale method"
    programme: str
    year: int
    total_g: int
    cap_g: int


class FleetLargerThanSold(RuleError):
    """More vehicles would be credited than are left of those that were sold."""

    says = "{vehicles} vehicles in {year}, of those sold at most {vehicles_max} are on the road"
    hint = "declare the sales of every year, or count the fleet and leave sales out"
    vehicles: int
    vehicles_max: int
    year: int


class NoFactorFits(InputError):
    """The library has no grid factor that a choice asks for."""

    says = "no {margin} factor of {region} up to {year} is in the library"
    hint = "list what there is with `carbonbank factors list REGION`"
    region: str
    year: int
    margin: str
