"""The embedded engine in its process: right values, and every way it can fail is a fault, never a value."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpone.policy.dialect.parser import parse_module
from dpone.policy.engines import bounded, canary, regopy_engine, regopy_worker
from dpone.policy.engines.interface import EngineFault
from dpone.policy.engines.printed import read_value, read_values
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.engines.regopy_worker import memory

HEAD = "package t\n\nimport rego.v1\n\n"


@pytest.fixture(scope="module")
def engine():
    """One engine for all tests that do not break it."""
    with RegopyEngine(deadline_seconds=30) as running:
        yield running


def ask(engine: RegopyEngine, text: str, given: object = None, data: object = None, entrypoints=("t/p",)):
    """Load one module and evaluate it."""
    engine.load({"t.rego": HEAD + text}, data or {}, entrypoints)
    return engine.evaluate(json.dumps({} if given is None else given, ensure_ascii=False))


def fault_of(text: str, **limits) -> EngineFault:
    """The fault a module ends in, in an engine of its own."""
    with RegopyEngine(**limits) as engine, pytest.raises(EngineFault) as caught:
        ask(engine, text, {"items": list(range(3000))})
    return caught.value


LOADS = {
    "syntax": "p if {",
    "unknown keyword use": "p := [k | some k, v in input]",
}


def test_values_come_back_by_entry_point_and_undefined_is_absent(engine) -> None:
    """Every entry point with a value is in the answer, false and empty ones too; undefined ones are not."""
    text = "a := false\nb contains 1 if 1 == 2\nc if 1 == 2\nd := input.x"
    found = ask(engine, text, {"x": [1]}, entrypoints=("t/a", "t/b", "t/c", "t/d", "t/none", "other"))
    assert found == {"t/a": False, "t/b": [], "t/d": [1]}


def test_a_package_is_an_entry_point_too(engine) -> None:
    """A package gives an object of its rules."""
    assert ask(engine, "a := 1\nb contains 2", entrypoints=("t",)) == {"t": {"a": 1, "b": [2]}}


def test_a_worker_answers_many_inputs_and_loads_again(engine) -> None:
    """Inputs do not leak into each other, nor does a layer that was loaded before."""
    engine.load({"t.rego": HEAD + "p := input.x"}, {}, ["t/p"])
    assert [engine.evaluate(json.dumps({"x": n}))["t/p"] for n in range(20)] == list(range(20))
    assert engine.evaluate("{}") == {}
    assert ask(engine, "q := 1", entrypoints=("t/p", "t/q")) == {"t/q": 1}


@pytest.mark.parametrize("n", [1, "x"])
@pytest.mark.parametrize("many", [4, regopy_worker.MOST + 3])
def test_asked_together_or_one_by_one_the_answers_are_the_same(engine, n, many) -> None:
    """The entry points of a package are asked in one query while each has a value; else each for itself."""
    text = (
        "shared := [i | some i in input.items]\na := shared\nb contains 1 if input.n == 1\nc := input.n == 1\n"
    )
    text += "".join(f"d{number} := count(shared) + {number} if input.n == 1\n" for number in range(many))
    names = ["t/a", "t/b", "t/c", *(f"t/d{number}" for number in range(many))]
    other = {"u.rego": "package u\n\na := 7\n\nb := 8\n"}
    given = json.dumps({"items": [1, [2]], "n": n})
    engine.load({"t.rego": HEAD + text, **other}, {}, [*names, "u/a", "t/a", "u/b"])
    whole = engine.evaluate(given)
    single = [engine.evaluate(given, [name]) for name in [*names, "u/a", "u/b"]]
    assert whole == {key: value for found in single for key, value in found.items()}
    assert (whole["t/a"], whole["u/a"], whole["u/b"]) == ([1, [2]], 7, 8)
    assert ("t/d3" in whole) is (n == 1)


def test_entry_points_are_grouped_by_package_and_not_too_many() -> None:
    """In the order in which they were given, none lost and none twice."""
    names = [f"a/b/{n}" for n in range(regopy_worker.MOST + 1)] + ["a/c/1", "a/c/2", "a/1", "b/1"]
    groups = regopy_worker.grouped(names)
    assert [len(group) for group in groups] == [regopy_worker.MOST, 1, 2, 1, 1]
    assert [name for group in groups for name in group] == names


def test_a_fault_says_which_of_several_entry_points_met_it(engine) -> None:
    """A failing built-in function spoils the common query; the one it stands in is named."""
    with pytest.raises(EngineFault, match="t/b: ") as caught:
        ask(engine, "a := 1\nb := count(input.x)\nc := 3", {"x": 1}, entrypoints=("t/a", "t/b", "t/c"))
    assert caught.value.fault == "evaluation"


def test_a_module_cannot_answer_in_place_of_the_common_query(engine) -> None:
    """Where a module holds the name of the common query, each entry point is asked for itself."""
    name = regopy_worker.TOGETHER
    engine.load(
        {"t.rego": HEAD + "p := 1\nq := 2", "u.rego": f"package {name}\n\n{name} := [7, 8]\n"},
        {},
        ["t/p", "t/q"],
    )
    assert engine.evaluate("{}") == {"t/p": 1, "t/q": 2}


@pytest.mark.parametrize("text", ["undefined", '{"expressions": [[1]]}', '{"expressions": [{"t/p": 1}]}'])
def test_several_entry_points_have_a_value_each_or_it_is_a_fault(text) -> None:
    """One value less than names is no answer to any of them."""
    with pytest.raises(EngineFault) as caught:
        read_values([(["t/p", "t/q"], text)], ())
    assert caught.value.fault == "malformed"


def test_a_part_that_is_added_is_asked_too_and_sees_no_other_part(engine) -> None:
    """Rules of one part do not exist for the others: a function defined in both keeps its own body."""
    engine.load({"a.rego": HEAD + "p := f(1)\nf(x) := x + 1"}, {}, ["t/p"])
    engine.add({"b.rego": HEAD + "q := f(1)\nf(x) := x + 10\nr := data.t.p"}, {"n": 1}, ["t/q", "t/r"])
    assert engine.evaluate("{}") == {"t/p": 2, "t/q": 11}
    assert engine.evaluate("{}", ["t/q"]) == {"t/q": 11}
    assert ask(engine, "p := 1", entrypoints=("t/p", "t/q")) == {"t/p": 1}


def test_answers_are_told_in_any_order(engine) -> None:
    """Each question keeps its own answer or fault, also behind those that were begun after it."""
    engine.load({"t.rego": HEAD + "p := count(input.x)"}, {}, ["t/p"])
    told = [engine.begin(json.dumps({"x": x})) for x in ([], [1], 7, [1, 2, 3])]
    assert told[3]() == {"t/p": 3}
    assert told[0]() == {"t/p": 0}
    with pytest.raises(EngineFault) as caught:
        told[2]()
    assert caught.value.fault == "evaluation"
    assert told[1]() == {"t/p": 1}


def test_what_was_begun_on_a_layer_that_does_not_build_has_no_answer(engine) -> None:
    """Not even from the parts that do; a layer that is loaded later is another matter."""
    engine.load({"t.rego": HEAD + "p := 1"}, {}, ["t/p"])
    engine.add({"u.rego": "package u\n\np if {"}, {}, ["u/p"])
    told = engine.begin("{}")
    engine.load({"t.rego": HEAD + "p := 2"}, {}, ["t/p"])
    assert engine.evaluate("{}") == {"t/p": 2}
    with pytest.raises(EngineFault) as caught:
        told()
    assert caught.value.fault == "load"


@pytest.mark.skipif(not hasattr(os, "uname"), reason="nothing stands in for platform there")
def test_what_stands_in_for_platform_is_gone_afterwards() -> None:
    """The worker imports regopy beside a stand-in for one module of Python's own, and leaves no trace of it."""
    program = (
        "import sys; sys.path += sys.argv[1:]\n"
        "from dpone.policy.engines.regopy_worker import import_regopy\n"
        "assert 'platform' not in sys.modules\n"
        "regopy = import_regopy()\n"
        "assert 'subprocess' not in sys.modules\n"
        "import platform\n"
        "print(regopy.Interpreter().query('1 + 1'), platform.python_version())\n"
    )
    found = importlib.util.find_spec("regopy")
    packages = str(Path(found.origin).parent.parent)
    command = [sys.executable, "-I", "-S", "-c", program, str(regopy_engine.ROOT), packages]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f'{{"expressions":[2]}} {platform.python_version()}\n'


