package dpone.gates.approval_record_test

import rego.v1

import data.dpone.gates.approval_record

vote(changed) := {
	"person": object.get(changed, "person", "ann"),
	"actor": object.get(changed, "actor", "Ann"),
	"recorded_by": "ci",
	"decision": object.get(changed, "decision", "approved"),
	"decided_at": "2026-06-05T12:00:00Z",
	"same_request": object.get(changed, "same_request", true),
	"listed": object.get(changed, "listed", true),
	"expired": object.get(changed, "expired", false),
	"from_future": object.get(changed, "from_future", false),
	"environment": object.get(changed, "environment", "production"),
	"trust": object.get(changed, "trust", "workspace"),
	"signed": object.get(changed, "signed", true),
	"requester": object.get(changed, "requester", false),
}

ballot(changed) := {
	"subject": {"environment": "production", "change_id": "CR-1"},
	"protected": false,
	"approvals": object.get(changed, "approvals", [vote({})]),
	"parameters": {"quorum": object.get(changed, "quorum", 0)},
	"evidence": [
		{
			"name": "change_request",
			"kind": "change_request",
			"state": "present",
			"source": {"uri": "cr.json"},
		},
		{
			"name": "votes",
			"kind": "votes",
			"state": "present",
			"facts": {
				"cast": object.get(changed, "cast", true),
				"actor": "ann",
				"request_known": object.get(changed, "request_known", true),
				"actor_listed": object.get(changed, "actor_listed", true),
				"risk_level": object.get(changed, "risk_level", "low"),
				"expires_at": "2026-07-01T00:00:00Z",
				"expired": object.get(changed, "expired", false),
			},
		},
	],
}

policy := {"approvals": {
	"signed": "protected",
	"exclude": ["requester"],
	"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4},
}}

test_who_was_asked_may_vote if {
	given := ballot({})
	found := approval_record.actor_allowed with input as given
	found == [{"evidence": "votes", "ok": true, "key": "approval.actor_not_allowed", "params": {"actor": "ann"}}]
}

test_who_was_not_asked_may_not_vote if {
	given := ballot({"actor_listed": false})
	found := approval_record.actor_allowed with input as given
	count(found) == 1
	found[0].ok == false
}

test_counting_alone_needs_nobody_who_was_asked if {
	given := ballot({"cast": false, "actor_listed": false})
	found := approval_record.actor_allowed with input as given
	count(found) == 1
	found[0].ok == true
}

test_an_open_request_is_clear if {
	given := ballot({})
	found := approval_record.request_open with input as given
	found == [{"evidence": "votes", "ok": true, "key": "approval.change_request_expired", "params": {"expires_at": "2026-07-01T00:00:00Z"}}]
}

test_an_expired_request_is_red if {
	given := ballot({"expired": true})
	found := approval_record.request_open with input as given
	count(found) == 1
	found[0].ok == false
}

test_no_rejection_is_clear if {
	given := ballot({})
	found := approval_record.not_rejected with input as given
	found == [{"ok": true}]
}

test_a_rejection_is_red if {
	given := ballot({"approvals": [vote({}), vote({"decision": "rejected", "actor": "Bob"})]})
	found := approval_record.not_rejected with input as given
	found == [{"ok": false, "key": "approval.rejected", "params": {
		"actor": "Bob",
		"decided_at": "2026-06-05T12:00:00Z",
		"how": "signed",
	}}]
}

test_an_old_unsigned_rejection_is_one_all_the_same if {
	given := ballot({"approvals": [vote({"decision": "rejected", "signed": false, "expired": true, "trust": "none"})]})
	found := approval_record.not_rejected with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_rejection_of_another_request_or_by_anybody_is_none if {
	given := ballot({"approvals": [
		vote({"decision": "rejected", "same_request": false}),
		vote({"decision": "rejected", "listed": false}),
	]})
	found := approval_record.not_rejected with input as given
	found == [{"ok": true}]
}

test_a_quorum_that_is_met_is_clear if {
	given := ballot({})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	found == [{"evidence": "votes", "ok": true, "key": "approval.quorum_not_met", "params": {"have": 1, "needed": 1}}]
}

test_the_same_person_twice_is_no_quorum_of_two if {
	given := ballot({"risk_level": "medium", "approvals": [vote({}), vote({})]})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == false
	found[0].params == {"have": 1, "needed": 2}
}

test_two_people_are_a_quorum_of_two if {
	given := ballot({"risk_level": "medium", "approvals": [vote({}), vote({"person": "bob"})]})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == true
}

test_no_quorum_is_asked_of_a_request_that_is_not_known if {
	given := ballot({"approvals": [], "request_known": false})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == true
}

test_no_quorum_is_asked_where_the_change_was_rejected if {
	given := ballot({"approvals": [vote({"decision": "rejected", "person": "bob"})]})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == true
}

test_an_option_raises_the_quorum if {
	given := ballot({"quorum": 2})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == false
	found[0].params.needed == 2
}

test_an_option_never_lowers_the_quorum if {
	given := ballot({"risk_level": "medium", "quorum": 1})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == false
	found[0].params.needed == 2
}

test_an_option_that_asks_for_the_same_changes_nothing if {
	given := ballot({"quorum": 1})
	found := approval_record.quorum_met with input as given with data.dpone.config as policy
	count(found) == 1
	found[0].ok == true
	found[0].params.needed == 1
}
