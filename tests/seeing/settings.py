"""The settings of the hall, with pages and jobs that do what is to be seen."""

from project.settings import *  # noqa: F403 (all of them, and one more app)

INSTALLED_APPS = [*INSTALLED_APPS, "tests.seeing"]  # noqa: F405
ROOT_URLCONF = "tests.seeing.urls"
