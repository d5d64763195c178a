package dpone.gates.env_drift_test

import rego.v1

import data.dpone.gates.env_drift

difference(path, allowance) := {
	"path": path,
	"kind": "changed",
	"source": "1",
	"target": "2",
	"allowance": allowance,
	"pointer": "/differences/0",
}

one(changed) := {"evidence": [{
	"name": "drift",
	"kind": "env_drift",
	"state": "present",
	"facts": {
		"source_environment": "staging",
		"target_environment": object.get(changed, "target_environment", "production"),
		"same_environment": object.get(changed, "same_environment", false),
		"same_file": object.get(changed, "same_file", false),
		"compared": object.get(changed, "compared", 3),
		"judged": object.get(changed, "judged", 3),
		"blocking_count": object.get(changed, "blocking_count", 0),
		"blocking": object.get(changed, "blocking", []),
	},
}]}

red(answers) if {
	some answer in answers
	answer.ok == false
}

green(answers) if {
	count(answers) == 1
	not red(answers)
}

test_an_environment_compared_with_itself_is_red if {
	found := env_drift.environments_differ with input as one({"same_environment": true})
	red(found)
}

test_two_environments_are_green if {
	found := env_drift.environments_differ with input as one({})
	green(found)
}

test_a_file_compared_with_itself_is_red if {
	found := env_drift.files_differ with input as one({"same_file": true})
	red(found)
}

test_two_files_are_green if {
	found := env_drift.files_differ with input as one({})
	green(found)
}

test_nothing_compared_is_red if {
	found := env_drift.something_compared with input as one({"compared": 0, "judged": 0})
	red(found)
}

test_everything_allowed_to_differ_is_red if {
	found := env_drift.something_compared with input as one({"compared": 5, "judged": 0})
	red(found)
	some answer in found
	answer.params.compared == 5
}

test_one_value_held_to_be_equal_is_green if {
	found := env_drift.something_compared with input as one({"judged": 1})
	green(found)
}

test_no_difference_is_green if {
	found := env_drift.no_blocking_drift with input as one({})
	green(found)
}

test_a_difference_is_red_with_its_path if {
	found := env_drift.no_blocking_drift with input as one({"blocking_count": 1, "blocking": [difference("a.b", "")]})
	red(found)
	count(found) == 1
	some answer in found
	answer.key == "a.b"
	answer.pointer == "/differences/0"
	answer.params.note == ""
}

test_what_an_expired_allowance_named_is_red_with_a_note if {
	told := [difference("a.b", "was allowed by ops until 2026-01-01")]
	found := env_drift.no_blocking_drift with input as one({"blocking_count": 1, "blocking": told})
	some answer in found
	answer.params.note == "; it was allowed by ops until 2026-01-01"
}

test_differences_that_are_not_listed_are_red if {
	found := env_drift.no_blocking_drift with input as one({"blocking_count": 7, "blocking": [difference("a.b", "")]})
	count(found) == 2
	some answer in found
	answer.key == "~more"
	answer.params.path == "6 more places"
}

test_differences_of_which_none_is_listed_are_red if {
	found := env_drift.no_blocking_drift with input as one({"blocking_count": 1})
	red(found)
}
