package dpone.kinds.dbt_sources_test

import rego.v1

import data.dpone.kinds.dbt_sources

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "dbt-sources",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_stale_source_is_denied if {
	facts := {
		"sources": 2,
		"blocked": 1,
		"blocked_names": "",
		"blocked_at": "/results/0",
	}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt_sources.stale with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	found.pointer == "{facts.blocked_at}"
}

test_fresh_sources_are_cleared if {
	facts := {"sources": 2, "blocked": 0, "blocked_names": "", "blocked_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt_sources.stale with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_nothing_checked_is_denied if {
	facts := {"sources": 0}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt_sources.nothing_checked with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_something_checked_is_cleared if {
	facts := {"sources": 2}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt_sources.nothing_checked with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_late_source_is_a_warning_under_warn if {
	facts := {"warned": 1, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt_sources.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "warning"
}

test_a_late_source_is_an_error_under_fail if {
	facts := {"warned": 1, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "fail"}}}
	found := dbt_sources.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_no_late_source_is_cleared if {
	facts := {"warned": 0, "warned_names": "", "warned_at": ""}
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "fail"}}}
	found := dbt_sources.warned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"dbt": {"commands": ["build", "test"], "warn": "warn"}}}
	found := dbt_sources.stale with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
