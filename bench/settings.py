"""The hall's own settings, with one more address: the baseline that our API is measured against."""

from project.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
THROTTLES = dict.fromkeys(THROTTLES, 0)  # noqa: F405
