# METADATA
# title: Enough lines are covered by tests
# description: Say here why your team wants this, in one sentence; whoever meets the finding reads it.
# custom:
#   code: CODE.min_coverage
#   severity: warning
#   message: "{evidence} has {actual} % of its lines covered, at least {minimum} % needed"
#   remedy: "add tests, first for {lowest}"
package dpone.custom.release_gate.LAYER

import rego.v1

# As long as severity is warning, the finding is shown and the gate stays as it is; error keeps it shut.
deny contains {"code": "CODE.min_coverage", "evidence": e.name, "pointer": "/line_percent", "params": {
	"actual": e.facts.line_percent,
	"minimum": minimum,
	"lowest": e.facts.lowest_names,
}} if {
	some e in input.evidence
	e.kind == "coverage"
	e.state == "present"
	e.facts.line_percent < minimum
}

# dpone.yaml, gates.release-gate.settings, sets it; this is what counts where it does not.
default minimum := 80

minimum := data.dpone.config.gates.release_gate.settings.LAYER_min_coverage
