"""Policy layers: what is loaded for a gate, and every way a team's folder could cheat, which fails."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from dpone.errors import UndecidedError
from dpone.policy import files as files_module
from dpone.policy import folder as folder_module
from dpone.policy.dialect.parser import parse_module
from dpone.policy.engines.regopy_engine import RegopyEngine
from dpone.policy.layers import (
    LayerRefused,
    library,
    load_builtin,
    load_layer,
    modules_digest,
    restore_layer,
)
from dpone.policy.shipped_rules import parsed_inventory, render, shipped_inventory, shipped_modules
from dpone.shipped import shipped

PACKAGE = "dpone.custom.release_gate.payments"
RULES = """# METADATA
# title: Payments keep 80 % line coverage
# description: Below that, refactors of the ledger code went wrong twice.
# custom: {code: payments.min_coverage, severity: error, waivable: true,
#          message: "{evidence}: {actual} % of lines covered, at least {minimum} % needed",
#          remedy: "add tests for the files listed under facts.lowest"}
package dpone.custom.release_gate.payments

import rego.v1

deny contains {"code": "payments.min_coverage", "evidence": e.name, "pointer": "/line_percent",
	"params": {"actual": e.facts.line_percent, "minimum": minimum}} if {
	some e in input.evidence
	e.kind == "coverage"
	e.facts.line_percent < minimum
}

minimum := data.dpone.config.gates.release_gate.settings.payments_min_coverage
"""
MANIFEST = '{"roots": ["dpone/custom/release_gate/payments"], "rego_version": 1}'


def write(root: Path, files: dict[str, str | bytes], name: str = "payments") -> Path:
    """A team's folder with these files."""
    for inside, text in files.items():
        path = root / name / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root / name


def refusal(path: Path, gate: str = "release-gate") -> str:
    """Why a folder is refused, all problems."""
    with pytest.raises(LayerRefused) as caught:
        load_layer(path, gate)
    assert caught.value.exit_status == 3
    return "\n".join(str(problem) for problem in caught.value.problems)


def module(rules: str = "", package: str = PACKAGE) -> str:
    """A module with these rules."""
    return f"package {package}\n\nimport rego.v1\n\nimport data.dpone.lib\n\n{rules}\n"


class TestBuiltin:
    def test_only_what_a_gate_needs_is_loaded(self) -> None:
        """The library, the rules on all evidence, those of the kinds present and of the gate: nothing else."""
        layer = load_builtin("release-gate", ["junit", "pip-audit", "junit"])
        folders = {path.rpartition("/")[0] for path in layer.modules}
        assert folders == {
            "dpone/lib",
            "dpone/evidence",
            "dpone/kinds/junit",
            "dpone/kinds/pip_audit",
            "dpone/gates/release_gate",
        }
        assert not any(path.endswith("_test.rego") for path in layer.modules)
        assert layer.name == "dpone"

    def test_ids_follow_the_package(self) -> None:
        """`dpone.evidence` fresh is evidence.fresh, `dpone.kinds.pip_audit` is pip-audit.…"""
        layer = load_builtin("release-gate", ["pip-audit"])
        ids = {rule.id for rule in layer.inventory if rule.answers}
        assert {"evidence.fresh", "pip-audit.vulnerability", "release-gate.release_named"} <= ids
        assert "dpone/kinds/pip_audit/vulnerability" in layer.entrypoints
        assert len(set(layer.entrypoints)) == len(layer.entrypoints)

    def test_kinds_and_gates_without_rules_add_none(self) -> None:
        """An unknown kind is judged by the rules on evidence; names cannot lead out of the folder."""
        assert (
            load_builtin("no-such-gate", ["no_such_kind"]).modules.keys()
            == load_builtin("x", []).modules.keys()
        )
        for name in ("../lib", "a/b", "", "é", "a.b"):
            with pytest.raises(UndecidedError):
                load_builtin("release-gate", [name])
            with pytest.raises(UndecidedError):
                load_builtin(name, [])

    def test_the_digest_is_of_the_content(self) -> None:
        """Any changed byte, path or missing module gives another digest; the order does not."""
        modules = dict(load_builtin("release-gate", []).modules)
        digest = modules_digest(modules)
        assert modules_digest(dict(reversed(modules.items()))) == digest
        path = next(iter(modules))
        assert modules_digest({**modules, path: modules[path] + " "}) != digest
        assert modules_digest({p: t for p, t in modules.items() if p != path}) != digest
        assert modules_digest({"a": "b\n", "c": "d"}) != modules_digest({"a": "b\nc", "d": ""})

    def test_the_shipped_inventory_is_what_the_policies_say(self) -> None:
        """policies/inventory.json is current: else run `python -m dpone.policy.shipped_rules`."""
        assert shipped("policies", "inventory.json").read_text("utf-8") == render()

    def test_a_text_that_is_not_the_shipped_one_is_parsed(self) -> None:
        """The inventory counts for exactly the texts it was made from."""
        modules = dict(load_builtin("release-gate", []).modules)
        path = "dpone/evidence/evidence.rego"
        changed = {**modules, path: modules[path].replace("mandatory: true", "mandatory: false")}
        assert any(rule.mandatory for rule in shipped_inventory(modules).rules if rule.path == path)
        assert not any(rule.mandatory for rule in shipped_inventory(changed).rules if rule.path == path)

    def test_every_shipped_entry_point_answers(self) -> None:
        """All modules together build, and no rule that is asked is undefined on a plain input."""
        modules = shipped_modules()
        asked = [rule.entrypoint for rule in parsed_inventory(modules).rules if rule.answers]
        config = json.loads(shipped("policies", "dpone", "config", "data.json").read_text("utf-8"))["defaults"]
        given = {
            "evidence": [],
            "required": [],
            "parameters": {},
            "protected": False,
            "subject": {"release": "1", "environment": "", "commit": ""},
            "actor": {"identity": "", "claimed": "", "claim_matches": False, "trust": "none", "signing": "key"},
        }
        with RegopyEngine() as engine:
            engine.load(modules, {"dpone": {"config": config}}, asked)
            answered = engine.evaluate(json.dumps(given))
        told = {name for name, value in answered.items() if isinstance(value, list) or "holds" in value}
        assert told == set(answered)
        unanswered = set(asked) - set(answered)
        assert all(name.startswith("dpone/gates/") for name in unanswered), unanswered


