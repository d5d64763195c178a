package dpone.gates.release_orchestrator_test

import rego.v1

import data.dpone.gates.release_orchestrator

step(name, changed) := {
	"name": name,
	"producer": object.get(changed, "producer", "service"),
	"state": object.get(changed, "state", "present"),
	"facts": {
		"gate": name,
		"status": object.get(changed, "status", "passed"),
		"passed": object.get(changed, "passed", true),
		"warned": object.get(changed, "warned", 0),
		"path": "a.json",
	},
}

others := [
	step("evidence-chain", {}),
	step("release-gate", {}),
	step("docs-publish-pack", {}),
	step("runbook-pack", {}),
]

run(steps) := {"subject": {"release": "v1"}, "evidence": steps}

test_a_named_release_is_clear if {
	given := run([])
	found := release_orchestrator.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_no_release_is_red if {
	given := {"subject": {"release": ""}, "evidence": []}
	found := release_orchestrator.release_named with input as given
	count(found) == 1
	found[0].ok == false
}

test_all_steps_are_clear if {
	given := run(array.concat([step("artifact-index", {})], others))
	found := release_orchestrator.steps_taken with input as given
	found == [{"ok": true}]
}

test_each_step_that_was_not_taken_is_named if {
	given := run([])
	found := release_orchestrator.steps_taken with input as given
	[answer.key | some answer in found] == ["artifact-index", "evidence-chain", "release-gate", "docs-publish-pack", "runbook-pack"]
	found[0] == {"ok": false, "key": "artifact-index", "params": {"step": "artifact-index"}}
}

test_a_step_taken_twice_is_not_one if {
	given := run(array.concat([step("artifact-index", {}), step("artifact-index", {})], others))
	found := release_orchestrator.steps_taken with input as given
	[answer.key | some answer in found] == ["artifact-index"]
}

test_what_somebody_gave_is_no_step if {
	given := run(array.concat([step("artifact-index", {"producer": "dpone"})], others))
	found := release_orchestrator.steps_taken with input as given
	[answer.key | some answer in found] == ["artifact-index"]
}

test_a_step_without_an_answer_is_not_taken if {
	given := run(array.concat([step("artifact-index", {"state": "missing"})], others))
	found := release_orchestrator.steps_taken with input as given
	[answer.key | some answer in found] == ["artifact-index"]
}

test_a_step_that_passed_is_clear if {
	given := run([step("release-gate", {})])
	found := release_orchestrator.step_passed with input as given
	found == [{"evidence": "release-gate", "ok": true, "key": "release-gate", "params": {
		"gate": "release-gate",
		"status": "passed",
		"path": "a.json",
	}}]
}

test_a_step_that_failed_is_red if {
	given := run([step("release-gate", {"status": "failed"})])
	found := release_orchestrator.step_passed with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_step_that_contradicts_itself_is_red if {
	given := run([step("release-gate", {"passed": false})])
	found := release_orchestrator.step_passed with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_step_without_warnings_is_clear if {
	given := run([step("release-gate", {})])
	found := release_orchestrator.step_clean with input as given
	found == [{"evidence": "release-gate", "ok": true, "params": {
		"gate": "release-gate",
		"warned": 0,
		"path": "a.json",
	}}]
}

test_a_step_with_a_warning_is_said if {
	given := run([step("release-gate", {"warned": 1})])
	found := release_orchestrator.step_clean with input as given
	count(found) == 1
	found[0].ok == false
}
