package dpone.evidence_test

import rego.v1

import data.dpone.evidence

earlier(passed, same, roles) := {
	"decision": "d1",
	"entry": 3,
	"passed": passed,
	"decided_at": "2026-06-05T12:00:00Z",
	"same_evidence": same,
	"roles": roles,
	"outranked": false,
}

outranked(roles) := {
	"decision": "d2",
	"entry": 4,
	"passed": false,
	"decided_at": "2026-06-05T13:00:00Z",
	"same_evidence": true,
	"roles": roles,
	"outranked": true,
}

after(histories) := {"history": histories, "actor": {"identity": "dev", "roles": ["ci"], "signing": "key"}}

test_no_history_refused_nothing if {
	given := after([])
	found := evidence.not_refused_before with input as given
	found == [{"ok": true}]
}

test_the_same_evidence_refused_before_is_said if {
	given := after([earlier(false, true, [])])
	found := evidence.not_refused_before with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params == {"decision": "d1", "decided_at": "2026-06-05T12:00:00Z", "entry": 3}
}

test_other_evidence_refused_before_is_nothing_to_say if {
	given := after([earlier(false, false, [])])
	found := evidence.not_refused_before with input as given
	found == [{"ok": true}]
}

test_the_same_evidence_passed_before_is_nothing_to_say if {
	given := after([earlier(true, true, [])])
	found := evidence.not_refused_before with input as given
	found == [{"ok": true}]
}

test_only_the_newest_refusal_counts if {
	given := after([earlier(true, true, []), earlier(false, true, [])])
	found := evidence.not_refused_before with input as given
	found == [{"ok": true}]
}

test_the_same_role_supersedes if {
	given := after([earlier(true, true, ["ci"])])
	found := evidence.supersedes_by_role with input as given
	found == [{"ok": true}]
}

test_a_role_that_the_key_lacks_is_red if {
	given := after([earlier(true, true, ["ci", "owner"])])
	found := evidence.supersedes_by_role with input as given
	count(found) == 1
	found[0].ok == false
	found[0].key == "owner"
	found[0].params == {"decision": "d1", "role": "owner"}
}

test_a_preview_supersedes_nothing if {
	given := {"history": [earlier(true, true, ["owner"])], "actor": {
		"identity": "",
		"roles": [],
		"signing": "preview",
	}}
	found := evidence.supersedes_by_role with input as given
	found == [{"ok": true}]
}

test_no_history_needs_no_role if {
	given := after([])
	found := evidence.supersedes_by_role with input as given
	found == [{"ok": true}]
}

test_only_the_newest_that_stands_asks_for_its_roles if {
	given := after([earlier(true, true, ["ci"]), earlier(true, true, ["owner"])])
	found := evidence.supersedes_by_role with input as given
	found == [{"ok": true}]
}

test_a_decision_that_was_outranked_supersedes_nothing if {
	given := after([outranked(["ci"]), outranked(["ci"]), earlier(false, true, ["owner"])])
	found := evidence.supersedes_by_role with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params == {"decision": "d1", "role": "owner"}
}

test_a_decision_that_was_outranked_asks_for_no_role if {
	given := after([outranked(["visitor"]), earlier(true, true, ["ci"])])
	found := evidence.supersedes_by_role with input as given
	found == [{"ok": true}]
}