class TestLayer:
    def test_a_team_folder_becomes_a_layer(self, tmp_path) -> None:
        """Its rules, their texts and codes, the library beside them, its name in every path."""
        path = write(tmp_path, {"release_gate/payments.rego": RULES, ".manifest": MANIFEST, "README.md": "x"})
        layer = load_layer(path, "release-gate")
        assert layer.name == "payments"
        assert set(layer.modules) == {*library(), "payments/release_gate/payments.rego"}
        assert layer.entrypoints == ("dpone/custom/release_gate/payments/deny",)
        (code,) = (rule for rule in layer.inventory if rule.kind == "code")
        assert (code.id, code.severity, code.line) == ("payments.min_coverage", "error", 1)
        assert layer.digest == modules_digest(layer.modules)
        assert layer.replaces == ""

    def test_it_judges(self, tmp_path) -> None:
        """The engine answers for the layer with the settings of dpone.yaml."""
        layer = load_layer(write(tmp_path, {"payments.rego": RULES}), "release-gate")
        config = {"gates": {"release_gate": {"settings": {"payments_min_coverage": 80}}}}
        item = {"name": "cov", "kind": "coverage", "facts": {"line_percent": 79.9}}
        with RegopyEngine() as engine:
            engine.load(layer.modules, {"dpone": {"config": config}}, layer.entrypoints)
            found = engine.evaluate(json.dumps({"evidence": [item]}))
        (denied,) = found["dpone/custom/release_gate/payments/deny"]
        assert denied["params"] == {"actual": 79.9, "minimum": 80}

    def test_a_gate_gets_its_own_modules_and_those_for_all(self, tmp_path) -> None:
        """Modules for other gates are checked with the rest and not loaded."""
        check = (
            '# METADATA\n# title: t\n# description: d\n# custom: {applies_to: gate, message: "m", remedy: "r"}\n'
            'named contains {"ok": ok} if ok := input.subject.release != ""\n'
        )
        path = write(
            tmp_path,
            {
                "a.rego": module(check, "dpone.custom.all.payments"),
                "b.rego": module(check, "dpone.custom.go_live_gate.payments"),
                "b_test.rego": module("", "dpone.custom.go_live_gate.payments_test"),
            },
        )
        assert set(load_layer(path, "release-gate").modules) == {*library(), "payments/a.rego"}
        whole = load_layer(path, "go-live-gate")
        assert set(whole.modules) == {*library(), "payments/a.rego", "payments/b.rego"}
        assert set(whole.tests) == {"payments/b_test.rego"}

    def test_a_layer_is_restored_as_it_was_kept(self, tmp_path) -> None:
        """The modules a decision keeps give the same layer again, built-in and own."""
        own = load_layer(write(tmp_path, {"payments.rego": RULES}), "release-gate")
        again = restore_layer(own.name, own.modules, "release-gate")
        assert (again.modules, again.inventory, again.digest) == (own.modules, own.inventory, own.digest)
        builtin = load_builtin("release-gate", ["junit"])
        assert restore_layer("dpone", builtin.modules, "release-gate") == builtin

    def test_kept_modules_are_checked_again(self, tmp_path) -> None:
        """A dossier whose kept modules were exchanged does not get its rules run unchecked."""
        own = load_layer(write(tmp_path, {"payments.rego": RULES}), "release-gate")
        for evil in (
            module("p := opa.runtime()"),
            module("p := 1", "dpone.lib"),
            module("p := 1", "dpone.custom.other_gate.payments"),
        ):
            with pytest.raises(LayerRefused):
                restore_layer("payments", {**own.modules, "payments/evil.rego": evil}, "release-gate")
            with pytest.raises(LayerRefused):
                restore_layer("payments", {**own.modules, "dpone/library.rego": evil}, "release-gate")

    def test_a_kept_library_and_built_in_rules_are_checked_too(self, tmp_path) -> None:
        """Texts that are not the shipped ones get no further than a team's: no other packages, no built-ins."""
        own = load_layer(write(tmp_path, {"payments.rego": RULES}), "release-gate")
        builtin = load_builtin("release-gate", ["junit"])
        path = "dpone/lib/lib.rego"
        for extra in (
            "\nspy := opa.runtime()\n",
            '\nspy := http.send({"url": "http://127.0.0.1"})\n',
            "\nspy if spy\n",
        ):
            for layer in (own, builtin):
                with pytest.raises(LayerRefused):
                    restore_layer(
                        layer.name, {**layer.modules, path: layer.modules[path] + extra}, "release-gate"
                    )
        older = {**builtin.modules, path: builtin.modules[path] + "\nolder := 1\n"}
        assert restore_layer("dpone", older, "release-gate").digest == modules_digest(older)

    def test_replacing_a_gate_is_said_in_the_manifest(self, tmp_path) -> None:
        """`metadata.replaces` names the gate whose non-mandatory rules the layer stands in for."""
        manifest = json.dumps(
            {"roots": ["dpone/custom/release_gate/payments"], "metadata": {"replaces": "release-gate"}}
        )
        layer = load_layer(write(tmp_path, {"payments.rego": RULES, ".manifest": manifest}), "release-gate")
        assert layer.replaces == "release-gate"


