"""The words for belts. A colour is never shown without them."""

from django.utils.translation import gettext_lazy as _

from project.foundation.belts import Belt

GRADES = {
    10: _("10th kup"),
    9: _("9th kup"),
    8: _("8th kup"),
    7: _("7th kup"),
    6: _("6th kup"),
    5: _("5th kup"),
    4: _("4th kup"),
    3: _("3rd kup"),
    2: _("2nd kup"),
    1: _("1st kup"),
    0: _("1st dan"),
    -1: _("2nd dan"),
    -2: _("3rd dan"),
    -3: _("4th dan"),
    -4: _("5th dan"),
    -5: _("6th dan"),
    -6: _("7th dan"),
    -7: _("8th dan"),
    -8: _("9th dan"),
}
COLOURS = {
    ("white", None): _("white belt"),
    ("white", "yellow"): _("white belt, yellow tag"),
    ("yellow", None): _("yellow belt"),
    ("yellow", "green"): _("yellow belt, green tag"),
    ("green", None): _("green belt"),
    ("green", "blue"): _("green belt, blue tag"),
    ("blue", None): _("blue belt"),
    ("blue", "red"): _("blue belt, red tag"),
    ("red", None): _("red belt"),
    ("red", "black"): _("red belt, black tag"),
    ("black", None): _("black belt"),
}


def grade(belt: Belt) -> str:
    return str(GRADES[belt.number])


def colours(belt: Belt) -> str:
    return str(COLOURS[belt.colour, belt.tag])
