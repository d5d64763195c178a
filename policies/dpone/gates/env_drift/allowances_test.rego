package dpone.gates.env_drift_test

import rego.v1

import data.dpone.gates.env_drift

typed_difference := {"path": "a.b", "kind": "changed", "pointer": "/differences/0"}

entry := {"path": "a.*", "origin": "dpone.yaml", "owner": "ops", "expires": "2026-01-01"}

entries(changed) := {"protected": object.get(changed, "protected", false), "evidence": [{
	"name": "drift",
	"kind": "env_drift",
	"state": "present",
	"facts": {
		"command_line_count": object.get(changed, "command_line_count", 0),
		"command_line": object.get(changed, "command_line", []),
		"unused_count": count(object.get(changed, "unused", [])),
		"unused": object.get(changed, "unused", []),
		"expired_count": count(object.get(changed, "expired", [])),
		"expired": object.get(changed, "expired", []),
	},
}]}

standard := {"profile": "standard"}

strict := {"profile": "strict"}

typed(protected) := entries({"protected": protected, "command_line_count": 1, "command_line": [typed_difference]})

severities(answers) := [answer.severity | some answer in answers; answer.ok == false]

# Named, and not cleared beside it.
named(answers) if {
	some answer in answers
	answer.ok == false
	not any_cleared(answers)
}

any_cleared(answers) if {
	some answer in answers
	answer.ok == true
}

silent(answers) if {
	count(answers) == 1
	not named(answers)
}

test_nothing_typed_is_green if {
	found := env_drift.allowance_recorded with input as entries({"protected": true}) with data.dpone.config as strict
	silent(found)
}

test_a_typed_path_warns_where_nothing_is_protected if {
	found := env_drift.allowance_recorded with input as typed(false) with data.dpone.config as standard
	named(found)
	severities(found) == ["warning"]
	some answer in found
	answer.key == "a.b"
}

test_a_typed_path_is_an_error_under_strict if {
	found := env_drift.allowance_recorded with input as typed(false) with data.dpone.config as strict
	severities(found) == ["error"]
}

test_a_typed_path_is_an_error_where_protected if {
	found := env_drift.allowance_recorded with input as typed(true) with data.dpone.config as standard
	severities(found) == ["error"]
}

test_typed_paths_that_are_not_listed_count if {
	given := entries({"protected": true, "command_line_count": 3, "command_line": [typed_difference]})
	found := env_drift.allowance_recorded with input as given with data.dpone.config as strict
	severities(found) == ["error", "error"]
	some answer in found
	answer.key == "~more"
	answer.params.path == "2 more places"
}

test_an_unused_allowance_is_named if {
	found := env_drift.allowance_used with input as entries({"unused": [entry]})
	named(found)
	some answer in found
	answer.key == "a.*"
}

test_used_allowances_are_green if {
	found := env_drift.allowance_used with input as entries({})
	silent(found)
}

test_an_expired_allowance_is_named if {
	found := env_drift.allowance_current with input as entries({"expired": [entry]})
	named(found)
	some answer in found
	answer.params.owner == "ops"
}

test_allowances_that_count_are_green if {
	found := env_drift.allowance_current with input as entries({})
	silent(found)
}
