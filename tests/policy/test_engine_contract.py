"""What regopy 1.5.2 really does. These facts are why the dialect is as it is: an upgrade that changes one
makes its test red, and then the dialect, the lint or the worker may change with it.

Every program runs in a process of its own, because some end it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

PROBE = """
import json, sys
from regopy import Input, Interpreter
from regopy.rego_shared import LogLevel
job = json.load(sys.stdin)
engine = Interpreter()
engine.log_level = LogLevel.NONE
engine.strict_built_in_errors = job["strict"]
for name, text in job["modules"]:
    engine.add_module(name, text)
engine.add_data_json(job["data"])
bundle = engine.build(None, job["entrypoints"])
if not bundle.ok():
    print("not ok")
    raise SystemExit
if job["object"]:
    engine.set_input(Input(json.loads(job["input"])))
else:
    engine.set_input_term(job["input"])
for entrypoint in job["entrypoints"]:
    output = engine.query_bundle_entrypoint(bundle, entrypoint)
    print(str(output) if output.ok() else "error")
"""
HEAD = "package t\n\nimport rego.v1\n\n"


@dataclass(frozen=True)
class Ran:
    """How the process ended and what it printed, one line per entry point."""

    status: int
    lines: tuple[str, ...]
    stderr: str

    @property
    def value(self):
        """The only value printed."""
        (line,) = self.lines
        return json.loads(line)["expressions"][0]


def run(text, *, data="{}", given="{}", entrypoints=("t/p",), strict=True, as_object=False, more=()) -> Ran:
    """Run a module with the head of package x in a fresh process."""
    job = {
        "modules": [["x.rego", HEAD + text], *more],
        "data": data,
        "input": given,
        "entrypoints": entrypoints,
        "strict": strict,
        "object": as_object,
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, tuple(done.stdout.splitlines()), done.stderr)


def test_the_version_these_facts_were_seen_on() -> None:
    """Everything below was seen on 1.5.2, the version dpone pins."""
    code = "import regopy; print(regopy.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "1.5.2"


WRONG = {
    "max compares as text": ("p := max([9, 10])", 9),
    "sort sorts as text": ("p := sort([10, 9, 2, 100])", [10, 100, 2, 9]),
    "semver is wrong from two digits on": ('p := semver.compare("1.10.0", "1.9.0")', -1),
    "upper leaves letters beyond ASCII": ('p := upper("é")', "é"),
    "count of a text counts its escapes": ('p := count("a\\nb")', 4),
    "null is larger than a number": ("p := null > 300", True),
    "a number is larger than a text": ('p := "250" > 300', False),
    "an escaped slash keeps its escape": ('p := "a\\/b" == "a/b"', False),
    "a missing name makes a condition undefined": ("p := [1 | x == 1]", []),
}


@pytest.mark.parametrize("name", WRONG)
def test_values_that_differ_from_opa(name: str) -> None:
    """These programs give a value that OPA does not give, and no error: the lint refuses them."""
    text, value = WRONG[name]
    assert run(text).value == value


ENDS = {
    "a rule as the value of with": 'r := {"z": 1}\nq := input.z\np := x if { x := q with input as r }',
    "arithmetic below with": 'q := input.z + 1\np := x if { x := q with input as {"z": 1} }',
    "a comparison below with": 'q if input.z < 2\np := x if { x := q with input as {"z": 1} }',
    "a negation below with": 'r if input.z\nq if not r\np := x if { x := q with input as {"z": false} }',
    "a user function below with": 'f(y) := y + 1\nq := f(input.z)\np := x if { x := q with input as {"z": 1} }',
}


@pytest.mark.skipif(sys.platform == "win32", reason="the signal is POSIX")
@pytest.mark.parametrize("name", ENDS)
def test_programs_that_end_the_process(name: str) -> None:
    """`with` ends the process in `build` for nearly every rule: tests run without it (dpone.policy.testing)."""
    ran = run(ENDS[name])
    assert ran.status < 0
    assert ran.lines == ()


def test_one_name_with_two_numbers_of_arguments_corrupts_memory() -> None:
    """Functions of one name in two packages that differ in their number of arguments: the build crashes, runs
    out of memory or fails. The lint refuses it for everything that can meet in one engine."""
    more = [["y.rego", "package y\nimport rego.v1\nf(x, z) if x == z"]]
    ran = run("f(x) if x == 1\np := 1", more=more)
    assert ran.status != 0 or ran.lines == ("not ok",)


@pytest.mark.skipif(sys.platform == "win32", reason="the signal is POSIX")
def test_a_failed_bundle_is_not_evaluated_safely() -> None:
    """A bundle that is not ok ends the process when it is evaluated: the worker asks first."""
    code = (
        "from regopy import Interpreter\n"
        "from regopy.rego_shared import LogLevel, rego_bundle_query_entrypoint, rego_output_string\n"
        "e = Interpreter()\n"
        "e.log_level = LogLevel.NONE\n"
        "e.add_module('x', 'package x\\nimport rego.v1\\np := 1\\np contains 2')\n"
        "b = e.build(None, ['x/p'])\n"
        "print(b.ok(), flush=True)\n"
        "rego_output_string(rego_bundle_query_entrypoint(e._impl, b._impl, 'x/p'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "False"
    assert done.returncode < 0


def test_an_unbound_name_is_undefined_and_no_error() -> None:
    """OPA refuses `p if { x == 1 }`; here the rule is undefined, and `not` of it is true."""
    assert run("p if not q\nq if { x == 1; y == 2 }").value is True


def test_an_error_can_stand_where_a_value_belongs() -> None:
    """A name that is the package's own, or an unknown function, prints an error node and still says ok."""
    for text in ("p if { t == 1 }", "p := nothing(1)"):
        ran = run(text)
        assert "JSONDecodeError" in ran.stderr


