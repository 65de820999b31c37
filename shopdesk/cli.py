"""`flask shopdesk …`: the command line."""

from flask.cli import AppGroup

commands = AppGroup("shopdesk", help="The after-sales desk.")
