package dpone.kinds.dbt_manifest_test

import rego.v1

import data.dpone.kinds.dbt_manifest

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "dbt-manifest",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_nothing_defined_is_denied if {
	facts := {"models": 1, "tests": 1, "nodes": 0}
	found := dbt_manifest.nothing_defined with input as one("empty", facts)
	denied(found)
}

test_a_node_is_cleared if {
	facts := {"models": 1, "tests": 1, "nodes": 2}
	found := dbt_manifest.nothing_defined with input as one("unknown", facts)
	cleared(found)
}

test_no_answer_without_evidence if {
	found := dbt_manifest.nothing_defined with input as {"evidence": []}
	count(found.holds) == 0
}
