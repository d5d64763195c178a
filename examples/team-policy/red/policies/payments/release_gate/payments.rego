# METADATA
# title: Payments keep 80 % line coverage
# description: Below that, refactors of the ledger code went wrong twice.
# custom:
#   code: payments.min_coverage
#   severity: error
#   message: "{evidence} has {actual} % of its lines covered, at least {minimum} % needed"
#   remedy: "add tests for the files listed under facts.lowest"
package dpone.custom.release_gate.payments

import rego.v1

deny contains {"code": "payments.min_coverage", "evidence": e.name, "pointer": "/line_percent", "params": {
	"actual": e.facts.line_percent,
	"minimum": minimum,
}} if {
	some e in input.evidence
	e.kind == "coverage"
	e.facts.line_percent < minimum
}

minimum := data.dpone.config.gates.release_gate.settings.payments_min_coverage
