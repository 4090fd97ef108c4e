"""What a browser calls itself, in two words that its owner knows. Only for people to read: it can be made up."""

import re
from dataclasses import dataclass

# The first that is found counts: browsers claim to be each other, the truth comes first here.
_PROGRAMS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Vivaldi": "Vivaldi", "YaBrowser": "Yandex",
    "Whale": "Whale", "KAKAOTALK": "KakaoTalk", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome",
    "HeadlessChrome": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
    "okhttp": "Dojang app", "CFNetwork": "Dojang app", "Dart": "Dojang app", "Dojang": "Dojang app",
}  # fmt: skip
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "okhttp": "Android", "CrOS": "Chromebook",
    "Windows": "Windows", "Macintosh": "Mac", "Darwin": "iPhone", "Linux": "Linux",
}  # fmt: skip


@dataclass(frozen=True)
class Spoken:
    """Names of a program and of a system, as their makers write them; empty when nothing is known."""

    program: str
    system: str


def spoken(user_agent: str) -> Spoken:
    return Spoken(program=_first(_PROGRAMS, user_agent), system=_first(_SYSTEMS, user_agent))


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for word, name in names.items() if re.search(rf"\b{word}", user_agent)), "")
