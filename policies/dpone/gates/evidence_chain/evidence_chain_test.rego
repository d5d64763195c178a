package dpone.gates.evidence_chain_test

import rego.v1

import data.dpone.gates.evidence_chain

test_a_named_release_is_judged if {
	given := {"subject": {"release": "v1"}}
	found := evidence_chain.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_no_release_is_judged_without_its_name if {
	given := {"subject": {"release": ""}}
	found := evidence_chain.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_link_follows_the_last_one_unless_another_is_named if {
	given := {"evidence": [
		{
			"name": "chain",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": false, "named_previous": "", "previous": "p1", "index_sha256": "aa"},
		},
		{
			"name": "b",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": true, "named_previous": "p1", "previous": "p1", "index_sha256": "aa"},
		},
		{
			"name": "c",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": true, "named_previous": "p0", "previous": "p1", "index_sha256": "aa"},
		},
		{
			"name": "d",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": true, "named_previous": "", "previous": "p1", "index_sha256": "aa"},
		},
	]}
	found := evidence_chain.previous_is_last with input as given
	count(found) == 4
	count(found[0]) == 3
	found[0].evidence == "chain"
	found[0].ok == true
	count(found[0].params) == 2
	found[0].params.named == ""
	found[0].params.last == "p1"
	count(found[1]) == 3
	found[1].evidence == "b"
	found[1].ok == true
	count(found[1].params) == 2
	found[1].params.named == "p1"
	found[1].params.last == "p1"
	count(found[2]) == 3
	found[2].evidence == "c"
	found[2].ok == false
	count(found[2].params) == 2
	found[2].params.named == "p0"
	found[2].params.last == "p1"
	count(found[3]) == 3
	found[3].evidence == "d"
	found[3].ok == false
	count(found[3].params) == 2
	found[3].params.named == ""
	found[3].params.last == "p1"
}

test_the_index_judged_is_chained if {
	given := {"evidence": [
		{
			"name": "artifact_index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {},
			"source": {"sha256": "aa"},
		},
		{
			"name": "chain",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": false, "named_previous": "", "previous": "p1", "index_sha256": "aa"},
		},
	]}
	found := evidence_chain.index_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == true
}

test_an_index_replaced_while_it_was_judged_is_denied if {
	given := {"evidence": [
		{
			"name": "artifact_index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {},
			"source": {"sha256": "bb"},
		},
		{
			"name": "chain",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": false, "named_previous": "", "previous": "p1", "index_sha256": "aa"},
		},
	]}
	found := evidence_chain.index_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == false
}

test_an_index_that_cannot_be_read_cannot_be_another if {
	given := {"evidence": [
		{
			"name": "artifact_index",
			"kind": "artifact_index",
			"state": "missing",
			"facts": {},
			"source": {"sha256": ""},
		},
		{
			"name": "chain",
			"kind": "evidence_chain_link",
			"state": "present",
			"facts": {"named": false, "named_previous": "", "previous": "p1", "index_sha256": ""},
		},
	]}
	found := evidence_chain.index_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == true
}

test_a_link_without_the_digest_of_its_index_is_denied if {
	given := {"evidence": [
		{
			"name": "artifact_index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {},
			"source": {"sha256": "aa"},
		},
		{"name": "chain", "kind": "evidence_chain_link", "state": "present", "facts": {}},
	]}
	found := evidence_chain.index_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == false
}

test_only_links_follow_a_link if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {"named": false, "named_previous": "", "previous": ""},
	}]}
	found := evidence_chain.previous_is_last with input as given
	count(found) == 0
}
