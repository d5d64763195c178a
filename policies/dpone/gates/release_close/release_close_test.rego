package dpone.gates.release_close_test

import rego.v1

import data.dpone.gates.release_close

verified(changed) := {
	"name": "post_deploy_verify",
	"kind": "post_deploy_verify",
	"state": "present",
	"facts": {"subject": {
		"release": object.get(changed, "release", "v1"),
		"environment": object.get(changed, "environment", "production"),
		"deployment_id": object.get(changed, "deployment_id", "DEP-1"),
	}},
}

close(evidence, changed) := {
	"subject": {
		"release": object.get(changed, "release", "v1"),
		"environment": object.get(changed, "environment", "production"),
		"deployment_id": object.get(changed, "deployment_id", "DEP-1"),
	},
	"evidence": evidence,
}

test_a_named_release_is_clear if {
	given := close([], {})
	found := release_close.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_no_release_is_red if {
	given := close([], {"release": ""})
	found := release_close.release_named with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_of_this_deployment_is_clear if {
	given := close([verified({})], {})
	found := release_close.verified with input as given
	found == [{"ok": true, "key": "release_close.post_deploy_missing"}]
}

test_no_verification_is_red if {
	given := close([], {})
	found := release_close.verified with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_of_another_release_is_none if {
	given := close([verified({"release": "v2"})], {})
	found := release_close.verified with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_in_another_environment_is_none if {
	given := close([verified({"environment": "staging"})], {})
	found := release_close.verified with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_of_another_deployment_is_none if {
	given := close([verified({"deployment_id": "DEP-2"})], {})
	found := release_close.verified with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_in_no_environment_is_none if {
	given := close([verified({"environment": ""})], {"environment": ""})
	found := release_close.verified with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_of_no_deployment_is_none if {
	given := close([verified({"deployment_id": ""})], {"deployment_id": ""})
	found := release_close.verified with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_recorded_deployment_is_clear if {
	given := close([{"name": "deployment_record", "kind": "deployment_record", "state": "present"}], {})
	found := release_close.deployment_stands with input as given
	found == [{"ok": true}]
}

test_a_deployment_that_nobody_recorded_is_red if {
	given := close([verified({})], {})
	found := release_close.deployment_stands with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_verification_that_cannot_be_read_is_judged_elsewhere if {
	given := close([{"name": "post_deploy_verify", "kind": "post_deploy_verify", "state": "invalid"}], {})
	found := release_close.verified with input as given
	found[0].ok == true
}
