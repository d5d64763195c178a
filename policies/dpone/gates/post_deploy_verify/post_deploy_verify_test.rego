package dpone.gates.post_deploy_verify_test

import rego.v1

import data.dpone.gates.post_deploy_verify

record(changed) := {
	"name": object.get(changed, "name", "deployment_record"),
	"kind": "deployment_record",
	"state": object.get(changed, "state", "present"),
	"dated": "producer",
	"age_seconds": object.get(changed, "age_seconds", 100),
	"facts": {
		"subject": {
			"release": object.get(changed, "release", "v1"),
			"environment": object.get(changed, "environment", "production"),
			"deployment_id": object.get(changed, "deployment_id", "DEP-1"),
		},
		"said": {"finished_seconds_ago": object.get(changed, "finished_seconds_ago", 50)},
	},
}

check(changed) := {
	"name": "slo",
	"kind": "slo_report",
	"state": object.get(changed, "state", "present"),
	"dated": object.get(changed, "dated", "producer"),
	"age_seconds": object.get(changed, "age_seconds", 10),
}

verify(evidence, changed) := {
	"subject": {
		"release": object.get(changed, "release", "v1"),
		"environment": object.get(changed, "environment", "production"),
		"deployment_id": object.get(changed, "deployment_id", "DEP-1"),
	},
	"protected": object.get(changed, "protected", false),
	"parameters": {"checks_named": object.get(changed, "checks_named", true)},
	"required": object.get(changed, "required", []),
	"evidence": evidence,
}

test_a_named_deployment_is_clear if {
	given := verify([], {})
	found := post_deploy_verify.deployment_named with input as given
	found == [{"ok": true}]
}

test_no_release_is_red if {
	given := verify([], {"release": ""})
	found := post_deploy_verify.deployment_named with input as given
	found == [{"ok": false, "key": "release", "params": {"field": "release"}}]
}

test_no_environment_is_red if {
	given := verify([], {"environment": ""})
	found := post_deploy_verify.deployment_named with input as given
	found == [{"ok": false, "key": "environment", "params": {"field": "environment"}}]
}

test_no_deployment_is_red if {
	given := verify([], {"deployment_id": ""})
	found := post_deploy_verify.deployment_named with input as given
	found == [{"ok": false, "key": "deployment", "params": {"field": "deployment"}}]
}

test_a_recorded_deployment_is_clear if {
	given := verify([record({})], {})
	found := post_deploy_verify.deployment_recorded with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_record_of_another_deployment_is_none if {
	given := verify([record({"deployment_id": "DEP-2"})], {})
	found := post_deploy_verify.deployment_recorded with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_record_in_another_environment_is_none if {
	given := verify([record({"environment": "staging"})], {})
	found := post_deploy_verify.deployment_recorded with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_record_of_another_release_is_none if {
	given := verify([record({"release": "v2"})], {})
	found := post_deploy_verify.deployment_recorded with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_check_beside_the_record_is_clear if {
	given := verify([record({}), check({})], {})
	found := post_deploy_verify.checks_given with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_the_record_alone_never_closes_a_release if {
	given := verify([record({})], {})
	found := post_deploy_verify.checks_given with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_check_that_is_missing_was_given if {
	given := verify([record({}), check({"state": "missing"})], {})
	found := post_deploy_verify.checks_given with input as given
	found == [{"ok": true}]
}

test_checks_that_the_configuration_names_are_missed_by_name if {
	given := verify([record({})], {"required": [{"name": "slo"}]})
	found := post_deploy_verify.checks_given with input as given
	found == [{"ok": true}]
}

test_a_record_that_cannot_be_read_is_judged_elsewhere if {
	given := verify([record({"state": "invalid"})], {})
	found := post_deploy_verify.deployment_recorded with input as given
	found[0].ok == true
}

test_checks_that_the_configuration_names_are_clear if {
	given := verify([], {})
	found := post_deploy_verify.checks_named with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
}

test_checks_that_nobody_named_are_said if {
	given := verify([], {"checks_named": false})
	found := post_deploy_verify.checks_named with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "warning"
}

test_checks_that_nobody_named_are_red_where_protected if {
	given := verify([], {"checks_named": false, "protected": true})
	found := post_deploy_verify.checks_named with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "error"
}

test_a_check_made_when_the_deployment_ended_is_clear if {
	given := verify([check({"age_seconds": 150}), record({})], {})
	found := post_deploy_verify.made_afterwards with input as given
	count(found) == 2
	found[0] == {"evidence": "slo", "ok": true, "params": {"age_seconds": 150}}
	found[1].ok == true
}

test_a_check_made_before_the_deployment_ended_is_red if {
	given := verify([check({"age_seconds": 151}), record({})], {})
	found := post_deploy_verify.made_afterwards with input as given
	count(found) == 2
	found[0].ok == false
}

test_a_check_that_is_missing_is_judged_elsewhere if {
	given := verify([check({"age_seconds": 151, "state": "missing"}), record({})], {})
	found := post_deploy_verify.made_afterwards with input as given
	count(found) == 2
	found[0].ok == true
}

test_a_check_without_a_date_is_judged_elsewhere if {
	given := verify([check({"age_seconds": 151, "dated": "none"}), record({})], {})
	found := post_deploy_verify.made_afterwards with input as given
	count(found) == 2
	found[0].ok == true
}

test_a_record_is_no_check_of_itself if {
	given := verify([record({"name": "older", "age_seconds": 900}), record({})], {})
	found := post_deploy_verify.made_afterwards with input as given
	count(found) == 2
	found[0].ok == true
	found[1].ok == true
}

test_another_record_of_a_deployment_is_no_check if {
	given := verify([record({}), record({"name": "again"})], {})
	found := post_deploy_verify.checks_given with input as given
	found[0].ok == false
}

test_what_stands_in_the_place_of_the_record_is_no_check if {
	given := verify([{"name": "deployment_record", "kind": "junit", "state": "present"}], {})
	found := post_deploy_verify.checks_given with input as given
	found[0].ok == false
}
