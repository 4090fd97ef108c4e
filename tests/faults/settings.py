"""The settings of the hall, and jobs that misbehave."""

from project.settings import *  # noqa: F403 (all of them, and one more app)

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]  # noqa: F405
