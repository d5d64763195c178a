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

test_uri_of_is_where_the_evidence_of_a_name_lies if {
	given := {"evidence": [
		{"name": "a", "source": {"uri": "build/a.xml"}},
		{"name": "b", "source": {"uri": "build/b.xml"}},
	]}
	found := lib.uri_of("b") with input as given
	found == "build/b.xml"
}

test_uri_of_a_name_that_was_not_given_is_a_placeholder if {
	found := lib.uri_of("c") with input as {"evidence": [{"name": "a", "source": {"uri": "build/a.xml"}}]}
	found == "PATH"
}

test_what_is_there_and_does_not_hold_is_refused if {
	given := {"evidence": [
		{"name": "a", "state": "invalid", "foreign_fields": []},
		{"name": "b", "state": "present", "foreign_fields": ["release"]},
		{"name": "c", "state": "present", "foreign_fields": []},
	]}
	found := [name | some name in ["a", "b", "c", "d"]; lib.refused(name)] with input as given
	found == ["a", "b"]
}

test_what_holds_or_is_not_there_is_not_refused if {
	given := {"evidence": [{"name": "c", "state": "present", "foreign_fields": []}]}
	one := lib.refused("c") with input as given
	other := lib.refused("d") with input as given
	one == false
	other == false
}
