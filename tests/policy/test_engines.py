"""One contract for every engine: the same values, and every way to fail is a fault, never a value.

OPA's engines are here where OPA is (`make opa`); the summary of every run says whether it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from opa import opa_path, opa_server

from dpone.policy.engines import canary
from dpone.policy.engines.choice import EngineChoice, start_engine
from dpone.policy.engines.interface import Engine, EngineFault
from dpone.policy.engines.opa_engine import OpaEngine
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.layers import load_builtin

OPA = opa_path()
ENGINES = ["regopy", *(("opa", "opa-server") if OPA else ())]
HEAD = "package t\n\nimport rego.v1\n\n"
Start = Callable[[float], Engine]


@pytest.fixture(scope="module", params=ENGINES)
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts an engine of one kind with a deadline in seconds."""
    with ExitStack() as stack:
        url = stack.enter_context(opa_server(OPA)) if request.param == "opa-server" else ""
        yield lambda seconds: start_engine(EngineChoice(request.param, OPA, "", url), seconds)


@pytest.fixture(scope="module")
def engine(start: Start) -> Iterator[Engine]:
    """One engine for all tests that do not break it."""
    running = start(30.0)
    yield running
    running.close()


def ask(
    engine: Engine, text: str, given: object = None, data: Any = None, entrypoints=("t/p",)
) -> dict[str, Any]:
    """Load one module and evaluate it."""
    engine.load({"t.rego": HEAD + text}, data or {}, entrypoints)
    return engine.evaluate(json.dumps({} if given is None else given, ensure_ascii=False))


def fault_of(engine: Engine, text: str, given: object = None, data: Any = None) -> str:
    """The fault a module ends in."""
    with pytest.raises(EngineFault) as caught:
        ask(engine, text, given, data)
    assert caught.value.exit_status == 3
    return caught.value.fault


def test_values_come_back_by_entry_point_and_undefined_is_absent(engine: Engine) -> None:
    """Every entry point with a value is in the answer, false and empty ones too; undefined ones are not."""
    text = "a := false\nb contains 1 if 1 == 2\nc if 1 == 2\nd := input.x\ne := null"
    found = ask(engine, text, {"x": [1]}, entrypoints=("t/a", "t/b", "t/c", "t/d", "t/e", "t/none", "other"))
    assert found == {"t/a": False, "t/b": [], "t/d": [1], "t/e": None}


def test_a_package_is_an_entry_point_too(engine: Engine) -> None:
    """A package gives an object of its rules."""
    assert ask(engine, "a := 1\nb contains 2", entrypoints=("t",)) == {"t": {"a": 1, "b": [2]}}


def test_some_of_the_entry_points_may_be_asked(engine: Engine) -> None:
    """Only what is asked is answered."""
    engine.load({"t.rego": HEAD + "a := 1\nb := input.x\nc := 3"}, {}, ["t/a", "t/b", "t/c"])
    assert engine.evaluate('{"x": 2}', ["t/b", "t/c"]) == {"t/b": 2, "t/c": 3}


def test_inputs_and_layers_do_not_leak_into_each_other(engine: Engine) -> None:
    """An input is gone with its answer, a layer with the next load."""
    engine.load({"t.rego": HEAD + "p := input.x"}, {"a": 1}, ["t/p"])
    assert [engine.evaluate(json.dumps({"x": n}))["t/p"] for n in range(3)] == [0, 1, 2]
    assert engine.evaluate("{}") == {}
    assert ask(engine, "q := 1\np := data.a", entrypoints=("t/p", "t/q")) == {"t/q": 1}


def test_the_configuration_is_the_data_document(engine: Engine) -> None:
    """Rules read `data.dpone.config`, with fractions and letters as they were."""
    data = {"dpone": {"config": {"limit": 0.005, "name": 'a"b\\c\né'}}}
    assert ask(engine, "p := data.dpone.config", data=data) == {"t/p": data["dpone"]["config"]}


