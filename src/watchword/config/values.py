"""Allowed values of settings, and their conversion from text."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from watchword.domain.operational_errors import SettingsInvalid
from watchword.i18n import N_, _

INTERFACE: Final = "interface"
"""Key in the metadata of a setting that is a listen address; its value is the interface's title."""
FOR_PROXIES: Final = "for proxies"
"""Key in the metadata of a listen address: only trusted proxies connect there."""
_KINDS: Final = {str: N_("text"), int: N_("number"), bool: N_("true or false"), Path: N_("folder")}
_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def allowed(type_: Any) -> str:
    """Describe the allowed values of a setting for people, with bounds or choices."""
    kind, meta = get_args(type_)
    if kind not in _KINDS:
        return _(" or ").join(f'"{choice}"' for choice in get_args(kind))
    if meta.title is not None:
        return _(meta.title)
    if meta.ge is not None:
        return _("number, %(least)s to %(most)s", least=meta.ge, most=meta.le)
    return _(_KINDS[kind])


def interface_of(type_: Any) -> str:
    """Return the title of the interface whose listen address a setting is; empty for others."""
    meta = get_args(type_)[1]
    return str((meta.extra or {}).get(INTERFACE, ""))


def is_for_proxies(type_: Any) -> bool:
    """Return whether only trusted proxies connect to the listen address in a setting."""
    _, meta = get_args(type_)
    return bool((meta.extra or {}).get(FOR_PROXIES))


def is_unset(field: msgspec.structs.FieldInfo, text: str) -> bool:
    """Return whether a variable counts as not set: it is empty and the setting may not be."""
    return not text.strip() and field.default != ""


def converted(type_: Any, value: Any, where: str) -> Any:
    """Return the value of a setting. Raises SettingsInvalid, which names the allowed values.

    Numbers and booleans may be text, as in the environment and in flags. Text in upper case and
    words such as "yes" are accepted.
    """
    kind = get_args(type_)[0]
    if isinstance(value, str) and kind not in {str, Path}:
        value = value.strip().lower()
        value = _WORDS.get(value, value) if kind is bool else value
    is_strict = not isinstance(value, str)
    try:
        return msgspec.convert(value, type_, strict=is_strict, dec_hook=_hooked)
    except msgspec.ValidationError:
        raise SettingsInvalid(where=where, problem="not-allowed", allowed=allowed(type_)) from None


def _hooked(type_: type[Any], value: Any) -> Any:
    return type_(value)
