# What a promotion stands on: the decision before it, the drift, and the approval.
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
	"release": input.subject.release,
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

# METADATA
# title: The change is approved where that is needed
# description: Into a protected environment nothing goes without the word of those who answer for it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "out of order: no approval of {release} in {target} comes before this promotion"
#   remedy: "ask for it: dpone ops change-request --release {release} --target-env {target} --change-id ID --risk-level medium --requested-by WHO --approver WHO"
change_approved := [{"evidence": e.name, "ok": ok, "key": "promotion.approval_missing", "params": {
	"release": input.subject.release,
	"target": e.facts.to_environment,
}} |
	some e in moves
	ok := approved_enough(e.facts)
]

approvals_here := [a |
	some a in lib.of_kind("approval_record")
	a.facts.subject.release == input.subject.release
	a.facts.subject.environment == input.subject.environment
]

default approved_enough(_) := false

approved_enough(f) if {
	input.protected == false
	f.needs_approval == false
}

approved_enough(_) if count(approvals_here) > 0

approved_enough(_) if lib.refused("approval_record")

# METADATA
# title: What was approved is what is promoted
# description: An approval of an earlier decision about the release does not cover a later one.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the approved change request was made on another release decision than the one that counts now"
#   remedy: "make a new change request, and have it approved: dpone ops change-request"
same_content := [{"ok": ok, "params": {}} | ok := approved_this]

default approved_this := false

approved_this if count(approvals_here) == 0

# Where one of the three is missing or does not hold, that is said of it.
approved_this if count(lib.of_kind("release_gate")) == 0

approved_this if lib.refused("change_request")

approved_this if {
	some c in lib.of_kind("change_request")
	some a in approvals_here
	a.facts.said.change_request == c.source.sha256
	some item in c.facts.items
	some g in lib.of_kind("release_gate")
	item.sha256 == g.source.sha256
}
