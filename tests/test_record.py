"""Records behave as the dataclasses they stand in for."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone import record


def _made(module):
    @module.dataclass(frozen=True)
    class Point:
        x: int
        y: int = 2
        tags: list = module.field(default_factory=list)
        secret: str = module.field(default="s", repr=False, compare=False)

    @module.dataclass(frozen=True)
    class Named(Point):
        name: str = ""

    return Point, Named


@given(x=st.integers(), y=st.integers(), tags=st.lists(st.text()), name=st.text())
def test_equality_text_replace_and_asdict_are_those_of_dataclasses(x, y, tags, name):
    """For any values, both forms agree on every operation the project uses."""
    told = []
    for module in (record, dataclasses):
        point, named = _made(module)
        one, two = point(x, y, tags=tags), named(x, y, tags, name=name)
        told.append(
            (
                one == point(x, y, tags, secret="other"),
                one == two,
                module.replace(one, y=5) == point(x, 5, tags),
                module.asdict(two),
                [f.name for f in module.fields(named)],
                repr(two).rsplit(".", 1)[-1],
            )
        )
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "arguments", [((), {}), ((1, 2, [], "s", "n", 6), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_wrong_arguments_are_refused_by_both(arguments):
    """Missing, surplus, repeated and unknown arguments are a TypeError."""
    for module in (record, dataclasses):
        with pytest.raises(TypeError):
            _made(module)[1](*arguments[0], **arguments[1])


def test_a_frozen_record_cannot_change():
    """Neither a field nor a new attribute can be set or deleted."""
    point = _made(record)[0](1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError):
        del point.x


def test_hashes_go_by_value():
    """Equal records have equal hashes, so that they can be members of sets."""

    @record.dataclass(frozen=True)
    class Pair:
        a: str
        b: tuple = ()

    assert len({Pair("x"), Pair("x"), Pair("y")}) == 2


def test_factories_are_called_for_each_record():
    """Two records never share a mutable default."""
    point = _made(record)[0]
    assert point(1).tags is not point(1).tags


def test_no_module_defines_a_dataclass_of_the_standard_library():
    """Start-up stays short: importing the whole path compiles no generated class."""
    code = (
        "import dataclasses as d; made=[]; old=d._process_class\n"
        "d._process_class=lambda cls,*a,**k:(made.append(cls.__module__), old(cls,*a,**k))[1]\n"
        "import dpone.decisions.decide, dpone.ops.session\n"
        "print([m for m in made if m.startswith('dpone')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
