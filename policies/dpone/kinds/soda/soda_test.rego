package dpone.kinds.soda_test

import rego.v1

import data.dpone.kinds.soda

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "soda",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_failed_check_is_denied if {
	facts := {"not_ok_total": 1, "evaluated": 3, "not_ok_names": "c", "not_ok_at": "/x"}
	strictness := {"kinds": {}}
	found := soda.not_passed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_failed_check_is_cleared if {
	facts := {"not_ok_total": 0, "evaluated": 3, "not_ok_names": "", "not_ok_at": ""}
	strictness := {"kinds": {}}
	found := soda.not_passed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_warning_is_denied_mildly_under_warn if {
	facts := {"warned": 1, "warned_names": "c"}
	strictness := {
		"kinds": {
			"soda": {"warn": "warn"},
		},
	}
	found := soda.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "warning"
}

test_a_warning_is_denied_under_fail if {
	facts := {"warned": 1, "warned_names": "c"}
	strictness := {
		"kinds": {
			"soda": {"warn": "fail"},
		},
	}
	found := soda.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_no_warning_is_cleared if {
	facts := {"warned": 0, "warned_names": ""}
	strictness := {
		"kinds": {
			"soda": {"warn": "warn"},
		},
	}
	found := soda.warned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_check_that_was_not_evaluated_is_denied if {
	facts := {"not_evaluated": 1, "not_evaluated_names": "c"}
	strictness := {"kinds": {}}
	found := soda.not_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_every_check_evaluated_is_cleared if {
	facts := {"not_evaluated": 0, "not_evaluated_names": ""}
	strictness := {"kinds": {}}
	found := soda.not_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_failed_query_is_denied if {
	facts := {"run_ok": false, "query_errors": 1, "log_errors": 0}
	strictness := {"kinds": {}}
	found := soda.scan_errors with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_quiet_scan_is_cleared if {
	facts := {"run_ok": true, "query_errors": 0, "log_errors": 0}
	strictness := {"kinds": {}}
	found := soda.scan_errors with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_evaluated_check_is_denied if {
	facts := {"evaluated": 0, "checks": 2}
	strictness := {"kinds": {}}
	found := soda.nothing_evaluated with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_one_evaluated_check_is_cleared if {
	facts := {"evaluated": 1, "checks": 1}
	strictness := {"kinds": {}}
	found := soda.nothing_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := soda.nothing_evaluated with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
