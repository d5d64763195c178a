package dpone.gates.release_promote_test

import rego.v1

import data.dpone.gates.release_promote

into(evidence) := {
	"subject": {"release": "v1", "environment": "production", "change_id": "CR-1"},
	"protected": true,
	"evidence": evidence,
}

mover := {"name": "promotion", "kind": "promotion", "state": "present", "facts": {
	"from_environment": "staging",
	"to_environment": "production",
	"needs_approval": true,
}}

agreed := {
	"name": "approval_record",
	"kind": "approval_record",
	"state": "present",
	"source": {"sha256": "a1"},
	"facts": {
		"subject": {"release": "v1", "environment": "production"},
		"said": {"change_request": "c1"},
	},
}

wanted(sha256, seen_sha256) := {
	"name": "change_request",
	"kind": "change_request",
	"state": "present",
	"source": {"sha256": sha256},
	"facts": {"items": [{"sha256": "other"}, {"sha256": seen_sha256}]},
}

allowed := {"name": "release_gate", "kind": "release_gate", "state": "present", "source": {"sha256": "g1"}}

test_an_approval_that_cannot_be_read_is_judged_elsewhere if {
	given := into([mover, {"name": "approval_record", "kind": "approval_record", "state": "invalid"}])
	found := release_promote.change_approved with input as given
	found[0].ok == true
}

test_what_was_approved_is_what_is_promoted if {
	given := into([agreed, wanted("c1", "g1"), allowed])
	found := release_promote.same_content with input as given
	found == [{"ok": true}]
}

test_an_approval_on_another_decision_is_red if {
	given := into([agreed, wanted("c1", "g0"), allowed])
	found := release_promote.same_content with input as given
	found == [{"ok": false}]
}

test_an_approval_of_another_request_is_red if {
	given := into([agreed, wanted("c0", "g1"), allowed])
	found := release_promote.same_content with input as given
	found[0].ok == false
}

test_without_an_approval_there_is_no_content_to_compare if {
	given := into([wanted("c1", "g0"), allowed])
	found := release_promote.same_content with input as given
	found[0].ok == true
}

test_without_a_decision_there_is_no_content_to_compare if {
	given := into([agreed, wanted("c1", "g0")])
	found := release_promote.same_content with input as given
	found[0].ok == true
}

test_without_a_request_there_is_no_content_to_compare if {
	given := into([agreed, allowed])
	found := release_promote.same_content with input as given
	found[0].ok == true
}

test_the_request_behind_an_approval_is_known if {
	given := into([agreed, wanted("c1", "g1")])
	found := release_promote.request_known with input as given
	found == [{"ok": true, "key": "promotion.change_request_missing"}]
}

test_an_approval_without_its_request_is_red if {
	given := into([agreed])
	found := release_promote.request_known with input as given
	found[0].ok == false
}

test_without_an_approval_no_request_is_missed if {
	given := into([])
	found := release_promote.request_known with input as given
	found[0].ok == true
}

test_a_request_that_cannot_be_read_is_judged_elsewhere if {
	given := into([agreed, {"name": "change_request", "kind": "change_request", "state": "invalid"}])
	found := release_promote.request_known with input as given
	found[0].ok == true
}
