package dpone.kinds.great_expectations_test

import rego.v1

import data.dpone.kinds.great_expectations

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "great-expectations",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

# Denied, and not cleared beside it.
denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_failed_check_is_denied if {
	facts := {"not_ok_total": 1, "evaluated": 3, "not_ok_names": "c", "not_ok_at": "/x"}
	strictness := {"kinds": {}}
	found := great_expectations.not_passed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_failed_check_is_cleared if {
	facts := {"not_ok_total": 0, "evaluated": 3, "not_ok_names": "", "not_ok_at": ""}
	strictness := {"kinds": {}}
	found := great_expectations.not_passed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_warning_is_denied_mildly_under_warn if {
	facts := {"warned": 1, "warned_names": "c"}
	strictness := {
		"kinds": {
			"great-expectations": {"warn": "warn"},
		},
	}
	found := great_expectations.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "warning"
}

test_a_warning_is_denied_under_fail if {
	facts := {"warned": 1, "warned_names": "c"}
	strictness := {
		"kinds": {
			"great-expectations": {"warn": "fail"},
		},
	}
	found := great_expectations.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_no_warning_is_cleared if {
	facts := {"warned": 0, "warned_names": ""}
	strictness := {
		"kinds": {
			"great-expectations": {"warn": "warn"},
		},
	}
	found := great_expectations.warned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_empty_suite_is_denied if {
	facts := {"evaluated": 0, "empty_suites": 1, "suites": 1}
	strictness := {"kinds": {}}
	found := great_expectations.nothing_evaluated with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_an_empty_suite_beside_a_full_one_is_denied if {
	facts := {"evaluated": 4, "empty_suites": 1, "suites": 2}
	strictness := {"kinds": {}}
	found := great_expectations.nothing_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_suite_is_cleared if {
	facts := {"evaluated": 4, "empty_suites": 0, "suites": 1}
	strictness := {"kinds": {}}
	found := great_expectations.nothing_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := great_expectations.nothing_evaluated with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}

test_suites_without_a_check_that_ran_are_denied if {
	facts := {"evaluated": 0, "empty_suites": 0, "suites": 1}
	strictness := {"kinds": {}}
	found := great_expectations.nothing_evaluated with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}
