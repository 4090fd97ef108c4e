"""The cast of the demo and of the tests."""

from dataclasses import dataclass

PASSWORD = "dojang-2026"  # noqa: S105 - known on purpose, refused where DEBUG is off


@dataclass(frozen=True)
class Person:
    name: str
    locale: str
    what: str
    is_staff: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@dojang.example"


CAST = (
    Person("Ada", "pl", "instructor and club owner"),
    Person("Ben", "en", "learner"),
    Person("Cleo", "ko", "stranger"),
    Person("Otto", "en", "operator", is_staff=True),
)
