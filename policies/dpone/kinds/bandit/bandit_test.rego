package dpone.kinds.bandit_test

import rego.v1

import data.dpone.kinds.bandit

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "bandit",
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

test_a_medium_issue_is_denied_at_medium if {
	facts := {
		"high": 0,
		"medium": 1,
		"low": 0,
		"undefined": 0,
		"results": [{
			"rule": "B1",
			"severity": "MEDIUM",
			"rank": 2,
			"file": "a.py",
			"line": 3,
			"key": "B1 a.py:3",
			"pointer": "/results/0",
		}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "medium"}}}
	found := bandit.at_or_above_severity with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "B1 a.py:3"
}

test_a_medium_issue_is_cleared_at_high if {
	facts := {
		"high": 0,
		"medium": 1,
		"low": 0,
		"undefined": 0,
		"results": [{
			"rule": "B1",
			"severity": "MEDIUM",
			"rank": 2,
			"file": "a.py",
			"line": 3,
			"key": "B1 a.py:3",
			"pointer": "/results/0",
		}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "high"}}}
	found := bandit.at_or_above_severity with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_undefined_issue_is_denied_at_high if {
	facts := {
		"high": 0,
		"medium": 0,
		"low": 0,
		"undefined": 1,
		"results": [{
			"rule": "B1",
			"severity": "UNDEFINED",
			"rank": 3,
			"file": "a.py",
			"line": 3,
			"key": "B1 a.py:3",
			"pointer": "/results/0",
		}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "high"}}}
	found := bandit.at_or_above_severity with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_low_issue_is_denied_at_low if {
	facts := {
		"high": 0,
		"medium": 0,
		"low": 1,
		"undefined": 0,
		"results": [{
			"rule": "B1",
			"severity": "LOW",
			"rank": 1,
			"file": "a.py",
			"line": 3,
			"key": "B1 a.py:3",
			"pointer": "/results/0",
		}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "low"}}}
	found := bandit.at_or_above_severity with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_filtered_issue_is_denied if {
	facts := {
		"high": 0,
		"medium": 0,
		"low": 0,
		"undefined": 0,
		"hidden_high": 0,
		"hidden_medium": 1,
		"hidden_low": 0,
		"results": [],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "medium"}}}
	found := bandit.hidden with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_filtered_issue_below_the_level_is_cleared if {
	facts := {
		"high": 0,
		"medium": 0,
		"low": 0,
		"undefined": 0,
		"hidden_high": 0,
		"hidden_medium": 1,
		"hidden_low": 0,
		"results": [],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "high"}}}
	found := bandit.hidden with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_filtered_low_issue_is_denied_at_low if {
	facts := {
		"high": 0,
		"medium": 0,
		"low": 0,
		"undefined": 0,
		"hidden_high": 0,
		"hidden_medium": 0,
		"hidden_low": 1,
		"results": [],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "low"}}}
	found := bandit.hidden with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_an_issue_beyond_the_list_is_denied if {
	facts := {
		"high": 2,
		"medium": 0,
		"low": 0,
		"undefined": 0,
		"hidden_high": 0,
		"hidden_medium": 0,
		"hidden_low": 0,
		"results": [{
			"rule": "B1",
			"severity": "HIGH",
			"rank": 3,
			"file": "a.py",
			"line": 3,
			"key": "B1 a.py:3",
			"pointer": "/results/0",
		}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "high"}}}
	found := bandit.hidden with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"high": 1,
		"medium": 0,
		"low": 0,
		"undefined": 0,
		"hidden_high": 0,
		"hidden_medium": 0,
		"hidden_low": 0,
		"results": [{
			"rule": "B1",
			"severity": "HIGH",
			"rank": 3,
			"file": "a.py",
			"line": 3,
			"key": "B1 a.py:3",
			"pointer": "/results/0",
		}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "high"}}}
	found := bandit.hidden with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_file_that_does_not_parse_is_denied if {
	facts := {"loc": 10, "errors": 1, "errors_text": ""}
	strictness := {"kinds": {"bandit": {"fail_at": "medium"}}}
	found := bandit.not_scanned with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_line_scanned_is_denied if {
	facts := {"loc": 0, "errors": 0, "errors_text": ""}
	strictness := {"kinds": {"bandit": {"fail_at": "medium"}}}
	found := bandit.not_scanned with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_scan_is_cleared if {
	facts := {"loc": 10, "errors": 0, "errors_text": ""}
	strictness := {"kinds": {"bandit": {"fail_at": "medium"}}}
	found := bandit.not_scanned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"bandit": {"fail_at": "medium"}}}
	found := bandit.at_or_above_severity with input as {"evidence": []} with data.dpone.config as strictness
	count(found) == 0
}

test_listed_issues_below_the_level_hide_nothing if {
	facts := {
		"high": 0,
		"medium": 1,
		"low": 0,
		"undefined": 0,
		"hidden_high": 0,
		"hidden_medium": 0,
		"hidden_low": 0,
		"results": [{"rank": 2}],
	}
	strictness := {"kinds": {"bandit": {"fail_at": "high"}}}
	found := bandit.hidden with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
	some answer in found
	answer.params.hidden == 0
}
