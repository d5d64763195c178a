package dpone.gates.approval_record_test

import rego.v1

import data.dpone.gates.approval_record

voted(changed) := {
	"person": "ann",
	"actor": "Ann",
	"recorded_by": "ci",
	"decision": object.get(changed, "decision", "approved"),
	"same_request": object.get(changed, "same_request", true),
	"listed": object.get(changed, "listed", true),
	"expired": object.get(changed, "expired", false),
	"from_future": object.get(changed, "from_future", false),
	"environment": object.get(changed, "environment", "production"),
	"trust": object.get(changed, "trust", "workspace"),
	"signed": object.get(changed, "signed", true),
	"requester": object.get(changed, "requester", false),
}

cast(changed) := {"subject": {"environment": "production"}, "approvals": [voted(changed)]}

excluding := {"approvals": {"exclude": ["requester"]}}

excluding_nobody := {"approvals": {"exclude": []}}

test_a_signed_vote_is_clear if {
	given := cast({})
	found := approval_record.votes_signed with input as given
	found == [{"ok": true}]
}

test_an_asserted_vote_is_named if {
	given := cast({"signed": false})
	found := approval_record.votes_signed with input as given
	found == [{"ok": false, "key": "ann", "params": {"actor": "Ann", "recorded_by": "ci"}}]
}

test_an_asserted_rejection_is_judged_elsewhere if {
	given := cast({"signed": false, "decision": "rejected"})
	found := approval_record.votes_signed with input as given
	found == [{"ok": true}]
}

test_an_asserted_vote_on_another_request_is_idle if {
	given := cast({"signed": false, "same_request": false})
	found := approval_record.votes_signed with input as given
	found == [{"ok": true}]
}

test_an_asserted_vote_of_anybody_is_idle if {
	given := cast({"signed": false, "listed": false})
	found := approval_record.votes_signed with input as given
	found == [{"ok": true}]
}

test_a_vote_that_counts_is_clear if {
	given := cast({})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	found == [{"ok": true}]
}

test_a_rejection_is_not_idle if {
	given := cast({"decision": "rejected", "expired": true})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	found == [{"ok": true}]
}

test_a_vote_on_another_request_is_named if {
	given := cast({"same_request": false})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	found == [{"ok": false, "key": "ann", "params": {
		"actor": "Ann",
		"why": "about another request, or this one before it was edited",
	}}]
}

whys(answers) := [answer.params.why | some answer in answers]

test_a_vote_for_another_environment_is_named if {
	given := cast({"environment": "staging"})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	whys(found) == ["for another environment"]
}

test_a_vote_of_somebody_who_was_not_asked_is_named if {
	given := cast({"listed": false})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	whys(found) == ["by somebody who was not asked"]
}

test_a_vote_that_is_too_old_is_named if {
	given := cast({"expired": true})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	whys(found) == ["too old"]
}

test_a_vote_from_the_future_is_named if {
	given := cast({"from_future": true})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	whys(found) == ["from the future"]
}

test_a_vote_of_the_requester_is_named if {
	given := cast({"requester": true})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	whys(found) == ["by the one who asked for the change"]
}

test_a_vote_of_the_requester_counts_where_nobody_is_excluded if {
	given := cast({"requester": true})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding_nobody
	found == [{"ok": true}]
}

test_a_vote_with_a_key_that_may_not_is_named if {
	given := cast({"trust": "none"})
	found := approval_record.votes_count with input as given with data.dpone.config as excluding
	whys(found) == ["signed by a key that may not approve here"]
}

test_a_vote_by_a_key_that_may_not_approve_is_idle_not_asserted if {
	given := cast({"signed": false, "trust": "none"})
	found := approval_record.votes_signed with input as given
	found == [{"ok": true}]
}