def test_modules_find_each_other_across_packages(engine: Engine) -> None:
    """Imports, whole references and functions of another package work, in whatever order the files come."""
    modules = {
        "a.rego": f"{HEAD}import data.lib.words\n\np := [words.double(n) | some n in data.numbers]\n\nq := helper\n",
        "b.rego": f"{HEAD}helper := data.lib.words.data_of(input)\n",
        "z.rego": "package lib.words\n\nimport rego.v1\n\ndouble(n) := n * 2\n\ndata_of(x) := x.data\n",
    }
    engine.load(modules, {"numbers": [1, 2]}, ["t/p", "t/q"])
    assert engine.evaluate('{"data": "data.lib"}') == {"t/p": [2, 4], "t/q": "data.lib"}


def test_it_says_what_it_is(engine: Engine) -> None:
    """Name, version, canary and what vouches for it go into every decision."""
    assert engine.name in ENGINES
    assert engine.version.split(".")[0].isdigit()
    assert engine.canary == canary.digest()
    assert engine.trust == {"regopy": "embedded", "opa": "local", "opa-server": "read_back"}[engine.name]
    assert (len(engine.sha256) == 64) == (engine.name == "opa")


LOADS = {
    "syntax": "p if {",
    "a rule that does not end": "p := [1,",
    "two packages": "p := 1\n\npackage u",
}


@pytest.mark.parametrize("name", LOADS)
def test_modules_that_do_not_build_are_a_load_fault(engine: Engine, name: str) -> None:
    """The fault comes with the evaluation that needs the layer, and the engine takes another layer after."""
    assert fault_of(engine, LOADS[name]) == "load"
    with pytest.raises(EngineFault) as caught:
        engine.wait()
    assert caught.value.fault == "load"
    assert ask(engine, "p := 1") == {"t/p": 1}


def test_a_load_fault_is_seen_without_asking(engine: Engine) -> None:
    """`wait` builds what was loaded."""
    engine.load({"t.rego": HEAD + "p if {"}, {}, ["t/p"])
    with pytest.raises(EngineFault) as caught:
        engine.wait()
    assert caught.value.fault == "load"


def test_an_unknown_function_is_a_fault(engine: Engine) -> None:
    """It is no value, and not undefined: `not` of it must not be true."""
    assert fault_of(engine, "p if not nothing(1)") in ("load", "malformed", "evaluation")


def test_a_failing_builtin_is_an_evaluation_fault(engine: Engine) -> None:
    """It is not undefined, so `not` of it cannot be true."""
    assert fault_of(engine, "p if not q\nq if to_number(input.n) > 1", {"n": "x"}) == "evaluation"


def test_a_conflict_is_an_evaluation_fault(engine: Engine) -> None:
    """Two values for one rule are no answer."""
    assert fault_of(engine, "p := 1 if input.a\np := 2 if input.a", {"a": True}) == "evaluation"


def test_a_fault_reads_the_same_twice(engine: Engine) -> None:
    """Faults are kept with the decision, and a replay compares them."""
    said = []
    for _ in range(2):
        with pytest.raises(EngineFault) as caught:
            ask(engine, "p := 1 if input.a\np := 2 if input.a", {"a": True})
        said.append(caught.value.message)
    assert said[0] == said[1]


def test_input_that_is_not_json_is_a_fault(engine: Engine) -> None:
    """Neither Rego's own terms nor YAML get a chance."""
    engine.load({"t.rego": HEAD + "p := input"}, {}, ["t/p"])
    for text in ("{1, 2}", "data.dpone", "", "[1, 2", '{"a": 1} {"b": 2}', "a: 1", "NaN"):
        with pytest.raises(EngineFault) as caught:
            engine.evaluate(text)
        assert caught.value.fault in ("evaluation", "malformed"), text


