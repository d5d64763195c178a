package dpone.lib_test

import rego.v1

import data.dpone.lib

test_of_kind_is_present_evidence_of_that_kind if {
	found := lib.of_kind("junit") with input as {"evidence": [
		{"name": "a", "kind": "junit", "state": "present"},
		{"name": "b", "kind": "junit", "state": "missing"},
		{"name": "c", "kind": "dbt", "state": "present"},
	]}
	count(found) == 1
	found[0].name == "a"
}

test_of_kind_is_empty_without_evidence if {
	found := lib.of_kind("junit") with input as {"evidence": []}
	count(found) == 0
}

test_severity_of_each_level if {
	lib.severity("fail") == "error"
	lib.severity("warn") == "warning"
	lib.severity("allow") == "none"
}

test_where_the_evidence_of_a_name_lies if {
	given := {"evidence": [
		{"name": "b", "source": {"uri": "b.json"}},
		{"name": "a", "source": {"uri": "a.json"}},
	]}
	found := lib.uri_of("a") with input as given
	found == "a.json"
}

test_where_nothing_of_a_name_lies if {
	given := {"evidence": [{"name": "b", "source": {"uri": "b.json"}}]}
	found := lib.uri_of("a") with input as given
	found == "PATH"
}