@pytest.mark.parametrize("name", LOADS)
def test_a_part_that_does_not_build_refuses_the_whole(engine, name) -> None:
    """No answer comes from the parts that did build, however often they are loaded again."""
    good = {"t.rego": HEAD + "p := 1"}
    for _ in range(2):
        engine.load(good, {}, ["t/p"])
        engine.add({"t.rego": HEAD + LOADS[name]}, {}, ["t/p"])
        with pytest.raises(EngineFault) as caught:
            engine.evaluate("{}")
        assert caught.value.fault == "load"
    engine.load(good, {}, ["t/p"])
    assert engine.evaluate("{}") == {"t/p": 1}


def test_what_is_loaded_already_is_not_built_again(engine) -> None:
    """Loading the same once more sends nothing; the same with another configuration is another layer."""
    module = {"t.rego": HEAD + "p := data.dpone.config.n"}
    for n in (1, 1, 2):
        engine.load(module, {"dpone": {"config": {"n": n}}}, ["t/p"])
        engine.wait() if n == 2 else None
        assert engine.evaluate("{}") == {"t/p": n}
    engine.load(module, {"dpone": {"config": {"n": 2}}}, ["t/p"])
    assert engine._waiting == []


def test_the_order_of_keys_has_no_meaning(engine) -> None:
    """The worker orders keys for speed; equality, sets and lookups do not see it, nor what comes back."""
    text = """same := input.a == {"aa": 1, "name": 2, "kind": {"zz": 1, "state": 2}}
one := count({input.a, input.b, {"name": 2, "kind": {"state": 2, "zz": 1}, "aa": 1}})
keys := [k | some k; input.a[k]]
p := input"""
    a = {"aa": 1, "kind": {"state": 2, "zz": 1}, "name": 2}
    given = {"a": a, "b": dict(reversed(a.items())), "evidence": [a]}
    found = ask(engine, text, given, entrypoints=("t/same", "t/one", "t/keys", "t/p"))
    assert (found["t/same"], found["t/one"], found["t/p"]) == (True, 1, given)
    assert sorted(found["t/keys"]) == ["aa", "kind", "name"]


