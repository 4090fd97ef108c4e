"""What kinds of product events there are, and what each may say."""

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,78}[a-z0-9])?$")]
"""The public name of a thing of the school: a technique, a tul, a film. Never of a person or of what one typed."""

_PLAIN = (int, float, bool, types.NoneType)


class UnknownKind(LookupError):
    """No app has registered this kind of event."""


class TooOpen(TypeError):
    """A field's type could hold personal data. Allowed: int, float, bool, None, Slug, Literal words; lists of these."""


class Refused(ValueError):
    """A payload that its kind does not allow. The text names keys and never what they hold."""


_kinds: dict[str, type[BaseModel]] = {}


def register(name: str, *, fields: Mapping[str, Any]) -> None:
    """Allow a kind of event, named noun.verb in the past tense, with these keys and types and no others.

    A field that may be None may be left out. Raises TooOpen, or ValueError when the name has other fields already.
    """
    for key, type_ in fields.items():
        if not _is_closed(type_):
            raise TooOpen(f"{name}: {key}")
    shaped = {key: (type_, None if _may_be_none(type_) else ...) for key, type_ in fields.items()}
    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    shape: type[BaseModel] = create_model(name, __config__=strict, **shaped)  # type: ignore[call-overload]
    if name in _kinds and _said(_kinds[name]) != _said(shape):
        raise ValueError(f"two kinds of events are called {name}")
    _kinds[name] = shape


def checked(name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it is stored, every key in it. Raises UnknownKind or Refused."""
    try:
        shape = _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None
    try:
        return shape.model_validate(dict(payload)).model_dump(mode="json")
    except ValidationError as refused:
        wrong = sorted({f"{each['loc'][0]} ({each['type']})" for each in refused.errors(include_input=False)})
        raise Refused(f"{name}: {', '.join(wrong)}") from None


def _said(shape: type[BaseModel]) -> dict[str, Any]:
    return {key: field.rebuild_annotation() for key, field in shape.model_fields.items()}


def _is_closed(type_: Any) -> bool:
    if type_ is Slug or type_ in _PLAIN or type_ is None:
        return True
    inner = get_args(type_)
    if get_origin(type_) is Literal:
        return all(isinstance(each, str | int | None) for each in inner)
    return get_origin(type_) in (list, Union, types.UnionType) and all(_is_closed(each) for each in inner)


def _may_be_none(type_: Any) -> bool:
    return type_ is None or type_ is types.NoneType or types.NoneType in get_args(type_)
