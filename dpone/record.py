"""Frozen records that cost nothing to define.

`dataclasses` writes and compiles source text for every class, 0.5 to 2 ms each; a gate defines about
eighty before it reads its first file. These behave the same for what this project uses, are checked
as dataclasses by the type checker, and are made of shared functions instead (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import asdict, dataclass, field, fields, replace

__all__ = ["asdict", "dataclass", "field", "fields", "replace"]

T = TypeVar("T")
_MISSING: Any = object()


class _Field:
    """One field of a record: its name, its default or the factory of it, and where it counts."""

    __slots__ = ("compared", "default", "factory", "name", "shown")

    def __init__(
        self, default: Any, factory: Callable[[], Any] | None = None, shown: bool = True, compared: bool = True
    ) -> None:
        self.name = ""
        self.default, self.factory, self.shown, self.compared = default, factory, shown, compared


if not TYPE_CHECKING:

    def field(
        *,
        default: Any = _MISSING,
        default_factory: Any = None,
        repr: bool = True,  # noqa: A002 - the name dataclasses gives it
        compare: bool = True,
    ) -> Any:
        """A field's default: a value, or a factory called for each record; `repr` False hides it from
        the text of a record, `compare` False from equality."""
        return _Field(default, default_factory, repr, compare)

    def dataclass(cls: Any = None, *, frozen: bool = False, order: bool = False) -> Any:
        """Make a class a record: positional and named arguments, equality by value; a frozen one cannot
        change and has a hash."""
        return (lambda made: _record(made, frozen, order)) if cls is None else _record(cls, frozen, order)

    def fields(record: Any) -> tuple[_Field, ...]:
        """The fields of a record or record class, in order; each has a `name`."""
        return tuple(record.__record_fields__.values())

    def replace(record: T, **changes: Any) -> T:
        """A copy of a record with some fields changed."""
        return type(record)(**{**{name: getattr(record, name) for name in record.__record_fields__}, **changes})

    def asdict(record: Any) -> dict[str, Any]:
        """The fields of a record as a dictionary; records inside become dictionaries too."""
        return {name: _plain(getattr(record, name)) for name in record.__record_fields__}


def _plain(value: Any) -> Any:
    if hasattr(type(value), "__record_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__record_fields__}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _record(cls: Any, frozen: bool, order: bool) -> Any:
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__):
        for name in getattr(base, "__annotations__", {}):
            given = base.__dict__.get(name, _MISSING)
            known = base.__dict__.get("__record_fields__", {}).get(name)
            made = given if isinstance(given, _Field) else known or _Field(given)
            made.name = name
            fields[name] = made
            if isinstance(given, _Field):
                _publish_default(cls, name, given)
    cls.__record_fields__ = fields
    cls.__init__ = _init
    if frozen:
        cls.__setattr__ = _frozen
        cls.__delattr__ = _frozen
    if "__repr__" not in cls.__dict__:
        cls.__repr__ = _repr
    if "__eq__" not in cls.__dict__:
        cls.__eq__ = _eq
        cls.__hash__ = _hash if frozen else None
    if order:
        cls.__lt__, cls.__le__ = _lt, _le
    return cls


def _publish_default(cls: Any, name: str, given: _Field) -> None:
    if given.default is _MISSING:
        delattr(cls, name)
    else:
        setattr(cls, name, given.default)


def _init(self: Any, *args: Any, **named: Any) -> None:
    fields = type(self).__record_fields__
    values = self.__dict__
    if len(args) == len(fields) and not named:
        values.update(zip(fields, args, strict=True))
        args = ()
    if len(args) > len(fields):
        raise TypeError(f"{type(self).__name__} takes {len(fields)} values, got {len(args)}")
    for name, value in zip(fields, args, strict=False):
        if name in named:
            raise TypeError(f"{type(self).__name__} got {name} twice")
        values[name] = value
    for name, value in named.items():
        if name not in fields:
            raise TypeError(f"{type(self).__name__} has no field {name}")
        values[name] = value
    if len(values) < len(fields):
        for name, made in fields.items():
            if name in values:
                continue
            if made.factory is not None:
                values[name] = made.factory()
            elif made.default is not _MISSING:
                values[name] = made.default
            else:
                raise TypeError(f"{type(self).__name__} needs {name}")
    after = getattr(self, "__post_init__", None)
    if after is not None:
        after()


def _frozen(self: Any, name: str, *_: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot change")


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name, made in self.__record_fields__.items() if made.compared)


def _eq(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash((type(self), _values(self)))


def _lt(self: Any, other: Any) -> Any:
    return _values(self) < _values(other) if type(other) is type(self) else NotImplemented


def _le(self: Any, other: Any) -> Any:
    return _values(self) <= _values(other) if type(other) is type(self) else NotImplemented


def _repr(self: Any) -> str:
    shown = (f"{n}={getattr(self, n)!r}" for n, made in self.__record_fields__.items() if made.shown)
    return f"{type(self).__name__}({', '.join(shown)})"