ATTACKS = {
    "another package": (module("p := 1", "dpone.lib"), "not the layer's own"),
    "a second body of a library function": (
        module('severity(_) := "none"', "dpone.lib"),
        "not the layer's own",
    ),
    "a built-in package": (module("fresh := []", "dpone.evidence"), "not the layer's own"),
    "another layer's package": (module("p := 1", "dpone.custom.release_gate.platform"), "not the layer's own"),
    "the canary's package": (module("p := 1", "dpone.canary"), "not the layer's own"),
    "a package outside dpone": (module("p := 1", "system"), "not the layer's own"),
    "a package below its own": (module("p := 1", PACKAGE + ".x"), "not the layer's own"),
    "a package above its own": (module("p := 1", "dpone.custom.release_gate"), "not the layer's own"),
    "an unknown gate": (module("p := 1", "dpone.custom.no_gate.payments"), "there is no gate"),
    "tests outside tests": (module("p := 1", PACKAGE + "_test"), "not the layer's own"),
    "input by import": (module("import data.dpone.config as input\np := 1"), "cannot be called `input`"),
    "data by import": (module("import data.dpone.config as data\np := 1"), "cannot be called `data`"),
    "input by name": (module("p if { some input in [{}]; input.x }"), "nothing can be called `input`"),
    "input by argument": (module("f(input) := input.x"), "names of their own"),
    "input by rule": (module("input := {}"), "nothing can be called `input`"),
    "network": (module('p := http.send({"url": "http://127.0.0.1"})'), "not in the dialect"),
    "environment": (module("p := opa.runtime()"), "not in the dialect"),
    "a mandatory rule of its own": (
        module(
            "# METADATA\n# title: t\n# description: d\n"
            "# custom: {applies_to: gate, mandatory: true, message: m, remedy: r}\n"
            'x contains {"ok": true} if input.protected'
        ),
        "only built-in rules are mandatory",
    ),
    "a built-in rule's id": (
        module(
            "# METADATA\n# title: t\n# description: d\n# custom: {code: evidence.fresh, message: m, remedy: r}\n"
            'deny contains {"code": "evidence.fresh"} if input.protected'
        ),
        "must begin with the layer's name",
    ),
    "METADATA in a raw text": (
        module(
            'x := `\n# METADATA\n# custom: {code: payments.x}\n`\ndeny contains {"code": "payments.x"} if x == ""'
        ),
        "no METADATA block describes",
    ),
    "recursion": (module("p if q\nq if p"), "needs itself"),
    "not UTF-8": (b"package x\n\xff", "is not UTF-8"),
    "CRLF": (RULES.replace("\n", "\r\n"), "CRLF line ends"),
    "NUL": (module('p := "\0"'), "control or formatting"),
    "too large": (RULES + "#" * 300_000, "the limit is 200000"),
    "nothing to load": ("", "a module starts with its package"),
}


