package dpone.gates.industrial_readiness_test

import rego.v1

import data.dpone.gates.industrial_readiness

matrix(name, kind, passed) := about(name, kind, passed, "matched")

about(name, kind, passed, binding) := {
	"name": name,
	"binding": binding,
	"kind": kind,
	"producer": "dpone",
	"state": "present",
	"facts": {"passed": passed, "said": {"executed_cases": ["a:b:append", "a:b:replace"]}},
}

asked(cases, evidence) := {"parameters": {"cases": cases}, "evidence": evidence}

test_cases_that_ran_and_passed_are_covered if {
	given := asked(["a:b:append", "a:b:replace"], [matrix("local_matrix", "certification_report", true)])
	found := industrial_readiness.cases_covered with input as given
	found == [{"ok": true}]
}

test_a_case_that_did_not_run_is_not_covered if {
	given := asked(["a:b:append", "a:b:cdc"], [matrix("local_matrix", "certification_report", true)])
	found := industrial_readiness.cases_covered with input as given
	found == [{"ok": false, "key": "local_matrix.case_missing:a:b:cdc", "params": {"case": "a:b:cdc"}}]
}

test_a_case_of_a_red_matrix_is_not_covered if {
	given := asked(["a:b:append"], [matrix("local_matrix", "certification_report", false)])
	found := industrial_readiness.cases_covered with input as given
	found == [{"ok": false, "key": "local_matrix.case_missing:a:b:append", "params": {"case": "a:b:append"}}]
}

test_only_the_matrix_covers_cases if {
	given := asked(["a:b:append"], [
		matrix("ux", "certification_report", true),
		matrix("local_matrix", "junit", true),
	])
	found := industrial_readiness.cases_covered with input as given
	found == [{"ok": false, "key": "local_matrix.case_missing:a:b:append", "params": {"case": "a:b:append"}}]
}

test_where_no_case_is_asked_for_none_is_missing if {
	given := asked([], [])
	found := industrial_readiness.cases_covered with input as given
	found == [{"ok": true}]
}

test_a_matrix_of_another_release_covers_nothing if {
	given := asked(["a:b:append"], [about("local_matrix", "certification_report", true, "foreign")])
	found := industrial_readiness.cases_covered with input as given
	found == [{"ok": false, "key": "local_matrix.case_missing:a:b:append", "params": {"case": "a:b:append"}}]
}