def test_the_configuration_is_the_data_document(engine) -> None:
    """Rules read `data.dpone.config`, with fractions as they were."""
    data = {"dpone": {"config": {"limit": 0.005, "name": 'a"b\\c\né'}}}
    found = ask(engine, "p := data.dpone.config", data=data)
    assert found == {"t/p": data["dpone"]["config"]}


def test_it_says_its_version_and_canary(engine) -> None:
    """Name, version and the canary's digest go into every decision."""
    assert (engine.name, engine.version) == ("regopy", "1.5.2")
    assert engine.canary == canary.digest()
    assert len(engine.canary) == 64


def test_the_process_has_no_environment_and_a_neutral_folder(engine, monkeypatch) -> None:
    """Neither variables of the caller nor its folder reach the engine."""
    monkeypatch.setenv("DPONE_SIGNING_KEY", "secret")
    with RegopyEngine() as fresh:
        found = ask(fresh, "p := opa.runtime()")["t/p"]
    assert "secret" not in json.dumps(found)
    kept = {name for name in found["env"] if name not in ("LC_CTYPE", "SYSTEMROOT")}
    assert kept <= {"PWD", "SHLVL", "_"}


def test_nothing_is_imported_into_dpone() -> None:
    """The library never enters dpone's own process."""
    import subprocess

    code = (
        "import sys\nfrom dpone.policy.engines.regopy_engine import RegopyEngine\n"
        "e = RegopyEngine()\ne.load({'t.rego': 'package t\\nimport rego.v1\\np := 1'}, {}, ['t/p'])\n"
        "assert e.evaluate('{}') == {'t/p': 1}\ne.close()\nprint('regopy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", LOADS)
