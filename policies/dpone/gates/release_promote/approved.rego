# The approval a promotion stands on, and that it was given to what is promoted.
package dpone.gates.release_promote

import rego.v1

import data.dpone.lib

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
same_content := [{"ok": ok} | ok := approved_this]

default approved_this := false

approved_this if count(approvals_here) == 0

# Where one of the three is missing or does not hold, that is said of it.
approved_this if count(lib.of_kind("release_gate")) == 0

# That there is no such request is said below.
approved_this if count(lib.of_kind("change_request")) == 0

approved_this if {
	some c in lib.of_kind("change_request")
	some a in approvals_here
	a.facts.said.change_request == c.source.sha256
	some item in c.facts.items
	some g in lib.of_kind("release_gate")
	item.sha256 == g.source.sha256
}

# METADATA
# title: The change request that was approved is known
# description: Without it nobody can tell on which decision about the release it was made.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the ledger has no change request {subject.change_id}, which was approved"
#   remedy: "decide where it was made, or give it: --artifact change_request=PATH"
request_known := [{"ok": ok, "key": "promotion.change_request_missing"} | ok := is_known]

default is_known := false

is_known if count(approvals_here) == 0

is_known if count(lib.of_kind("change_request")) > 0

is_known if lib.refused("change_request")
