"""The one reader of environment variables.

Every variable is declared where settings.py reads it, with a sentence that says what it is for; the
same declarations make `.env.example` (`manage.py env_example`), so the two cannot drift apart.
"""

import os
from dataclasses import dataclass
from typing import Any

from environs import Env, EnvError


class Misconfigured(SystemExit):
    """A variable is missing or malformed. Ends the start with one sentence, not a traceback."""


@dataclass(frozen=True)
class Declaration:
    name: str
    help: str
    example: str
    section: str


class Environment:
    """Reads typed values and remembers what was asked for. An empty variable counts as one that is not set."""

    def __init__(self, dotenv: str) -> None:
        self._env = Env()
        if os.environ.get("APP_ENV") != "test":  # tests are the same on every machine
            self._env.read_env(dotenv, recurse=False)
        self._section = ""
        self.declarations: list[Declaration] = []

    def section(self, title: str) -> None:
        self._section = title

    def __call__(self, kind: str, name: str, default: Any = ..., *, help: str, example: str = "") -> Any:
        """Read `name` as `kind`: a parser of environs such as str, bool, int, list, dj_db_url.

        `default` left out means that there is no start without the variable. `example` is shown in
        `.env.example` where the default would say too little. Raises Misconfigured.
        """
        shown = example or ("" if default in (..., None) else _as_written(default))
        self.declarations.append(Declaration(name, help, shown, self._section))
        if not os.environ.get(name):
            os.environ.pop(name, None)  # compose passes an empty value on for what nobody has set
        try:
            value = getattr(self._env, kind)(name) if default is ... else getattr(self._env, kind)(name, default)
            if kind == "dj_email_url" and "EMAIL_BACKEND" not in value:  # a scheme that its parser let pass
                raise EnvError
        except EnvError as error:
            raise Misconfigured(f"{name}: {_reason(error)} {help}") from None
        return value

    def example(self) -> str:
        """The text of `.env.example`."""
        lines = [
            "# Every setting of Dojang. Nothing here is needed for `make run` and `make test`.",
            "# Written by `manage.py env_example`; edit the declarations in project/settings.py instead.",
        ]
        section = None
        for declaration in self.declarations:
            if declaration.section != section:
                section = declaration.section
                lines += ["", f"# --- {section} ---"]
            lines += ["", f"# {declaration.help}", f"# {declaration.name}={declaration.example}".rstrip()]
        return "\n".join(lines) + "\n"


def _as_written(default: Any) -> str:
    match default:
        case bool():
            return str(default).lower()
        case list():
            return ",".join(default)
        case _:
            return str(default)


def _reason(error: EnvError) -> str:
    if "not set" in str(error):
        return "is not set."
    return "has a value that cannot be read."
