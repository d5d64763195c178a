package dpone.readiness_test

import rego.v1

import data.dpone.readiness

domain(name, kinds, required) := {"name": name, "kinds": kinds, "required": required}

item(name, kind, sha256) := {
	"name": name,
	"kind": kind,
	"producer": "tool",
	"state": "present",
	"source": {"sha256": sha256},
	"seal": {"state": "valid"},
	"binding": "matched",
	"dated": "producer",
}

with_state(name, changed) := {
	"name": name,
	"kind": "junit",
	"producer": object.get(changed, "producer", "tool"),
	"state": object.get(changed, "state", "present"),
	"source": {"sha256": "s"},
	"seal": {"state": object.get(changed, "seal", "valid")},
	"binding": object.get(changed, "binding", "matched"),
	"dated": object.get(changed, "dated", "producer"),
}

release(domains, items) := {"evidence": array.concat(items, [{
	"name": "domains",
	"kind": "domains",
	"producer": "service",
	"state": "present",
	"source": {"sha256": "service"},
	"facts": {"domains": domains},
}])}

test_a_kind_fits_its_domain_only if {
	given := release([domain("docs", ["junit"], true), domain("own", [], false)], [])
	found := [e.source.sha256 | some e in [
		item("docs", "junit", "a"),
		item("docs", "sarif", "b"),
		item("own", "sarif", "c"),
		item("other", "junit", "d"),
	]; readiness.fits(e)] with input as given
	found == ["a", "c"]
}

test_only_what_the_host_says_is_a_domain if {
	given := {"evidence": [
		{"name": "a", "kind": "domains", "producer": "tool", "facts": {"domains": [domain("x", [], true)]}},
		{"name": "b", "kind": "other", "producer": "service", "facts": {"domains": [domain("y", [], true)]}},
	]}
	found := readiness.domains with input as given
	found == []
}

test_the_same_file_under_two_names_is_shared if {
	given := release([], [item("a", "junit", "s"), item("b", "junit", "s"), item("c", "junit", "t")])
	one := readiness.shared_with(item("a", "junit", "s")) with input as given
	other := readiness.shared_with(item("c", "junit", "t")) with input as given
	one == ["b"]
	other == []
}

test_what_cannot_be_read_or_was_found_here_is_not_given if {
	given := release([], [with_state("a", {"state": "missing"}), with_state("b", {"producer": "service"}), with_state("c", {})])
	found := [e.name | some e in readiness.given] with input as given
	found == ["c"]
}

test_the_best_level_needs_every_required_domain_proven if {
	given := release(
		[domain("a", [], true), domain("b", [], true), domain("c", [], true), domain("d", [], true), domain("e", [], false)],
		[
			with_state("a", {}),
			with_state("b", {"seal": "absent"}),
			with_state("c", {"binding": "unbound"}),
			with_state("d", {"dated": "none"}),
			with_state("e", {"seal": "absent"}),
		],
	)
	found := readiness.unproven with input as given
	level := readiness.level("best") with input as given
	found == ["b", "c", "d"]
	level == "release_candidate"
}

test_the_best_level_where_all_is_proven if {
	given := release([domain("a", [], true), domain("e", [], false)], [with_state("a", {}), with_state("e", {"seal": "absent"})])
	level := readiness.level("best") with input as given
	level == "best"
}

test_a_required_domain_that_was_not_given_is_not_proven if {
	given := release([domain("a", [], true), domain("b", [], true)], [with_state("a", {})])
	found := readiness.unproven with input as given
	level := readiness.level("best") with input as given
	found == ["b"]
	level == "release_candidate"
}

test_where_nothing_is_required_nothing_is_ready if {
	given := release([domain("a", [], false)], [with_state("a", {})])
	level := readiness.level("best") with input as given
	level == "release_candidate"
}

test_evidence_of_another_domain_proves_nothing_here if {
	given := release([domain("a", [], true)], [with_state("a", {"seal": "absent"}), with_state("e", {})])
	found := readiness.unproven with input as given
	found == ["a"]
}
