"""What a review card can be about, by public names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` is term, technique, step or question, `key` the slug of the word, technique, tul or question.

    `direction` (meaning or korean) says how a word or technique is asked; `step_key` names the movement of a tul.
    """

    kind: str
    key: str
    direction: str = ""
    step_key: str = ""