class TestAttacks:
    @pytest.mark.parametrize("name", ATTACKS)
    def test_a_module_that_reaches_too_far_is_refused(self, tmp_path, name) -> None:
        """Each of these once switched off, forged or leaked something in one engine: the layer is refused."""
        text, says = ATTACKS[name]
        assert says in refusal(write(tmp_path, {"payments.rego": RULES, "evil.rego": text}))

    @pytest.mark.parametrize("name", ["data.json", "data.yaml", "sub/data.yml", "Data.JSON"])
    def test_data_files_are_refused(self, tmp_path, name) -> None:
        """A data document at a rule's path would win over the rule."""
        path = write(tmp_path, {"payments.rego": RULES, name: '{"dpone": {"custom": {}}}'})
        assert "data belongs into dpone.yaml" in refusal(path)

    @pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
    def test_links_are_refused(self, tmp_path) -> None:
        """Neither files nor folders of a layer may lead elsewhere."""
        outside = write(tmp_path, {"x.rego": RULES}, "outside")
        for name, target in (
            ("link.rego", outside / "x.rego"),
            ("folder", outside),
            ("gone.rego", tmp_path / "no"),
        ):
            path = write(tmp_path, {"payments.rego": RULES}, "payments")
            (path / name).symlink_to(target)
            assert "symbolic link" in refusal(path)
            (path / name).unlink()

    @pytest.mark.skipif(sys.platform == "win32", reason="named pipes are POSIX")
    def test_a_pipe_is_refused_without_waiting(self, tmp_path) -> None:
        """A FIFO called x.rego must not stop the gate."""
        path = write(tmp_path, {"payments.rego": RULES})
        os.mkfifo(path / "x.rego")
        assert "not a regular file" in refusal(path)

    def test_there_are_caps(self, tmp_path, monkeypatch) -> None:
        """Number of modules, of entries, depth and size are bounded."""
        path = write(tmp_path, {"payments.rego": RULES, **{f"a{n}.rego": RULES for n in range(5)}})
        monkeypatch.setattr(files_module, "MAX_FILES", 3)
        assert "more than 3 modules" in refusal(path)
        monkeypatch.setattr(files_module, "MAX_FILES", 200)
        monkeypatch.setattr(folder_module, "MAX_TOTAL", len(RULES) * 2)
        assert "bytes" in refusal(path)
        deep = write(tmp_path, {"payments.rego": RULES, "/".join("abcdefghijk") + "/x.rego": RULES}, "deep")
        assert "folders deep" in refusal(deep)

    def test_names_are_plain(self, tmp_path) -> None:
        """Odd names of modules and layers are refused, ids of built-in rules too."""
        assert "module names have" in refusal(write(tmp_path, {"a b.rego": RULES}))
        assert "module names have" in refusal(write(tmp_path, {"x.REGO": RULES}, "upper"))
        assert "cannot name a layer" in refusal(write(tmp_path, {"x.rego": RULES}, "ä"))
        for taken in ("evidence", "junit", "release-gate", "dpone"):
            package = PACKAGE.replace("payments", taken.replace("-", "_"))
            assert "built-in rules have ids" in refusal(
                write(tmp_path, {"x.rego": module("p := 1", package)}, taken)
            )

    def test_a_manifest_must_fit(self, tmp_path) -> None:
        """Roots claim the layer's own packages, all of them, and nothing else."""
        wide = '{"roots": ["dpone"]}'
        assert "not the layer's own" in refusal(
            write(tmp_path, {"p.rego": RULES, ".manifest": wide}, "payments")
        )
        other = '{"roots": ["dpone/custom/all/payments"]}'
        assert "outside the roots" in refusal(write(tmp_path, {".manifest": other}))
        for text, says in (
            ("[]", "JSON object"),
            ("{", "is not JSON"),
            ('{"roots": "x"}', "must be a list"),
            ('{"rego_version": 0}', "must be 1"),
            ('{"roots": [], "roots": ["x"]}', "twice"),
            ('{"metadata": {"replaces": 1}}', "the id of a gate"),
        ):
            assert says in refusal(write(tmp_path, {".manifest": text}))

    def test_no_folder_and_no_rules(self, tmp_path) -> None:
        """A layer that was named and is not there is undecided, never skipped."""
        assert "there is no such folder" in refusal(tmp_path / "absent")
        empty = tmp_path / "empty"
        empty.mkdir()
        assert "holds no .rego file" in refusal(empty)
        assert "there is no such folder" in refusal(write(tmp_path, {"x": ""}) / "x")

    def test_removing_a_rule_changes_the_digest(self, tmp_path) -> None:
        """What a layer was is in the decision: a removed rule or file gives another digest."""
        two = {"payments.rego": RULES, "more.rego": module("other := 1")}
        before = load_layer(write(tmp_path, two), "release-gate").digest
        (tmp_path / "payments" / "more.rego").unlink()
        assert load_layer(tmp_path / "payments", "release-gate").digest != before

    def test_a_rule_that_is_undefined_is_missed(self, tmp_path) -> None:
        """A check that gives no value is absent from the answer although the host asked for it."""
        text = (
            "# METADATA\n# title: t\n# description: d\n# custom: {applies_to: gate, message: m, remedy: r}\n"
            'named := [{"ok": true, "params": {"x": input.parameters.x}}]\n'
        )
        layer = load_layer(write(tmp_path, {"p.rego": module(text)}), "release-gate")
        with RegopyEngine() as engine:
            engine.load(layer.modules, {}, layer.entrypoints)
            assert engine.evaluate('{"parameters": {}}') == {}
        assert layer.entrypoints == ("dpone/custom/release_gate/payments/named",)

    def test_problems_are_told_all_at_once(self, tmp_path) -> None:
        """The error names the first problem and how many more there are."""
        path = write(tmp_path, {"a.rego": module("p := x\nq := y")})
        with pytest.raises(LayerRefused) as caught:
            load_layer(path, "release-gate")
        assert "payments: a.rego:7:6 x has no value here" in str(caught.value)
        assert "(and 1 more)" in str(caught.value)
        assert caught.value.code == "layer_refused"