def test_a_layer_in_parts_answers_as_a_whole(engine: Engine) -> None:
    """Parts share modules and data; each entry point is asked where it is."""
    shared = {"s.rego": "package s\n\nimport rego.v1\n\none := data.n\n"}
    part = "package {0}\n\nimport rego.v1\n\np := data.s.one + {1}\n"
    engine.load({**shared, "a.rego": part.format("a", 1)}, {"n": 1}, ("a/p",))
    engine.add({**shared, "b.rego": part.format("b", 2)}, {"n": 1}, ("b/p",))
    assert engine.evaluate("{}") == {"a/p": 2, "b/p": 3}
    assert engine.evaluate("{}", ["b/p"]) == {"b/p": 3}
    assert ask(engine, "p := 1") == {"t/p": 1}


def test_a_part_that_is_not_wanted_again_is_not_asked(engine: Engine) -> None:
    """What was sent ahead stays where it is when the same is loaded again; what is left out then is gone."""
    part = "package {0}\n\nimport rego.v1\n\np := 1\n"
    sent = {name: {f"{name}.rego": part.format(name)} for name in ("a", "b", "c")}
    for wanted in (("a", "b", "c"), ("a", "c", "b"), ("a", "c"), ("a",), ("a", "b")):
        engine.load(sent["a"], {}, ("a/p",))
        for name in wanted[1:]:
            engine.add(sent[name], {}, (f"{name}/p",))
        assert engine.evaluate("{}") == {f"{name}/p": 1 for name in wanted}


def test_a_name_given_first_means_the_same_under_not(engine: Engine) -> None:
    """What the lint asks for: where the value is missing nothing holds, and of a path alone `not` holds."""
    named = "f(x) if x == 1\n\np if {\n\tx := input.a\n\tnot f(x)\n}\n"
    assert ask(engine, named) == {}
    assert ask(engine, named, {"a": 2}) == {"t/p": True}
    assert ask(engine, "p if not input.a") == {"t/p": True}


def test_before_a_layer_is_loaded_there_is_no_answer(start: Start) -> None:
    """Nothing loaded is nothing evaluated; the canary's own rules are not left behind to be asked."""
    engine = start(30.0)
    try:
        with pytest.raises(EngineFault):
            engine.evaluate("{}", ["t/p"])
    finally:
        engine.close()


SLOW = "p := count([1 | some a in input.items; some b in input.items; some c in input.items; a + b + c < 0])"


def test_an_endless_evaluation_meets_its_deadline_and_the_engine_stays_unusable(start: Start) -> None:
    """After the deadline there is no answer, not to this question and not to the next."""
    engine = start(3.0)
    try:
        engine.wait()
        assert fault_of(engine, SLOW, {"items": list(range(3000))}) == "deadline"
        with pytest.raises(EngineFault) as caught:
            ask(engine, "p := 1")
        assert caught.value.fault == "deadline"
    finally:
        engine.close()


def test_a_closed_engine_answers_nothing(start: Start) -> None:
    """Closing twice is fine, asking afterwards is a fault."""
    engine = start(30.0)
    engine.close()
    engine.close()
    with pytest.raises(EngineFault):
        engine.evaluate("{}")
    with pytest.raises(EngineFault):
        engine.load({}, {}, [])


def test_the_shipped_rules_build(engine: Engine) -> None:
    """The rules of a whole gate, with those on kinds."""
    layer = load_builtin("release-gate", ["junit", "dbt", "sarif", "in-toto"])
    engine.load(layer.modules, {"dpone": {"config": {}}}, layer.entrypoints)
    engine.wait()


EATER = "p := [[a, b, c] | some a in input.items; some b in input.items; some c in input.items]"
BOUNDED = [RegopyEngine, *((OpaEngine,) if OPA else ())]


@pytest.mark.parametrize("kind", BOUNDED)
def test_a_memory_eater_is_ended(kind: type) -> None:
    """Resident memory above the limit is `memory`, not a dead machine. A server has its own limits."""
    given = {
        "deadline_seconds": 60,
        "memory_limit": 120_000_000,
        **({"binary": OPA} if kind is OpaEngine else {}),
    }
    engine = kind(**given)
    try:
        assert fault_of(engine, EATER, {"items": list(range(1000))}) == "memory"
    finally:
        engine.close()
