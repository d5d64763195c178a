package dpone.kinds.dbt_test

import rego.v1

import data.dpone.kinds.dbt

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "dbt",
	"state": "present",
	"reported": reported,
	"counts": {"failed": 0, "errored": 0, "skipped": 0, "not_evaluated": 0},
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_failed_node_is_denied if {
	facts := {
		"blocked": 1,
		"blocked_text": "1 of 2 tests failed: t",
		"blocked_at": "/results/2",
	}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.not_passed with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	found.pointer == "{facts.blocked_at}"
}

test_no_failed_node_is_cleared if {
	facts := {"blocked": 0, "blocked_text": "", "blocked_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.not_passed with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_nothing_evaluated_is_denied if {
	facts := {"command": "compile"}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.nothing_evaluated with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_something_evaluated_is_cleared if {
	facts := {"command": "build"}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.nothing_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_another_command_is_denied if {
	facts := {"command": "compile"}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.command with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_an_allowed_command_is_cleared if {
	facts := {"command": "test"}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.command with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_warning_is_an_error_under_fail if {
	facts := {"warned": 1, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "fail"}}}
	found := dbt.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_a_warning_is_a_warning_under_warn if {
	facts := {"warned": 1, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "warning"
}

test_a_warning_is_nothing_under_allow if {
	facts := {"warned": 1, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "allow"}}}
	found := dbt.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "none"
}

test_no_warning_is_cleared if {
	facts := {"warned": 0, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "fail"}}}
	found := dbt.warned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt.not_passed with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
