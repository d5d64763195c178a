package dpone.kinds.junit_test

import rego.v1

import data.dpone.kinds.junit

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "junit",
	"state": "present",
	"reported": reported,
	"counts": {"skipped": 1},
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_failure_is_denied if {
	facts := {
		"executed": 3,
		"not_ok_total": 1,
		"not_ok_at": "/testsuite/testcase[2]",
		"not_ok_names": "t",
	}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.not_passed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	found.pointer == "{facts.not_ok_at}"
}

test_no_failure_is_cleared if {
	facts := {
		"executed": 3,
		"not_ok_total": 0,
		"not_ok_at": "",
		"not_ok_names": "",
	}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.not_passed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_nothing_executed_is_denied if {
	facts := {"tests": 4}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.nothing_executed with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_something_executed_is_cleared if {
	facts := {"tests": 4}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.nothing_executed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_too_few_is_denied if {
	facts := {"executed": 2}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.too_few with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_exactly_enough_is_cleared if {
	facts := {"executed": 3}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.too_few with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_too_many_skipped_is_denied if {
	facts := {"skipped_percent": 50.01}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.skipped with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_exactly_the_limit_is_cleared if {
	facts := {"skipped_percent": 50}
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.skipped with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"junit": {"min_executed": 3, "max_skipped_percent": 50}}}
	found := junit.not_passed with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