def test_modules_that_do_not_build_are_a_load_fault(engine, name) -> None:
    """The fault comes with the evaluation that needs the layer, and the engine takes another layer after."""
    with pytest.raises(EngineFault) as caught:
        ask(engine, LOADS[name])
    assert caught.value.fault == "load"
    assert caught.value.exit_status == 3
    assert ask(engine, "p := 1") == {"t/p": 1}


def test_data_that_does_not_build_is_a_load_fault(engine) -> None:
    """A number with an exponent does not pass for data; it is not read as another number."""
    with pytest.raises(EngineFault) as caught:
        ask(engine, "p := data.a", data={"a": 1e-7})
    assert caught.value.fault == "load"


def test_a_failing_builtin_is_an_evaluation_fault(engine) -> None:
    """It is not undefined, so `not` of it cannot be true."""
    with pytest.raises(EngineFault) as caught:
        ask(engine, "p if not q\nq if to_number(input.n) > 1", {"n": "x"})
    assert caught.value.fault == "evaluation"


def test_a_conflict_is_an_evaluation_fault(engine) -> None:
    """Two values for one rule are no answer."""
    with pytest.raises(EngineFault) as caught:
        ask(engine, "p := 1 if input.a\np := 2 if input.a", {"a": True})
    assert caught.value.fault == "evaluation"


def test_an_error_node_in_place_of_a_value_is_malformed(engine) -> None:
    """The engine says ok and prints an error: that is no value."""
    with pytest.raises(EngineFault) as caught:
        ask(engine, "p := nothing(1)")
    assert caught.value.fault == "malformed"


def test_evidence_may_speak_of_errors(engine) -> None:
    """A name with the letters of an error node in it is a name."""
    assert ask(engine, "p := input.name", {"name": "test_x[(error]"}) == {"t/p": "test_x[(error]"}


def test_input_that_is_not_json_is_a_fault(engine) -> None:
    """The engine's own term syntax never gets a chance."""
    engine.load({"t.rego": HEAD + "p := input"}, {}, ["t/p"])
    for text in ("{1, 2}", "data.dpone", "", "[1, 2", '{"a": 1} {"b": 2}'):
        with pytest.raises(EngineFault) as caught:
            engine.evaluate(text)
        assert caught.value.fault == "evaluation"


@pytest.mark.skipif(sys.platform == "win32", reason="the process ends by a signal")
def test_a_crash_is_a_fault_and_the_engine_stays_unusable() -> None:
    """A program that ends the process is `crash`; nothing is answered after it."""
    with RegopyEngine() as engine:
        for _ in range(2):
            with pytest.raises(EngineFault) as caught:
                ask(engine, 'r := {"z": 1}\nq := input.z\np := x if { x := q with input as r }')
            assert caught.value.fault == "crash"
            assert caught.value.code == "engine.crash"


def test_an_endless_evaluation_meets_its_deadline() -> None:
    """A loop over large sets is ended after the deadline; the process is gone."""
    slow = "p := count({[a, b] | some a in input.items; some b in input.items})"
    found = fault_of(slow, deadline_seconds=2)
    assert found.fault == "deadline"


