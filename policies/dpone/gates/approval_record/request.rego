# The request that is voted on: it is there, it is open, and whoever votes was asked.
package dpone.gates.approval_record

import rego.v1

# METADATA
# title: There is a change request
# description: An approval of nothing in particular approves everything.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: no change request comes before this approval"
#   remedy: "ask for it: dpone ops change-request --release {release} --target-env NAME --change-id ID --risk-level medium --requested-by WHO --approver WHO"
requested := [{"ok": ok, "key": "approval.change_request_missing"} | ok := was_requested]

default was_requested := false

was_requested if {
	some e in input.evidence
	e.name == "change_request"
	e.kind in ["change_request", ""]
}

# METADATA
# title: Whoever votes was asked
# description: A vote of somebody who is not among the approvers changes nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{actor} is not among the approvers of this change"
#   remedy: "let one of the approvers decide, or make a new change request that names {actor}"
actor_allowed := [{"evidence": e.name, "ok": ok, "key": "approval.actor_not_allowed", "params": {"actor": e.facts.actor}} |
	some e in counted
	ok := may_vote(e.facts)
]

default may_vote(_) := false

may_vote(f) if f.cast == false

# Who was asked is not known then; that the request does not hold is said of the request itself.
may_vote(f) if f.request_known == false

may_vote(f) if f.actor_listed

# METADATA
# title: The request was open
# description: After its time limit a request can no longer be approved.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the change request expired at {expires_at}"
#   remedy: "make a new one: dpone ops change-request"
request_open := [{"evidence": e.name, "ok": ok, "key": "approval.change_request_expired", "params": {"expires_at": e.facts.expires_at}} |
	some e in counted
	ok := e.facts.expired == false
]
