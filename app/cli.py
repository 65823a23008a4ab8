"""Commands that call the services the doors call."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, with_appcontext

from app import serving
from app.accounts.commands import staff
from app.backups.commands import backup
from app.clock import now
from app.config import ConfigError
from app.demo import service as demo_service
from app.errors import AppError


class Migrations(AppGroup):
    """Flask-Migrate's commands, loaded with Alembic when one of them is asked for: web processes have this file too."""

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        """What is run is the group itself."""
        return _migrations().make_context(info_name, args, parent, **extra)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """One of them."""
        return _migrations().get_command(ctx, name)


def _migrations() -> click.Group:
    from flask_migrate.cli import db  # noqa: PLC0415  see above

    group: click.Group = db
    return group


demo = AppGroup("demo", help="The network as it is, with invented people.")
network = AppGroup("network", help="The networks that workshops belong to.")


def init_app(app: Flask) -> None:
    """Adds the commands to `flask --app wsgi`."""
    app.cli.add_command(backup)
    app.cli.add_command(Migrations("db", help="Perform database migrations."))
    app.cli.add_command(demo)
    app.cli.add_command(network)
    app.cli.add_command(staff)
    app.cli.add_command(prepare)
    app.cli.add_command(serve)


@demo.command("load")
def load() -> None:
    """Loads the demo data; loading it twice changes nothing. Not in production: its password is public."""
    if current_app.config["CONFIG"].production:
        message = "The demo's password is public: it is not loaded into a database for production (APP_ENV)."
        raise click.ClickException(message)
    try:
        made = demo_service.load(now=now())
    except AppError as error:
        raise click.ClickException(error.message) from error
    click.echo("Loaded the demo." if made else "The demo is loaded already.")


@demo.command("logins")
def logins() -> None:
    """Prints whom to try the demo as."""
    for row in demo_service.log_ins():
        click.echo(f"{row['address']:<42} {row['password']}   {row['is']}")


@network.command("load")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of its period; else 2026-12-31.")
def load_network(until: datetime | None) -> None:
    """ICLD's Network for Gender Equality with its municipalities and regions, for a real installation: no people, no workshops."""
    made = demo_service.load_network(now=now(), until=until.date() if until else None)
    click.echo("Loaded the network." if made else "The network is there already.")


@click.command("prepare")
@with_appcontext
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo data too.")
def prepare(*, with_demo: bool) -> None:
    """Migrates, loads the demo if asked, and prints the demo's log-ins as JSON on the last line: what run.py calls."""
    from flask_migrate import upgrade  # noqa: PLC0415  web processes load this file too, and migrate nothing

    upgrade()
    if with_demo:
        demo_service.load(now=now())
    else:
        try:
            demo_service.refuse_stray(current_app, real=True)
        except ConfigError as error:
            message = f"It cannot start like this: {error}"
            raise click.ClickException(message) from error
    click.echo(json.dumps(demo_service.log_ins() if with_demo else []))


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes; each as good as a core.")
@click.option("--threads", default=serving.THREADS, show_default=True, help="Of each process.")
@click.pass_obj
def serve(script: ScriptInfo, host: str, port: int, workers: int, threads: int) -> None:
    """Runs the web processes, which share their memory, until SIGTERM."""
    serving.serve(script.load_app(), host, port, workers=workers, threads=threads)
