package dpone.gates.release_close_test

import rego.v1

import data.dpone.gates.release_close

closing(evidence) := {
	"subject": {"release": "v1", "environment": "production", "deployment_id": "DEP-1"},
	"evidence": evidence,
}

seen(sha256) := {"name": "post_deploy_verify", "kind": "post_deploy_verify", "state": "present", "facts": {
	"subject": {"release": "v1", "environment": "production", "deployment_id": "DEP-1"},
	"items": [{"sha256": "other"}, {"sha256": sha256}],
}}

recorded(deployment, sha256, passed) := {
	"name": "deployment_record",
	"kind": "deployment_record",
	"state": "present",
	"source": {"sha256": sha256},
	"facts": {
		"passed": passed,
		"subject": {"release": "v1", "environment": "production", "deployment_id": deployment},
	},
}

test_the_deployment_that_was_verified_stands if {
	given := closing([seen("d1"), recorded("DEP-1", "d1", true)])
	found := release_close.deployment_stands with input as given
	found == [{"ok": true}]
}

test_a_verified_deployment_without_a_record_is_red if {
	given := closing([seen("d1")])
	found := release_close.deployment_stands with input as given
	found[0].ok == false
}

test_without_a_verification_the_deployment_is_not_asked_for if {
	given := closing([])
	found := release_close.deployment_stands with input as given
	found[0].ok == true
}

test_the_latest_deployment_is_the_one_that_was_verified if {
	given := closing([seen("d1"), recorded("DEP-1", "d1", true)])
	found := release_close.deployment_latest with input as given
	found == [{"ok": true}]
}

test_a_later_deployment_is_red if {
	given := closing([seen("d1"), recorded("DEP-2", "d2", true)])
	found := release_close.deployment_latest with input as given
	found == [{"ok": false, "params": {"latest": "DEP-2"}}]
}

test_without_a_verification_no_deployment_is_later if {
	given := closing([recorded("DEP-2", "d2", true)])
	found := release_close.deployment_latest with input as given
	found == [{"ok": true}]
}

test_the_record_that_was_verified_is_the_one_that_counts if {
	given := closing([seen("d1"), recorded("DEP-1", "d1", true)])
	found := release_close.same_deployment with input as given
	found == [{"ok": true}]
}

test_a_record_made_again_since_is_red if {
	given := closing([seen("d1"), recorded("DEP-1", "d9", true)])
	found := release_close.same_deployment with input as given
	found == [{"ok": false}]
}

test_a_red_record_is_said_of_the_record if {
	given := closing([seen("d1"), recorded("DEP-1", "d9", false)])
	found := release_close.same_deployment with input as given
	found == [{"ok": true}]
}

test_a_record_of_another_deployment_was_not_verified if {
	given := closing([seen("d1"), recorded("DEP-2", "d9", true)])
	found := release_close.same_deployment with input as given
	found == [{"ok": true}]
}