def test_not_of_a_call_without_its_argument_is_true() -> None:
    """OPA takes the argument out of the negation, and nothing holds: the lint wants a name for it."""
    text = "f(x) if x == 1\np if not {}"
    for asked in ("f(input.a)", "input.a in [1]", 'startswith(input.a, "a")'):
        assert run(text.format(asked)).value is True
    assert run("f(x) if x == 1\np if {\n\tx := input.a\n\tnot f(x)\n}").lines == ("undefined",)


def test_a_whole_number_is_cut_when_it_is_printed_as_one() -> None:
    """`%d` keeps 32 bits, `%v` all of them: the lint refuses the first."""
    assert run('p := sprintf("%d", [input.n])', given='{"n": 2147483648}').value == "-2147483648"
    assert run('p := sprintf("%v", [input.n])', given='{"n": 9007199254740991}').value == "9007199254740991"


def test_a_path_to_nothing_is_undefined_and_no_error() -> None:
    """OPA's strict mode refuses it; here `not` of a typing error is true."""
    assert run("p if not q\nq if data.nothing.here").value is True


def test_an_import_can_take_the_name_input() -> None:
    """`import data.y as input` replaces what rules judge: the parser refuses it."""
    ran = run("import data.y as input\np := input.a", data='{"y": {"a": "forged"}}', given='{"a": "true"}')
    assert ran.value == "forged"


def test_data_at_the_path_of_a_rule_wins() -> None:
    """A data file in a bundle switches a rule off: layers hold no data, the host makes the one document."""
    assert run("p contains 1 if true", data='{"t": {"p": []}}').value == []


def test_a_second_body_elsewhere_changes_a_function() -> None:
    """Any module of an engine can add a body to another's function: layers never share an engine."""
    more = [
        ["y.rego", 'package lib\nimport rego.v1\nsevere(x) if x == "high"'],
        ["z.rego", "package lib\nimport rego.v1\nsevere(_)"],
    ]
    text = 'import data.lib\np if lib.severe("low")'
    assert run(text, more=more[:1]).lines == ("undefined",)
    evil = ["z.rego", "package lib\nimport rego.v1\nsevere(x) if x != null"]
    assert run(text, more=[more[0], evil]).value is True


def test_undefined_is_not_an_error_and_a_missing_entry_point_builds() -> None:
    """An entry point that does not exist, an undefined rule and an absent package all print `undefined`."""
    ran = run("p if 1 == 2", entrypoints=("t/p", "t/absent", "absent/p"))
    assert ran.lines == ("undefined", "undefined", "undefined")


