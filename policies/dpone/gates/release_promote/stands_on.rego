# What a promotion stands on: the decision before it, and the drift.
package dpone.gates.release_promote

import rego.v1

import data.dpone.lib

# METADATA
# title: The release was allowed in the environment before
# description: What was never decided there cannot go further.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "out of order: no release decision about {release} in {source} comes before this promotion"
#   remedy: "take it: dpone ops release-gate --release {release} --environment {source}"
release_allowed := [{"evidence": e.name, "ok": ok, "key": "promotion.release_gate_missing", "params": {
	"source": e.facts.from_environment,
}} |
	some e in moves
	ok := release_decided(e.facts.from_environment)
]

default release_decided(_) := false

release_decided(place) if count(allowed_in(place)) > 0

release_decided(_) if lib.refused("release_gate")

allowed_in(place) := [g |
	some g in lib.of_kind("release_gate")
	g.facts.subject.release == input.subject.release
	decided_in(g, place)
]

decided_in(g, place) if g.facts.subject.environment == place

# A decision that names no environment is one about the release itself; a protected target needs more.
decided_in(g, _) if {
	g.facts.subject.environment == ""
	input.protected == false
}

# METADATA
# title: No drift between the two environments
# description: A release that was tested under another configuration was not tested.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "out of order: no comparison of {source} and {target} comes before this promotion"
#   remedy: "compare them: dpone ops env-drift --source-env {source} --target-env {target} --source PATH --target PATH"
drift_compared := [{"evidence": e.name, "ok": ok, "key": "promotion.env_drift_missing", "params": {
	"source": e.facts.from_environment,
	"target": e.facts.to_environment,
}} |
	some e in moves
	ok := compared(e.facts)
]

default compared(_) := false

compared(f) if {
	some d in lib.of_kind("env_drift")
	between(d, f)
}

compared(_) if lib.refused("env_drift")

between(d, f) if {
	d.facts.said.source_environment == f.from_environment
	d.facts.said.target_environment == f.to_environment
}
