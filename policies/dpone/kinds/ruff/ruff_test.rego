package dpone.kinds.ruff_test

import rego.v1

import data.dpone.kinds.ruff

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "ruff",
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

test_a_violation_is_denied if {
	facts := {
		"violations": 1,
		"results": [{
			"rule": "R1",
			"message": "m",
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := ruff.violation with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "R1 a.py:3"
}

test_a_file_that_does_not_parse_violates_no_rule if {
	facts := {
		"violations": 0,
		"results": [{
			"rule": "",
			"message": "m",
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := ruff.violation with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_violation_is_cleared if {
	facts := {
		"violations": 0,
		"results": [],
	}
	strictness := {"kinds": {}}
	found := ruff.violation with input as one("empty", facts) with data.dpone.config as strictness
	cleared(found)
}

test_violations_beyond_the_list_are_denied if {
	facts := {
		"results_total": 2,
		"results": [{
			"rule": "R1",
			"message": "m",
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := ruff.too_many with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"results_total": 1,
		"results": [{
			"rule": "R1",
			"message": "m",
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := ruff.too_many with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_file_that_does_not_parse_is_denied if {
	facts := {"errors": 1, "errors_text": "a.py"}
	strictness := {"kinds": {}}
	found := ruff.not_parsed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_parsed_files_are_cleared if {
	facts := {"errors": 0, "errors_text": ""}
	strictness := {"kinds": {}}
	found := ruff.not_parsed with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_empty_list_is_denied if {
	facts := {"results_total": 0}
	strictness := {"kinds": {}}
	found := ruff.nothing_scanned with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_list_that_is_not_empty_is_cleared if {
	facts := {"results_total": 1}
	strictness := {"kinds": {}}
	found := ruff.nothing_scanned with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := ruff.nothing_scanned with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