def test_the_parts_of_a_layer_are_the_layer() -> None:
    """Every module and every entry point is in a part, entry points in exactly one; the first part is the
    same whatever evidence there is, so that it can be built before any is read."""
    layer = load_builtin("release-gate", ["junit", "sarif"])
    first, kinds = layer.parts
    assert {**first.modules, **kinds.modules} == layer.modules
    assert sorted(first.entrypoints + kinds.entrypoints) == sorted(layer.entrypoints)
    assert first.modules.keys() & kinds.modules.keys() == library().keys()
    assert load_builtin("release-gate", []).parts == (first,)


def test_a_layer_of_ones_own_is_one_part(tmp_path) -> None:
    """Its packages may use each other, so they are built together, with the library."""
    own = tmp_path / "payments"
    own.mkdir()
    (own / "a.rego").write_text(PART.format(gate="release_gate"), encoding="utf-8")
    (own / "b.rego").write_text(PART.format(gate="all").replace("deny", "warn"), encoding="utf-8")
    layer = load_layer(own, "release-gate")
    (part,) = layer.parts
    assert part.modules == layer.modules
    assert part.entrypoints == layer.entrypoints


HELPERS = ("approvals", "readiness")
"""Packages that gates share; they are built in the part in which the gates are."""


def test_no_shipped_package_reads_another_but_the_library() -> None:
    """Only so can they be built in parts; gates may read helpers too, which stand in their part."""
    for path, text in shipped_modules().items():
        module = parse_module(text, path)
        own = ("data", *module.package)
        may = {("rego", "v1"), ("data", "dpone", "lib")}
        if module.package[1] == "gates":
            may |= {("data", "dpone", name) for name in HELPERS}
        assert {found.path for found in module.imports} <= may, path
        read = set(re.findall(r"\bdata(?:\.[a-z_]+)+", re.sub(r"(?m)^\s*#.*$|^import .*$", "", text)))
        assert all(r.startswith(("data.dpone.config", ".".join(own))) for r in read), path


PART = """package dpone.custom.{gate}.payments

import rego.v1

# METADATA
# title: T
# description: D
# custom:
#   code: payments.{gate}
#   message: "m"
#   remedy: "r"
deny contains {{"code": "payments.{gate}", "evidence": e.name}} if some e in input.evidence
"""