def test_a_memory_eater_is_ended() -> None:
    """Resident memory above the limit is `memory`, not a dead machine."""
    eater = "p := count([[a, b, c] | some a in input.items; some b in input.items; some c in input.items])"
    found = fault_of(eater, deadline_seconds=60, memory_limit=120_000_000)
    assert found.fault == "memory"


class Kernel:
    """What Windows answers about the memory of a process."""

    def __init__(self, used: int) -> None:
        self.used, self.closed = used, []
        self.OpenProcess = self.call(lambda _rights, _inherit, process_id: process_id)
        self.GetCurrentProcess = self.call(lambda: -1)
        self.CloseHandle = self.call(self.closed.append)
        self.K32GetProcessMemoryInfo = self.call(self.tell)

    @staticmethod
    def call(answer: Callable[..., Any]) -> Callable[..., Any]:
        """A function that takes attributes, as one of a library does."""
        return partial(answer)

    def tell(self, handle: int, counters: Any, size: int) -> int:
        """Fill the structure, or say that there is nothing."""
        assert (handle, size) in ((7, ctypes.sizeof(counters._obj)), (-1, ctypes.sizeof(counters._obj)))
        counters._obj.working_set = self.used
        return int(self.used > 0)


def test_windows_is_asked_for_the_memory_of_a_process(monkeypatch) -> None:
    """Of another one, which may be gone, and of the worker itself, which does not run unwatched."""
    for used in (123_456_789, 0):
        kernel = Kernel(used)
        monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
        assert bounded.resident_bytes(7, "win32") == used
        assert kernel.closed == [7]
        if used:
            assert memory.resident_bytes("win32") == used
        else:
            with pytest.raises(OSError, match="K32GetProcessMemoryInfo"):
                memory.resident_bytes("win32")
    assert bounded.resident_bytes(0, "win32") == 0


def test_a_closed_engine_answers_nothing() -> None:
    """Closing twice is fine, asking afterwards is a fault."""
    engine = RegopyEngine()
    engine.close()
    engine.close()
    with pytest.raises(EngineFault):
        engine.evaluate("{}")
    with pytest.raises(EngineFault):
        engine.load({}, {}, [])


@pytest.mark.skipif(sys.platform == "win32", reason="/proc or ps is asked")
def test_closing_leaves_no_process_behind() -> None:
    """Whether idle or busy, the process is gone after `close`."""
    engine = RegopyEngine(deadline_seconds=0.3)
    engine.wait() if sys.platform != "darwin" else None
    pid = engine._child._process.pid
    engine.load({"t.rego": HEAD + "p := count({[a, b] | some a in input.i; some b in input.i})"}, {}, ["t/p"])
    with pytest.raises(EngineFault):
        engine.evaluate(json.dumps({"i": list(range(3000))}))
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("name", ["EXPRESSIONS", "RULES"])
def test_an_engine_that_answers_the_canary_wrongly_is_refused(monkeypatch, name) -> None:
    """One different answer ends the engine before it is used."""
    question, answer = getattr(canary, name)[0]
    other = ((question, not answer), *getattr(canary, name)[1:])
    monkeypatch.setattr(canary, name, other)
    with RegopyEngine() as engine, pytest.raises(EngineFault) as caught:
        ask(engine, "p := 1")
    assert caught.value.fault == "canary"
    assert question in caught.value.message