def test_an_entry_point_given_twice_shifts_those_after_it() -> None:
    """The answer to one is given for another, so the worker is told of each once."""
    found = run("a := 1\nb := 2\nc := 3", entrypoints=("t/a", "t/a", "t/b", "t/c"))
    assert [json.loads(line)["expressions"][0] for line in found.lines] != [1, 1, 2, 3]


def test_an_empty_set_is_no_proof_that_a_rule_looked() -> None:
    """A rule with a typing error in a field is as empty as one that found nothing: checks answer for all items."""
    text = "p contains e.name if { some e in input.evidence; e.kynd == 1 }"
    assert run(text, given='{"evidence": [{"name": "a", "kind": 1}]}').value == []


def test_a_failing_builtin_is_an_error_only_when_strict() -> None:
    """Not strict, a failing built-in is undefined, so `not` of it is true."""
    text = "p if not q\nq if to_number(input.n) > 1"
    assert run(text, given='{"n": "x"}', strict=False).value is True
    assert run(text, given='{"n": "x"}').lines == ("error",)


def test_a_package_as_entry_point_gives_its_rules_and_no_functions() -> None:
    """Entry points may be packages; dpone asks rules, which is cheaper and names what is undefined."""
    assert run("p := 1\nq contains 2\nf(x) := x", entrypoints=("t",)).value == {"p": 1, "q": [2]}


def test_numbers_with_an_exponent_fail_in_data() -> None:
    """A configuration value such as 1e-7 must not reach the engine as data."""
    assert run("p := data.a", data='{"a": 1e-7}').lines == ("not ok",)


def test_the_smallest_fractions_are_an_error() -> None:
    """Numbers below 1e-308 cannot be read and print an error node: the parent makes that a fault."""
    ran = run("p if input.a > 0", given='{"a": 2.2e-308}')
    assert "JSONDecodeError" in ran.stderr


def test_fractions_through_the_input_object_lose_digits() -> None:
    """The binding writes six decimals: the worker gives such inputs as text."""
    assert run("p if input.a == 0", given='{"a": 0.0000001}', as_object=True).value is True
    assert run("p if input.a > 0", given='{"a": 0.0000001}').value is True


def test_query_and_comprehension_forms_that_do_not_parse() -> None:
    """`[k | some k, v in obj]` and `if every` without braces are syntax errors here and legal in OPA."""
    assert run("p := [k | some k, v in input]").status != 0
    assert run("p if every x in [1] { x > 0 }").status != 0


def test_the_environment_is_visible_to_policies() -> None:
    """`opa.runtime` shows the environment of the process: the worker has none, and the lint refuses it."""
    assert run('p if opa.runtime().env.PATH != ""').value is True


def test_there_is_no_network() -> None:
    """`http.send` is not implemented: it neither builds nor answers."""
    ran = run('p := http.send({"method": "GET", "url": "http://127.0.0.1:9/"})')
    assert ran.lines in (("not ok",), ("error",), ()) or ran.status != 0


def test_save_bundle_empties_its_target(tmp_path) -> None:
    """`save_bundle` deletes the folder it is given: dpone never calls it."""
    precious = tmp_path / "folder" / "precious"
    precious.parent.mkdir()
    precious.write_text("x")
    code = (
        "import sys\nfrom regopy import BundleFormat, Interpreter\ne = Interpreter()\n"
        "e.add_module('x', 'package x\\nimport rego.v1\\np := 1')\nb = e.build(None, ['x/p'])\n"
        "e.save_bundle(sys.argv[1], b, BundleFormat.JSON)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(precious.parent)], capture_output=True, timeout=60, check=False
    )
    assert not precious.exists()


def test_the_portable_forms_give_what_opa_gives() -> None:
    """Forms the dialect recommends instead: membership, negation of a helper, search by index, conflict."""
    assert run("p := [k | some k; input.o[k] == 1]", given='{"o": {"a": 1, "b": 2}}').value == ["a"]
    assert run("p if not 3 in input.a", given='{"a": [1, 2]}').value is True
    assert run("p := 1 if true\np := 2 if true").lines == ("error",)
    assert run("default f(_) := false\nf(x) if x == 1\np := [f(1), f(2)]").value == [True, False]
    assert run("p := x if { x := q }\nq contains 1").value == [1]
