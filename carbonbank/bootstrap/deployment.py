"""Which chain and contracts a bank works with, kept beside it once they are there."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from carbonbank.chain.deploy import Roles
from carbonbank.domain.chain_facts import ChainIdentity
from carbonbank.domain.hashing import canonical_json
from carbonbank.errors import DeploymentUnreadable

FORMAT = "carbonbank.deployment/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The contracts' addresses and who was given which role."""

    identity: ChainIdentity
    roles: Roles


def read_deployment(path: Path) -> Deployment | None:
    """Return what was deployed, or None before that.

    Raises:
        DeploymentUnreadable: the file is damaged.
    """
    try:
        told = json.loads(path.read_bytes())
        # Text, as a chain id may be larger than JSON's integers.
        identity = told["identity"] | {"chain_id": int(told["identity"]["chain_id"])}
        return Deployment(identity=ChainIdentity(**identity), roles=Roles(**told["roles"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DeploymentUnreadable(path=str(path), reason=repr(error)) from error


def write_deployment(path: Path, deployment: Deployment) -> None:
    """Keep what was deployed, whole or not at all."""
    identity = asdict(deployment.identity)
    told = {
        "format": FORMAT,
        "identity": identity | {"chain_id": str(deployment.identity.chain_id)},
        "roles": asdict(deployment.roles),
    }
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(canonical_json(told))
    draft.replace(path)
