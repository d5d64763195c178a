package dpone.kinds.cyclonedx_test

import rego.v1

import data.dpone.kinds.cyclonedx

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "cyclonedx",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

# Denied, and not cleared beside it.
denied(answers) if {
	some answer in answers
	answer.ok == false
	not any_cleared(answers)
}

denied(answers) if count(answers.holds) == 0

any_cleared(answers) if {
	some answer in answers
	answer.ok == true
}

cleared(answers) if {
	count(answers) == 1
	not denied(answers)
}

cleared(answers) if count(answers.holds) == 1

test_no_components_is_denied if {
	facts := {"components": 0}
	found := cyclonedx.no_components with input as one("empty", facts)
	denied(found)
}

test_components_are_cleared if {
	facts := {"components": 3}
	found := cyclonedx.no_components with input as one("passed", facts)
	cleared(found)
}

test_a_duplicate_reference_is_denied if {
	facts := {"duplicate_refs_total": 1, "duplicate_names": "a"}
	found := cyclonedx.duplicate_refs with input as one("passed", facts)
	denied(found)
}

test_unique_references_are_cleared if {
	facts := {"duplicate_refs_total": 0, "duplicate_names": ""}
	found := cyclonedx.duplicate_refs with input as one("passed", facts)
	cleared(found)
}

test_a_vulnerability_is_denied if {
	facts := {
		"vulns_total": 1,
		"vulns": [{
			"package": "p 1",
			"id": "CVE-1",
			"severity": "high",
			"key": "CVE-1",
			"pointer": "/vulnerabilities/0",
		}],
	}
	found := cyclonedx.vulnerability with input as one("failed", facts)
	denied(found)
	some answer in found
	answer.key == "CVE-1"
}

test_no_vulnerability_is_cleared if {
	facts := {"vulns_total": 0, "vulns": []}
	found := cyclonedx.vulnerability with input as one("passed", facts)
	cleared(found)
}

test_vulnerabilities_beyond_the_list_are_denied if {
	facts := {
		"vulns_total": 2,
		"vulns": [{
			"package": "p 1",
			"id": "CVE-1",
			"severity": "high",
			"key": "CVE-1",
			"pointer": "/vulnerabilities/0",
		}],
	}
	found := cyclonedx.too_many with input as one("failed", facts)
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"vulns_total": 1,
		"vulns": [{
			"package": "p 1",
			"id": "CVE-1",
			"severity": "high",
			"key": "CVE-1",
			"pointer": "/vulnerabilities/0",
		}],
	}
	found := cyclonedx.too_many with input as one("failed", facts)
	cleared(found)
}

test_no_answer_without_evidence if {
	found := cyclonedx.no_components with input as {"evidence": []}
	count(found.holds) == 0
}
