package dpone.kinds.detect_secrets_test

import rego.v1

import data.dpone.kinds.detect_secrets

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "detect-secrets",
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
			"type": "K",
			"file": "a.py",
			"line": 3,
			"verified": false,
			"key": "K a.py:3",
			"pointer": "/results/a.py/0",
		}],
	}
	strictness := {"kinds": {}}
	found := detect_secrets.secret with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "K a.py:3"
}

test_no_secret_is_cleared if {
	facts := {
		"findings": 0,
		"results": [],
	}
	strictness := {"kinds": {}}
	found := detect_secrets.secret with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_secrets_beyond_the_list_are_denied if {
	facts := {
		"findings": 2,
		"results": [{
			"type": "K",
			"file": "a.py",
			"line": 3,
			"verified": false,
			"key": "K a.py:3",
			"pointer": "/results/a.py/0",
		}],
	}
	strictness := {"kinds": {}}
	found := detect_secrets.too_many with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"findings": 1,
		"results": [{
			"type": "K",
			"file": "a.py",
			"line": 3,
			"verified": false,
			"key": "K a.py:3",
			"pointer": "/results/a.py/0",
		}],
	}
	strictness := {"kinds": {}}
	found := detect_secrets.too_many with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_dismissed_entry_is_denied_mildly_under_warn if {
	facts := {"dismissed": 1, "dismissed_names": "K a.py:3"}
	strictness := {
		"kinds": {
			"detect-secrets": {"dismissed": "warn"},
		},
	}
	found := detect_secrets.dismissed with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "warning"
}

test_a_dismissed_entry_is_denied_under_fail if {
	facts := {"dismissed": 1, "dismissed_names": "K a.py:3"}
	strictness := {
		"kinds": {
			"detect-secrets": {"dismissed": "fail"},
		},
	}
	found := detect_secrets.dismissed with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_nothing_dismissed_is_cleared if {
	facts := {"dismissed": 0, "dismissed_names": ""}
	strictness := {
		"kinds": {
			"detect-secrets": {"dismissed": "fail"},
		},
	}
	found := detect_secrets.dismissed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_plugin_is_denied if {
	facts := {"plugins": 0}
	strictness := {"kinds": {}}
	found := detect_secrets.nothing_looked with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_one_plugin_is_cleared if {
	facts := {"plugins": 1}
	strictness := {"kinds": {}}
	found := detect_secrets.nothing_looked with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := detect_secrets.nothing_looked with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
