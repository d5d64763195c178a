package dpone.gates.change_request_test

import rego.v1

import data.dpone.gates.change_request

approver(changed) := {
	"person": object.get(changed, "person", "ann"),
	"requester": object.get(changed, "requester", false),
	"can_sign": object.get(changed, "can_sign", true),
}

change(changed) := {
	"subject": {
		"release": object.get(changed, "release", "v1"),
		"environment": object.get(changed, "environment", "production"),
	},
	"protected": object.get(changed, "protected", false),
	"evidence": [{
		"name": "change",
		"kind": "change",
		"state": "present",
		"producer": "service",
		"facts": {
			"change_id": "CR-1",
			"risk_level": object.get(changed, "risk_level", "low"),
			"approvers": object.get(changed, "approvers", [approver({})]),
			"limited": object.get(changed, "limited", false),
			"expires_at": object.get(changed, "expires_at", ""),
			"expires_readable": object.get(changed, "expires_readable", false),
			"expired": object.get(changed, "expired", false),
		},
	}],
}

policy := {"approvals": {
	"signed": "protected",
	"exclude": ["requester"],
	"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4},
}}

everybody := {"approvals": {
	"signed": "never",
	"exclude": [],
	"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4},
}}

test_a_change_with_its_names_is_clear if {
	given := change({})
	found := change_request.change_named with input as given
	found == [{"ok": true}]
}

test_a_change_of_no_release_is_red if {
	given := change({"release": ""})
	found := change_request.change_named with input as given
	found == [{"ok": false, "key": "release", "params": {"field": "release"}}]
}

test_a_change_of_no_environment_is_red if {
	given := change({"environment": ""})
	found := change_request.change_named with input as given
	found == [{"ok": false, "key": "environment", "params": {"field": "environment"}}]
}

test_somebody_asked_is_clear if {
	given := change({})
	found := change_request.approvers_given with input as given
	found == [{"evidence": "change", "ok": true, "key": "approval.approvers_missing", "params": {"change": "CR-1"}}]
}

test_nobody_asked_is_red if {
	given := change({"approvers": []})
	found := change_request.approvers_given with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_quorum_within_reach_is_clear if {
	given := change({"risk_level": "medium", "approvers": [approver({}), approver({"person": "bob"})]})
	found := change_request.quorum_reachable with input as given with data.dpone.config as policy
	found == [{"evidence": "change", "ok": true, "key": "approval.quorum_unreachable", "params": {
		"risk": "medium",
		"needed": 2,
		"able": 2,
	}}]
}

test_one_person_named_twice_is_one if {
	given := change({"risk_level": "medium", "approvers": [approver({}), approver({})]})
	found := change_request.quorum_reachable with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == false
	found[0].params.able == 1
}

test_the_requester_alone_is_red if {
	given := change({"approvers": [approver({"requester": true})]})
	found := change_request.quorum_reachable with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == false
	found[0].params.able == 0
}

test_the_requester_counts_where_nobody_is_excluded if {
	given := change({"approvers": [approver({"requester": true})]})
	found := change_request.quorum_reachable with input as given with data.dpone.config as everybody
	count(found) == 1
	found[0].ok == true
}

test_who_cannot_sign_may_assert_where_nothing_is_protected if {
	given := change({"approvers": [approver({"can_sign": false})]})
	found := change_request.quorum_reachable with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == true
}

test_who_cannot_sign_does_not_count_where_protected if {
	given := change({"protected": true, "approvers": [approver({"can_sign": false})]})
	found := change_request.quorum_reachable with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == false
}

test_who_can_sign_counts_where_protected if {
	given := change({"protected": true})
	found := change_request.quorum_reachable with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == true
}

test_a_request_without_a_limit_is_open if {
	given := change({})
	found := change_request.in_time with input as given
	found == [{"evidence": "change", "ok": true, "key": "approval.change_request_expired", "params": {"expires_at": ""}}]
}

test_a_limit_to_come_is_open if {
	given := change({"limited": true, "expires_at": "2027-01-01T00:00:00Z", "expires_readable": true})
	found := change_request.in_time with input as given
	count(found) == 1
	found[0].ok == true
	found[0].params.expires_at == "2027-01-01T00:00:00Z"
}

test_a_limit_that_has_passed_is_red if {
	given := change({"limited": true, "expires_readable": true, "expired": true})
	found := change_request.in_time with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_limit_that_nobody_can_read_is_red if {
	given := change({"limited": true, "expires_at": "soon"})
	found := change_request.in_time with input as given
	count(found) == 1
	found[0].ok == false
}
