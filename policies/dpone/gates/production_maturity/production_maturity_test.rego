package dpone.gates.production_maturity_test

import rego.v1

import data.dpone.gates.production_maturity

item(name, changed) := {
	"name": name,
	"kind": object.get(changed, "kind", "junit"),
	"producer": "tool",
	"state": object.get(changed, "state", "present"),
	"source": {"sha256": object.get(changed, "sha256", name)},
	"seal": {"state": object.get(changed, "seal", "valid")},
	"binding": "matched",
	"dated": "producer",
}

release(items) := {"subject": {"release": "v1"}, "evidence": array.concat(items, [{
	"name": "domains",
	"kind": "domains",
	"producer": "service",
	"state": "present",
	"source": {"sha256": "service"},
	"facts": {"domains": [
		{"name": "docs", "kinds": ["junit"], "required": true},
		{"name": "security", "kinds": ["sarif"], "required": true},
	]},
}])}

test_a_named_release_is_clear if {
	given := release([])
	found := production_maturity.release_named with input as given
	found == [{"ok": true}]
}

test_no_release_is_red if {
	given := {"subject": {"release": ""}}
	found := production_maturity.release_named with input as given
	found == [{"ok": false}]
}

test_kinds_that_fit_are_clear if {
	given := release([item("docs", {}), item("security", {"kind": "sarif"})])
	found := production_maturity.kinds_fit with input as given
	[f.ok | some f in found] == [true, true, true]
}

test_a_kind_that_cannot_speak_for_its_domain_is_red if {
	given := release([item("docs", {"kind": "sarif"})])
	found := production_maturity.kinds_fit with input as given
	found[0] == {"evidence": "docs", "ok": false, "params": {"kind": "sarif"}}
	found[1].ok == true
}

test_what_cannot_be_read_is_judged_elsewhere if {
	given := release([item("docs", {"kind": "", "state": "missing"})])
	found := production_maturity.kinds_fit with input as given
	found[0].ok == true
}

test_a_file_of_its_own_for_every_domain_is_clear if {
	given := release([item("docs", {}), item("security", {"kind": "sarif"})])
	found := production_maturity.one_file_one_domain with input as given
	[f.ok | some f in found] == [true, true, true]
}

test_one_file_for_two_domains_is_red if {
	given := release([item("docs", {"sha256": "s"}), item("security", {"kind": "sarif", "sha256": "s"})])
	found := production_maturity.one_file_one_domain with input as given
	found[0] == {"evidence": "docs", "ok": false, "params": {"others": ["security"]}}
	found[1] == {"evidence": "security", "ok": false, "params": {"others": ["docs"]}}
}

test_the_best_level_is_said if {
	given := release([item("docs", {}), item("security", {"kind": "sarif"})])
	found := production_maturity.level with input as given
	found == [{"ok": true, "params": {"level": "ga_ready", "unproven": []}}]
}

test_a_lower_level_is_said_with_its_reason if {
	given := release([item("docs", {"seal": "absent"})])
	found := production_maturity.level with input as given
	found == [{"ok": false, "params": {"level": "release_candidate", "unproven": ["docs", "security"]}}]
}
