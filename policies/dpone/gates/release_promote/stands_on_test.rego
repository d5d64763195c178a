package dpone.gates.release_promote_test

import rego.v1

import data.dpone.gates.release_promote

stand(evidence, changed) := {
	"subject": {"release": "v1", "environment": "production"},
	"protected": object.get(changed, "protected", false),
	"evidence": array.concat(evidence, [{
		"name": "promotion",
		"kind": "promotion",
		"state": "present",
		"facts": {
			"from_environment": "staging",
			"to_environment": "production",
			"needs_approval": object.get(changed, "needs_approval", false),
		},
	}]),
}

decided(kind, release, environment, sha256) := {
	"name": kind,
	"kind": kind,
	"state": "present",
	"source": {"sha256": sha256},
	"facts": {"subject": {"release": release, "environment": environment}},
}

test_a_release_allowed_there_may_go_on if {
	given := stand([decided("release_gate", "v1", "staging", "g1")], {"protected": true})
	found := release_promote.release_allowed with input as given
	found == [{"evidence": "promotion", "ok": true, "key": "promotion.release_gate_missing", "params": {"source": "staging"}}]
}

test_without_a_decision_nothing_goes_on if {
	given := stand([], {})
	found := release_promote.release_allowed with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_decision_about_another_release_says_nothing if {
	given := stand([decided("release_gate", "v2", "staging", "g1")], {})
	found := release_promote.release_allowed with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_decision_in_another_environment_says_nothing if {
	given := stand([decided("release_gate", "v1", "test", "g1")], {})
	found := release_promote.release_allowed with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_decision_about_the_release_itself_is_enough_where_nothing_is_protected if {
	given := stand([decided("release_gate", "v1", "", "g1")], {})
	found := release_promote.release_allowed with input as given
	count(found) == 1
	found[0].ok == true
}

test_a_decision_about_the_release_itself_is_not_enough_where_protected if {
	given := stand([decided("release_gate", "v1", "", "g1")], {"protected": true})
	found := release_promote.release_allowed with input as given
	count(found) == 1
	found[0].ok == false
}

drift(source, target) := {
	"name": "env_drift",
	"kind": "env_drift",
	"state": "present",
	"facts": {"said": {"source_environment": source, "target_environment": target}},
}

test_two_environments_that_were_compared_are_clear if {
	given := stand([drift("staging", "production")], {})
	found := release_promote.drift_compared with input as given
	found == [{"evidence": "promotion", "ok": true, "key": "promotion.env_drift_missing", "params": {"source": "staging", "target": "production"}}]
}

test_a_comparison_with_another_source_is_none if {
	given := stand([drift("test", "production")], {})
	found := release_promote.drift_compared with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_comparison_with_another_target_is_none if {
	given := stand([drift("staging", "test")], {})
	found := release_promote.drift_compared with input as given
	count(found) == 1
	found[0].ok == false
}

approval(release, environment, request) := {
	"name": "approval_record",
	"kind": "approval_record",
	"state": "present",
	"source": {"sha256": "a1"},
	"facts": {
		"subject": {"release": release, "environment": environment},
		"said": {"change_request": request},
	},
}

test_where_none_is_needed_no_approval_is_clear if {
	given := stand([], {})
	found := release_promote.change_approved with input as given
	found == [{"evidence": "promotion", "ok": true, "key": "promotion.approval_missing", "params": {"target": "production"}}]
}

test_a_protected_environment_needs_an_approval if {
	given := stand([], {"protected": true})
	found := release_promote.change_approved with input as given
	count(found) == 1
	found[0].ok == false
}

test_an_environment_that_asks_for_one_needs_an_approval if {
	given := stand([], {"needs_approval": true})
	found := release_promote.change_approved with input as given
	count(found) == 1
	found[0].ok == false
}

test_an_approval_for_this_environment_is_enough if {
	given := stand([approval("v1", "production", "c1")], {"protected": true})
	found := release_promote.change_approved with input as given
	count(found) == 1
	found[0].ok == true
}

test_an_approval_of_another_release_is_none if {
	given := stand([approval("v2", "production", "c1")], {"protected": true})
	found := release_promote.change_approved with input as given
	count(found) == 1
	found[0].ok == false
}

test_an_approval_for_another_environment_is_none if {
	given := stand([approval("v1", "staging", "c1")], {"protected": true})
	found := release_promote.change_approved with input as given
	count(found) == 1
	found[0].ok == false
}

request(sha256, attached) := {
	"name": "change_request",
	"kind": "change_request",
	"state": "present",
	"source": {"sha256": sha256},
	"facts": {"items": [{"sha256": attached}]},
}

gate := decided("release_gate", "v1", "staging", "g1")

test_without_an_approval_there_is_nothing_to_compare if {
	given := stand([gate], {})
	found := release_promote.same_content with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_what_was_approved_is_promoted if {
	given := stand([gate, request("c1", "g1"), approval("v1", "production", "c1")], {})
	found := release_promote.same_content with input as given
	count(found) == 1
	found[0].ok == true
}

test_an_approval_of_an_earlier_decision_is_red if {
	given := stand([gate, request("c1", "g0"), approval("v1", "production", "c1")], {})
	found := release_promote.same_content with input as given
	count(found) == 1
	found[0].ok == false
}

test_the_request_must_be_the_one_that_was_approved if {
	given := stand([gate, request("c1", "g1"), approval("v1", "production", "c0")], {})
	found := release_promote.same_content with input as given
	count(found) == 1
	found[0].ok == false
}

refused(name) := {"name": name, "kind": name, "state": "invalid"}

test_a_decision_that_cannot_be_read_is_judged_elsewhere if {
	given := stand([refused("release_gate")], {})
	found := release_promote.release_allowed with input as given
	found[0].ok == true
}

test_a_comparison_that_cannot_be_read_is_judged_elsewhere if {
	given := stand([refused("env_drift")], {})
	found := release_promote.drift_compared with input as given
	found[0].ok == true
}
