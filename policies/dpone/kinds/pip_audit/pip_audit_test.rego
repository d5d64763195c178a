package dpone.kinds.pip_audit_test

import rego.v1

import data.dpone.kinds.pip_audit

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "pip-audit",
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

test_a_vulnerability_is_denied if {
	facts := {
		"vulns_total": 1,
		"vulns_fixable": 0,
		"vulns": [{
			"package": "p",
			"version": "1",
			"id": "CVE-1",
			"fix_text": "x",
			"fixable": false,
			"key": "CVE-1",
			"pointer": "/dependencies/0/vulns/0",
		}],
	}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.vulnerability with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "CVE-1"
}

test_no_vulnerability_is_cleared if {
	facts := {"vulns_total": 0, "vulns_fixable": 0, "vulns": []}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.vulnerability with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_one_without_a_fix_is_cleared_when_only_fixable_count if {
	facts := {
		"vulns_total": 1,
		"vulns_fixable": 0,
		"vulns": [{
			"package": "p",
			"version": "1",
			"id": "CVE-1",
			"fix_text": "x",
			"fixable": false,
			"key": "CVE-1",
			"pointer": "/dependencies/0/vulns/0",
		}],
	}
	strictness := {"kinds": {"pip-audit": {"fail_at": "fixable", "unaudited": "fail"}}}
	found := pip_audit.vulnerability with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_one_with_a_fix_is_denied_when_only_fixable_count if {
	facts := {
		"vulns_total": 1,
		"vulns_fixable": 1,
		"vulns": [{
			"package": "p",
			"version": "1",
			"id": "CVE-1",
			"fix_text": "x",
			"fixable": true,
			"key": "CVE-1",
			"pointer": "/dependencies/0/vulns/0",
		}],
	}
	strictness := {"kinds": {"pip-audit": {"fail_at": "fixable", "unaudited": "fail"}}}
	found := pip_audit.vulnerability with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_vulnerabilities_beyond_the_list_are_denied if {
	facts := {
		"vulns_total": 2,
		"vulns": [{
			"package": "p",
			"version": "1",
			"id": "CVE-1",
			"fix_text": "x",
			"fixable": true,
			"key": "CVE-1",
			"pointer": "/dependencies/0/vulns/0",
		}],
	}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.too_many with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"vulns_total": 1,
		"vulns": [{
			"package": "p",
			"version": "1",
			"id": "CVE-1",
			"fix_text": "x",
			"fixable": true,
			"key": "CVE-1",
			"pointer": "/dependencies/0/vulns/0",
		}],
	}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.too_many with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_nothing_audited_is_denied if {
	facts := {"dependencies": 2, "audited": 0}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.nothing_audited with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_something_audited_is_cleared if {
	facts := {"dependencies": 2, "audited": 2}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.nothing_audited with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_skipped_dependency_is_denied if {
	facts := {"unaudited": 1, "unaudited_names": "", "unaudited_at": ""}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.unaudited with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "error"
}

test_a_skipped_dependency_warns_under_warn if {
	facts := {"unaudited": 1, "unaudited_names": "", "unaudited_at": ""}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "warn"}}}
	found := pip_audit.unaudited with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.severity == "warning"
}

test_no_skipped_dependency_is_cleared if {
	facts := {"unaudited": 0, "unaudited_names": "", "unaudited_at": ""}
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.unaudited with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"pip-audit": {"fail_at": "any", "unaudited": "fail"}}}
	found := pip_audit.vulnerability with input as {"evidence": []} with data.dpone.config as strictness
	count(found) == 0
}
