package dpone.gates.deployment_record_test

import rego.v1

import data.dpone.gates.deployment_record

on(evidence) := {
	"subject": {"release": "v1", "environment": "production", "change_id": "CR-1"},
	"protected": false,
	"evidence": evidence,
}

protected_on(evidence) := {
	"subject": {"release": "v1", "environment": "production", "change_id": "CR-1"},
	"protected": true,
	"evidence": evidence,
}

gate := {"name": "release_gate", "kind": "release_gate", "state": "present", "source": {"sha256": "g1"}}

promoted_on(sha256) := {"name": "promotion_manifest", "kind": "promotion_manifest", "state": "present", "facts": {"items": [
	{"sha256": "other"},
	{"sha256": sha256},
]}}

requested := {"name": "change_request", "kind": "change_request", "state": "present", "source": {"sha256": "c1"}}

approved_on(sha256, age) := {
	"name": "approval_record",
	"kind": "approval_record",
	"state": "present",
	"age_seconds": age,
	"produced_at": "2026-06-05T12:00:00Z",
	"facts": {
		"passed": true,
		"subject": {"release": "v1", "environment": "production"},
		"said": {"change_request": sha256, "risk_level": "low", "votes": []},
	},
}

begun(started) := {"name": "deployment", "kind": "deployment", "state": "present", "facts": {
	"started_at": "2026-06-05T11:00:00Z",
	"started_seconds_ago": started,
}}

test_the_promoted_decision_is_the_one_that_counts if {
	given := on([gate, promoted_on("g1")])
	found := deployment_record.promoted_this with input as given
	found == [{"ok": true}]
}

test_another_decision_than_the_promoted_one_is_red if {
	given := on([gate, promoted_on("g0")])
	found := deployment_record.promoted_this with input as given
	found == [{"ok": false}]
}

test_without_a_decision_there_is_nothing_to_compare if {
	given := on([promoted_on("g0")])
	found := deployment_record.promoted_this with input as given
	found[0].ok == true
}

test_without_a_promotion_there_is_nothing_to_compare if {
	given := on([gate])
	found := deployment_record.promoted_this with input as given
	found[0].ok == true
}

test_the_approved_request_is_the_one_that_counts if {
	given := on([requested, approved_on("c1", 100)])
	found := deployment_record.approved_this with input as given
	found == [{"ok": true, "key": "deployment.approval_not_passed"}]
}

test_an_approval_of_an_earlier_request_is_red if {
	given := on([requested, approved_on("c0", 100)])
	found := deployment_record.approved_this with input as given
	found[0].ok == false
}

test_without_a_request_no_approval_can_be_for_another if {
	given := on([approved_on("c0", 100)])
	found := deployment_record.approved_this with input as given
	found[0].ok == true
}

test_without_an_approval_the_request_is_judged_elsewhere if {
	given := on([requested])
	found := deployment_record.approved_this with input as given
	found[0].ok == true
}

test_a_deployment_after_its_approval_is_clear if {
	given := on([approved_on("c1", 100), begun(100)])
	found := deployment_record.approved_before with input as given
	found == [{"evidence": "deployment", "ok": true, "severity": "warning", "key": "deployment.approval_not_passed", "params": {
		"started": "2026-06-05T11:00:00Z",
		"approved": "",
	}}]
}

test_clocks_may_differ_by_five_minutes if {
	given := on([approved_on("c1", 100), begun(400)])
	found := deployment_record.approved_before with input as given
	found[0].ok == true
}

test_a_deployment_before_its_approval_is_said if {
	given := on([approved_on("c1", 100), begun(401)])
	found := deployment_record.approved_before with input as given
	found[0].ok == false
	found[0].severity == "warning"
	found[0].params.approved == "2026-06-05T12:00:00Z"
}

test_a_deployment_before_its_approval_is_red_where_protected if {
	given := protected_on([approved_on("c1", 100), begun(401)])
	found := deployment_record.approved_before with input as given
	found[0].severity == "error"
}
