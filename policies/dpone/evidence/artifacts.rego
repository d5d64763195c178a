# What every gate asks of dpone's own decisions that are given as evidence.
package dpone.evidence

import rego.v1

import data.dpone.lib

# METADATA
# title: A decision given as evidence says which release it is about
# description: A decision that names no release could have been taken for any.
# custom:
#   applies_to: artifact
#   severity: error
#   waivable: false
#   concern: "{count} decisions do not say which release they are about"
#   message: "{evidence} does not say which release it is about"
#   remedy: "decide it for this release: dpone ops {gate} --release {release}"
artifact_bound := [{"evidence": e.name, "ok": ok, "severity": severity, "params": {"gate": e.facts.gate}} |
	some e in input.evidence
	e.producer == "dpone"
	e.state == "present"
	severity := lib.severity(data.dpone.config.concerns.unbound)
	ok := e.binding in ["matched", "foreign"]
]
