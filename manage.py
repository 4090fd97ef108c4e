#!/usr/bin/env python
"""The door for commands. Where no DATABASE_URL is given it brings the embedded services along."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from django.core.management import execute_from_command_line

    from project import embedded

    # `up` owns the services for as long as it runs; every other command borrows them.
    if len(sys.argv) < 2 or sys.argv[1] in {"up", "help", "--help", "--version", *embedded.COMMANDS_WITHOUT_DATA}:
        execute_from_command_line(sys.argv)
        return
    from django.conf import settings

    with embedded.borrowed(settings.VAR_DIR):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
