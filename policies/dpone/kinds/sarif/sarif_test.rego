package dpone.kinds.sarif_test

import rego.v1

import data.dpone.kinds.sarif

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "sarif",
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

test_an_error_is_denied if {
	facts := {
		"errors": 1,
		"warnings": 0,
		"notes": 0,
		"results": [{
			"rule": "R1",
			"level": "error",
			"rank": 3,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.at_or_above_level with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "R1 a.py:3"
}

test_a_warning_below_the_level_is_cleared if {
	facts := {
		"errors": 0,
		"warnings": 1,
		"notes": 0,
		"results": [{
			"rule": "R1",
			"level": "warning",
			"rank": 2,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.at_or_above_level with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_warning_at_the_level_is_denied if {
	facts := {
		"errors": 0,
		"warnings": 1,
		"notes": 0,
		"results": [{
			"rule": "R1",
			"level": "warning",
			"rank": 2,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "warning"}}}
	found := sarif.at_or_above_level with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_note_below_the_level_is_cleared if {
	facts := {
		"errors": 0,
		"warnings": 0,
		"notes": 1,
		"results": [{
			"rule": "R1",
			"level": "note",
			"rank": 1,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "warning"}}}
	found := sarif.at_or_above_level with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_note_at_the_level_is_denied if {
	facts := {
		"errors": 0,
		"warnings": 0,
		"notes": 1,
		"results": [{
			"rule": "R1",
			"level": "note",
			"rank": 1,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "note"}}}
	found := sarif.at_or_above_level with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_results_beyond_the_list_are_denied if {
	facts := {
		"errors": 2,
		"warnings": 0,
		"notes": 0,
		"results": [{
			"rule": "R1",
			"level": "error",
			"rank": 3,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.too_many with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_warnings_beyond_the_list_are_denied_at_their_level if {
	facts := {
		"errors": 0,
		"warnings": 2,
		"notes": 0,
		"results": [{
			"rule": "R1",
			"level": "warning",
			"rank": 2,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "warning"}}}
	found := sarif.too_many with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_full_list_is_cleared if {
	facts := {
		"errors": 1,
		"warnings": 0,
		"notes": 5,
		"results": [{
			"rule": "R1",
			"level": "error",
			"rank": 3,
			"file": "a.py",
			"line": 3,
			"key": "R1 a.py:3",
			"pointer": "/runs/0/results/0",
		}],
	}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.too_many with input as one("failed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_run_is_denied if {
	facts := {"runs": 0, "runs_without_results": 0, "failures": 0}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.not_scanned with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_run_without_results_is_denied if {
	facts := {"runs": 1, "runs_without_results": 1, "failures": 0}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.not_scanned with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_failure_of_the_tool_is_denied if {
	facts := {"runs": 1, "runs_without_results": 0, "failures": 1}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.not_scanned with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_finished_scan_is_cleared if {
	facts := {"runs": 1, "runs_without_results": 0, "failures": 0}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.not_scanned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_open_result_is_denied if {
	facts := {"open": 1}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.open_results with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_open_result_is_cleared if {
	facts := {"open": 0}
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.open_results with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"sarif": {"fail_at": "error"}}}
	found := sarif.at_or_above_level with input as {"evidence": []} with data.dpone.config as strictness
	count(found) == 0
}

test_no_results_are_cleared_at_note if {
	facts := {"errors": 0, "warnings": 0, "notes": 0, "results": []}
	strictness := {"kinds": {"sarif": {"fail_at": "note"}}}
	found := sarif.at_or_above_level with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}
