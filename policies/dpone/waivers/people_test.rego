package dpone.waivers_test

import rego.v1

import data.dpone.waivers

limits(signed) := {"waiver_limits": {"signed": signed, "renewals": 2}}

typed(protected) := {"protected": protected, "waivers": [{"id": "F-1", "rule": "a.b", "source": "config"}]}

put_down(protected) := {"protected": protected, "waivers": [{"id": "W-1", "rule": "a.b", "source": "signed"}]}

test_a_typed_waiver_is_refused_where_it_is_protected if {
	given := typed(true)
	config := limits("protected")
	found := waivers.signed with input as given with data.dpone.config as config
	found == [{"waiver": "F-1", "ok": false, "params": {"id": "F-1", "rule": "a.b", "signed": "protected"}}]
}

test_a_typed_waiver_counts_elsewhere if {
	given := typed(false)
	config := limits("protected")
	found := waivers.signed with input as given with data.dpone.config as config
	found[0].ok == true
}

test_a_typed_waiver_never_counts_at_always if {
	given := typed(false)
	config := limits("always")
	found := waivers.signed with input as given with data.dpone.config as config
	found[0].ok == false
}

test_a_typed_waiver_counts_everywhere_at_never if {
	given := typed(true)
	config := limits("never")
	found := waivers.signed with input as given with data.dpone.config as config
	found[0].ok == true
}

test_a_signed_waiver_counts_at_always if {
	given := put_down(true)
	config := limits("always")
	found := waivers.signed with input as given with data.dpone.config as config
	found[0].ok == true
}

two(requester_trust, approver, approver_trust, same) := {
	"id": "W-1",
	"rule": "a.b",
	"source": "signed",
	"requester_matches": true,
	"requester_trust": requester_trust,
	"approver": approver,
	"approver_trust": approver_trust,
	"same_person": same,
}

by(protected, w) := {"protected": protected, "waivers": [w]}

test_two_people_with_anchored_keys_are_enough_everywhere if {
	given := by(true, two("anchored", "owner", "anchored", false))
	found := waivers.approved with input as given
	found == [{"waiver": "W-1", "ok": true}]
}

test_keys_of_the_workspace_are_enough_elsewhere if {
	given := by(false, two("workspace", "owner", "workspace", false))
	found := waivers.approved with input as given
	found == [{"waiver": "W-1", "ok": true}]
}

test_a_workspace_key_asks_for_nothing_protected if {
	given := by(true, two("workspace", "owner", "anchored", false))
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params == {"id": "W-1", "rule": "a.b", "why": "the key that asked for it is not trusted"}
}

test_a_workspace_key_approves_nothing_protected if {
	given := by(true, two("anchored", "owner", "workspace", false))
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "the key that approved it may not"
}

test_a_key_that_may_not_approves_nothing if {
	given := by(false, two("workspace", "owner", "none", false))
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "the key that approved it may not"
}

test_a_machine_key_asks_for_nothing if {
	given := by(false, two("local", "owner", "workspace", false))
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "the key that asked for it is not trusted"
}

test_a_waiver_that_nobody_approved_is_refused_once if {
	given := by(false, two("workspace", "", "none", false))
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "nobody has approved it"
}

test_who_asks_does_not_approve if {
	given := by(false, two("workspace", "dev", "workspace", true))
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "the one who asked for it approved it"
}

test_who_asks_is_whose_key_it_is if {
	given := {"protected": false, "waivers": [{
		"id": "W-1",
		"rule": "a.b",
		"source": "signed",
		"requester_matches": false,
		"requester_trust": "workspace",
		"approver": "owner",
		"approver_trust": "workspace",
		"same_person": false,
	}]}
	found := waivers.approved with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "the key that asked for it is not trusted"
}

test_a_typed_waiver_was_approved_with_the_file if {
	given := {"protected": true, "waivers": [{
		"id": "F-1",
		"rule": "a.b",
		"source": "config",
		"requester_matches": false,
		"requester_trust": "none",
		"approver": "",
		"approver_trust": "none",
		"same_person": false,
	}]}
	found := waivers.approved with input as given
	found == [{"waiver": "F-1", "ok": true}]
}

test_renewals_up_to_the_limit_count if {
	given := {"waivers": [{"id": "W-1", "rule": "a.b", "renewals": 2}, {"id": "W-2", "rule": "a.b", "renewals": 3}]}
	config := limits("never")
	found := waivers.renewed with input as given with data.dpone.config as config
	found == [
		{"waiver": "W-1", "ok": true, "params": {"id": "W-1", "rule": "a.b", "renewals": 2, "limit": 2}},
		{"waiver": "W-2", "ok": false, "params": {"id": "W-2", "rule": "a.b", "renewals": 3, "limit": 2}},
	]
}
