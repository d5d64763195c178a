package dpone.kinds.spdx_test

import rego.v1

import data.dpone.kinds.spdx

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "spdx",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_no_package_is_denied if {
	facts := {"packages": 0}
	strictness := {"kinds": {}}
	found := spdx.no_packages with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_one_package_is_cleared if {
	facts := {"packages": 1}
	strictness := {"kinds": {}}
	found := spdx.no_packages with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_id_that_stands_twice_is_denied if {
	facts := {"duplicate_ids": 1, "duplicate_names": "a"}
	strictness := {"kinds": {}}
	found := spdx.duplicate_ids with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_unique_ids_are_cleared if {
	facts := {"duplicate_ids": 0, "duplicate_names": ""}
	strictness := {"kinds": {}}
	found := spdx.duplicate_ids with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_nothing_described_is_denied if {
	facts := {"described": 0}
	strictness := {"kinds": {}}
	found := spdx.nothing_described with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_something_described_is_cleared if {
	facts := {"described": 1}
	strictness := {"kinds": {}}
	found := spdx.nothing_described with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_package_without_a_version_is_denied if {
	facts := {"unversioned": 1, "unversioned_names": "a"}
	strictness := {
		"kinds": {
			"spdx": {"unversioned": "fail"},
		},
	}
	found := spdx.unversioned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_versions_are_cleared if {
	facts := {"unversioned": 0, "unversioned_names": ""}
	strictness := {
		"kinds": {
			"spdx": {"unversioned": "fail"},
		},
	}
	found := spdx.unversioned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"spdx": {"unversioned": "fail"}}}
	found := spdx.unversioned with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
