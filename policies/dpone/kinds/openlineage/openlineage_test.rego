package dpone.kinds.openlineage_test

import rego.v1

import data.dpone.kinds.openlineage

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "openlineage",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_failed_run_is_denied if {
	facts := {"failed": 1, "runs": 2, "failed_names": "j", "failed_at": "/1"}
	strictness := {"kinds": {}}
	found := openlineage.failed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_failed_run_is_cleared if {
	facts := {"failed": 0, "runs": 2, "failed_names": "", "failed_at": ""}
	strictness := {"kinds": {}}
	found := openlineage.failed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_open_run_is_denied if {
	facts := {"open": 1, "runs": 2, "open_names": "j", "open_at": "/0"}
	strictness := {"kinds": {}}
	found := openlineage.open with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_ended_runs_are_cleared if {
	facts := {"open": 0, "runs": 2, "open_names": "", "open_at": ""}
	strictness := {"kinds": {}}
	found := openlineage.open with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_failed_assertion_is_denied if {
	facts := {
		"assertions_failed": 1,
		"assertions": 2,
		"assertions_failed_names": "a",
		"assertions_failed_at": "/0",
	}
	strictness := {"kinds": {}}
	found := openlineage.assertion_failed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_assertions_that_hold_are_cleared if {
	facts := {
		"assertions_failed": 0,
		"assertions": 2,
		"assertions_failed_names": "",
		"assertions_failed_at": "",
	}
	strictness := {"kinds": {}}
	found := openlineage.assertion_failed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_error_message_is_denied if {
	facts := {"errors": 1, "errors_at": "/1", "runs": 1}
	strictness := {"kinds": {}}
	found := openlineage.error_message with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_error_message_is_cleared if {
	facts := {"errors": 0, "errors_at": "", "runs": 1}
	strictness := {"kinds": {}}
	found := openlineage.error_message with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_completed_run_is_denied if {
	facts := {"completed": 0, "runs": 1}
	strictness := {"kinds": {}}
	found := openlineage.nothing_completed with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_completed_run_is_cleared if {
	facts := {"completed": 1, "runs": 1}
	strictness := {"kinds": {}}
	found := openlineage.nothing_completed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := openlineage.nothing_completed with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
