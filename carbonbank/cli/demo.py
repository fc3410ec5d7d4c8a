"""`carbonbank demo`: the whole way, printed step by step; killed and run again, it goes on."""

import click

from carbonbank.bootstrap.directory import DataDirectory
from carbonbank.bootstrap.keys import open_demo_keys, read_demo_passphrase
from carbonbank.bootstrap.open_bank import open_bank
from carbonbank.cli.printing import json_option, show
from carbonbank.config import Settings
from carbonbank.demo.scenario import load_scenario
from carbonbank.demo.stage import Stage
from carbonbank.demo.story import run


@click.command()
@json_option
def demo(*, as_json: bool) -> None:
    """Run the demonstration over real trips, or find that it is done."""
    settings = Settings()
    directory = DataDirectory(settings.data)
    with open_bank(settings, demo=True) as bank:
        verifier = directory.beside("verifier")
        stage = Stage(
            bank=bank,
            certifier=bank,
            verifier_address=open_demo_keys(directory, "verifier").address("role/verifier"),
            verifier_keystore=verifier / "keystore.json",
            verifier_passphrase=read_demo_passphrase(verifier / "demo-passphrase"),
            scenario=load_scenario(),
            papers=directory.path / "papers",
            say=lambda line: click.echo(line, err=as_json),
        )
        log = run(stage)
    if as_json:
        show(log, as_json=True)
