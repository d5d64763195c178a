package dpone.kinds.gitleaks_test

import rego.v1

import data.dpone.kinds.gitleaks

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "gitleaks",
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

test_a_secret_is_denied if {
	facts := {
		"findings": 1,
		"results": [{
			"rule": "R1",
			"file": "a.py",
			"line": 3,
			"commit": "",
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := gitleaks.secret with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "R1 a.py:3"
}

test_no_secret_is_cleared if {
	facts := {
		"findings": 0,
		"results": [],
	}
	strictness := {"kinds": {}}
	found := gitleaks.secret with input as one("empty", facts) with data.dpone.config as strictness
	cleared(found)
}

test_secrets_beyond_the_list_are_denied if {
	facts := {
		"findings": 2,
		"results": [{
			"rule": "R1",
			"file": "a.py",
			"line": 3,
			"commit": "",
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := gitleaks.too_many with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"findings": 1,
		"results": [{
			"rule": "R1",
			"file": "a.py",
			"line": 3,
			"commit": "",
			"key": "R1 a.py:3",
			"pointer": "/0",
		}],
	}
	strictness := {"kinds": {}}
	found := gitleaks.too_many with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_empty_list_is_denied if {
	facts := {"findings": 0}
	strictness := {"kinds": {}}
	found := gitleaks.nothing_scanned with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_list_that_is_not_empty_is_cleared if {
	facts := {"findings": 1}
	strictness := {"kinds": {}}
	found := gitleaks.nothing_scanned with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := gitleaks.nothing_scanned with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