def test_the_canary_is_a_couple_of_dozen_expressions_with_exact_answers() -> None:
    """Enough to notice another engine; true is not 1, a list is not shorter, undefined is not defined."""
    assert len(canary.EXPRESSIONS) + len(canary.RULES) >= 24
    right = {f"dpone/canary/{name}": value for name, value in canary.RULES}
    right["dpone/canary/answers"] = [answer for _, answer in canary.EXPRESSIONS]
    assert canary.wrong_answer(right) == ""
    answers = right["dpone/canary/answers"]
    assert canary.wrong_answer({**right, "dpone/canary/answers": [1, *answers[1:]]}) == "input.nine < 10"
    assert canary.wrong_answer({**right, "dpone/canary/answers": answers[:-1]}) == "answers"
    assert canary.wrong_answer({**right, "dpone/canary/undefined": [False]}) == "undefined"
    assert canary.wrong_answer({**right, "dpone/canary/none_above": ["a"]}) == "none_above"
    assert canary.wrong_answer({}) == "answers"


def test_the_canary_is_written_in_the_dialect() -> None:
    """Its module passes the parser it helps to trust."""
    assert parse_module(canary.MODULE, "canary.rego").package == ("dpone", "canary")


def test_without_regopy_the_fault_says_so(monkeypatch) -> None:
    """A machine without regopy can do everything but evaluate."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EngineFault) as caught:
        RegopyEngine()
    assert caught.value.fault == "load"


def test_a_process_that_speaks_nonsense_is_a_fault(monkeypatch, tmp_path) -> None:
    """Answers that are no JSON, no objects, or cut off are malformed or a crash."""
    for body, fault in ((b"\x00\x00\x00\x02[]", "malformed"), (b"\x00\x00\x00\x02{", "crash"), (b"", "crash")):
        folder = tmp_path / "dpone" / "policy" / "engines"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "regopy_worker.py").write_text(
            f"import sys\nsys.stdout.buffer.write({body!r})\nsys.stdout.flush()\n"
        )
        monkeypatch.setattr(regopy_engine, "ROOT", tmp_path)
        with RegopyEngine() as engine, pytest.raises(EngineFault) as caught:
            engine.wait()
        assert caught.value.fault == fault


PRINTED = {
    "two values": '{"expressions":[1,2]}',
    "no value": '{"expressions":[]}',
    "bindings": '{"expressions":[true], "bindings":{"x":1}}',
    "a list": "[1]",
    "text": "undefined behaviour",
    "an error": '{"expressions":["(error"]}',
}


@pytest.mark.parametrize("name", PRINTED)
def test_what_is_not_one_value_is_malformed(name) -> None:
    """Only the one form of output that means a value is a value."""
    with pytest.raises(EngineFault) as caught:
        read_value("t/p", PRINTED[name], ("no such letters",))
    assert caught.value.fault == "malformed"


def _portable(number: float) -> bool:
    return float(f"{number:.15g}") == number


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e8, 1e8).map(lambda x: round(x, 4)).filter(_portable)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_input_goes_in_and_out_unchanged(engine, value) -> None:
    """What a rule sees of the input is what was given, through the binding's object and through text."""
    engine.load({"t.rego": HEAD + "p := input.v"}, {}, ["t/p"])
    assert engine.evaluate(json.dumps({"v": value}, ensure_ascii=False)) == {"t/p": value}
    # 1e-7 forces the way through text.
    assert engine.evaluate(json.dumps({"v": value, "w": 1e-7}, ensure_ascii=False)) == {"t/p": value}


NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1) | (
    st.floats(-1e9, 1e9).map(lambda x: float(f"{x:.15g}")).filter(lambda x: x == 0 or abs(x) > 1e-300)
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NUMBERS, NUMBERS)
def test_numbers_compare_as_in_python(engine, a, b) -> None:
    """Numbers with at most 15 significant digits compare correctly, and so do those next to each other."""
    text = "less := input.a < input.b\nsame := input.a == input.b\nmore := input.a >= input.b"
    engine.load({"t.rego": HEAD + text}, {}, ["t/less", "t/same", "t/more"])
    for left, right in ((a, b), (a, a), (a, float(f"{a * (1 + 1e-14):.15g}"))):
        found = engine.evaluate(json.dumps({"a": left, "b": right}))
        assert found == {"t/less": left < right, "t/same": left == right, "t/more": left >= right}
