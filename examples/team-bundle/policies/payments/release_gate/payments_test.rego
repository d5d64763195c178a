package dpone.custom.release_gate.payments_test

import data.dpone.custom.release_gate.payments
import rego.v1

evidence(percent) := [{"name": "cov", "kind": "coverage", "facts": {"line_percent": percent}}]

test_low_coverage_is_denied if {
	found := payments.deny with input as {"evidence": evidence(79)}
		with data.dpone.config.gates.release_gate.settings as {"payments_min_coverage": 80}
	count(found) == 1
}

test_boundary_is_allowed if {
	found := payments.deny with input as {"evidence": evidence(80)}
		with data.dpone.config.gates.release_gate.settings as {"payments_min_coverage": 80}
	count(found) == 0
}

test_no_coverage_says_nothing if {
	found := payments.deny with input as {"evidence": []}
		with data.dpone.config.gates.release_gate.settings as {"payments_min_coverage": 80}
	count(found) == 0
}

test_other_evidence_is_not_looked_at if {
	given := [{"name": "tests", "kind": "junit", "facts": {"line_percent": 10}}]
	found := payments.deny with input as {"evidence": given}
		with data.dpone.config.gates.release_gate.settings as {"payments_min_coverage": 80}
	count(found) == 0
}
