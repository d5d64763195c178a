package dpone.gates.deployment_record_test

import rego.v1

import data.dpone.gates.deployment_record

deployed(changed) := {
	"subject": {
		"release": object.get(changed, "release", "v1"),
		"environment": object.get(changed, "environment", "production"),
	},
	"protected": object.get(changed, "protected", false),
	"evidence": [{
		"name": "deployment",
		"kind": "deployment",
		"state": "present",
		"facts": {
			"status": object.get(changed, "status", "succeeded"),
			"checks": object.get(changed, "checks", [{"name": "smoke", "passed": true}]),
		},
	}],
}

test_a_deployment_with_its_names_is_clear if {
	given := deployed({})
	found := deployment_record.deployment_named with input as given
	found == [{"ok": true}]
}

test_a_deployment_of_no_release_is_red if {
	given := deployed({"release": ""})
	found := deployment_record.deployment_named with input as given
	found == [{"ok": false, "key": "release", "params": {"field": "release"}}]
}

test_a_deployment_to_nowhere_is_red if {
	given := deployed({"environment": ""})
	found := deployment_record.deployment_named with input as given
	found == [{"ok": false, "key": "environment", "params": {"field": "environment"}}]
}

test_a_deployment_that_succeeded_is_clear if {
	given := deployed({})
	found := deployment_record.ended_well with input as given
	found == [{"evidence": "deployment", "ok": true, "key": "deployment.status_succeeded", "params": {"status": "succeeded"}}]
}

test_a_deployment_that_was_completed_is_clear if {
	given := deployed({"status": "completed"})
	found := deployment_record.ended_well with input as given
	count(found) == 1
	found[0].ok == true
}

test_a_deployment_that_failed_is_red if {
	given := deployed({"status": "failed"})
	found := deployment_record.ended_well with input as given
	count(found) == 1
	found[0].ok == false
	found[0].key == "deployment.status_failed"
}

test_a_deployment_done_in_part_is_red if {
	given := deployed({"status": "partial"})
	found := deployment_record.ended_well with input as given
	count(found) == 1
	found[0].ok == false
	found[0].key == "deployment.status_partial"
}

test_checks_that_passed_are_clear if {
	given := deployed({})
	found := deployment_record.checks_passed with input as given
	found == [{"evidence": "deployment", "ok": true}]
}

test_a_check_that_failed_is_named if {
	given := deployed({"checks": [{"name": "smoke", "passed": true}, {"name": "quality", "passed": false}]})
	found := deployment_record.checks_passed with input as given
	found == [{"evidence": "deployment", "ok": false, "key": "post_check.quality", "params": {"name": "quality"}}]
}

test_a_check_that_was_made_is_clear if {
	given := deployed({})
	found := deployment_record.checks_made with input as given
	count(found) == 1
	count(found[0]) == 3
	found[0].evidence == "deployment"
	found[0].ok == true
}

test_no_check_warns_where_nothing_is_protected if {
	given := deployed({"checks": []})
	found := deployment_record.checks_made with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "warning"
}

test_no_check_is_red_where_protected if {
	given := deployed({"checks": [], "protected": true})
	found := deployment_record.checks_made with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "error"
}
