package dpone.gates.release_promote_test

import rego.v1

import data.dpone.gates.release_promote

ballots := {"approvals": {
	"signed": "never",
	"exclude": ["requester"],
	"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4},
}}

voted(person, decision, trust) := {
	"person": person,
	"actor": person,
	"decision": decision,
	"decided_at": "2026-06-05T12:00:00Z",
	"same_request": true,
	"listed": true,
	"expired": false,
	"from_future": false,
	"environment": "production",
	"trust": trust,
	"signed": true,
	"requester": false,
	"recorded_by": "ci",
}

counted_votes(passed, votes) := {
	"subject": {"release": "v1", "environment": "production", "change_id": "CR-1"},
	"protected": false,
	"approvals": votes,
	"evidence": [{
		"name": "approval_record",
		"kind": "approval_record",
		"state": "present",
		"facts": {
			"passed": passed,
			"subject": {"release": "v1", "environment": "production"},
			"said": {"risk_level": "low", "votes": [voted("ann", "approved", "workspace")]},
		},
	}],
}

test_no_rejection_since_is_clear if {
	given := counted_votes(true, [])
	found := release_promote.not_rejected with input as given
	found == [{"ok": true}]
}

test_a_rejection_since_is_red if {
	given := counted_votes(true, [voted("bob", "rejected", "workspace")])
	found := release_promote.not_rejected with input as given
	found == [{"ok": false, "params": {
		"actor": "bob",
		"decided_at": "2026-06-05T12:00:00Z",
		"how": "signed",
	}}]
}

test_a_rejection_that_was_counted_is_said_of_the_approval if {
	given := counted_votes(false, [voted("bob", "rejected", "workspace")])
	found := release_promote.not_rejected with input as given
	found == [{"ok": true}]
}

test_approvals_that_still_count_are_clear if {
	given := counted_votes(true, [voted("ann", "approved", "workspace")])
	found := release_promote.approvals_stand with input as given with data.dpone.config as ballots
	found == [{"ok": true}]
}

test_an_approval_by_a_key_that_was_revoked_since_is_red if {
	given := counted_votes(true, [voted("ann", "approved", "none")])
	found := release_promote.approvals_stand with input as given with data.dpone.config as ballots
	found == [{"ok": false, "params": {"have": 0, "needed": 1}}]
}

test_an_approval_that_did_not_pass_is_not_counted_again if {
	given := counted_votes(false, [voted("ann", "approved", "none")])
	found := release_promote.approvals_stand with input as given with data.dpone.config as ballots
	found == [{"ok": true}]
}
