package dpone.gates.approval_record_test

import rego.v1

import data.dpone.gates.approval_record

asked(evidence) := {"evidence": evidence}

counted(changed) := asked([{"name": "votes", "kind": "votes", "state": "present", "facts": {
	"cast": object.get(changed, "cast", true),
	"request_known": object.get(changed, "request_known", true),
	"actor": "ann",
	"actor_listed": object.get(changed, "actor_listed", true),
	"expires_at": "",
	"expired": object.get(changed, "expired", false),
}}])

test_a_request_that_is_there_is_clear if {
	given := asked([{"name": "change_request", "kind": "change_request"}])
	found := approval_record.requested with input as given
	found == [{"ok": true, "key": "approval.change_request_missing"}]
}

test_a_request_that_cannot_be_read_is_judged_elsewhere if {
	given := asked([{"name": "change_request", "kind": ""}])
	found := approval_record.requested with input as given
	found[0].ok == true
}

test_no_request_is_red if {
	given := asked([])
	found := approval_record.requested with input as given
	found == [{"ok": false, "key": "approval.change_request_missing"}]
}

test_something_else_of_that_name_is_no_request if {
	given := asked([{"name": "change_request", "kind": "slo_report"}, {"name": "other", "kind": "change_request"}])
	found := approval_record.requested with input as given
	found[0].ok == false
}

test_whoever_was_not_asked_may_not_vote if {
	given := counted({"actor_listed": false})
	found := approval_record.actor_allowed with input as given
	found == [{"evidence": "votes", "ok": false, "key": "approval.actor_not_allowed", "params": {"actor": "ann"}}]
}

test_where_the_request_is_not_known_nobody_is_refused_a_vote if {
	given := counted({"actor_listed": false, "request_known": false})
	found := approval_record.actor_allowed with input as given
	found[0].ok == true
}

test_counting_alone_needs_no_vote if {
	given := counted({"actor_listed": false, "cast": false})
	found := approval_record.actor_allowed with input as given
	found[0].ok == true
}

test_a_request_within_its_time_is_open if {
	given := counted({})
	found := approval_record.request_open with input as given
	found[0].ok == true
}

test_a_request_after_its_time_is_not_open if {
	given := counted({"expired": true})
	found := approval_record.request_open with input as given
	found[0].ok == false
}
