# A change is approved: by enough people, of those who were asked, in time, and nobody against it.
package dpone.gates.approval_record

import rego.v1

import data.dpone.approvals
import data.dpone.lib

counted := lib.of_kind("votes")

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

# METADATA
# title: Nobody rejected the change
# description: One rejection outweighs any number of approvals.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{actor} rejected the change at {decided_at}"
#   remedy: "resolve it and make a new change request"
not_rejected := array.concat(
	[{"ok": true} | count(rejections) == 0],
	[{"ok": false, "key": "approval.rejected", "params": {"actor": v.actor, "decided_at": v.decided_at}} |
		some v in rejections
	],
)

# Signed or not, early or late: against a change every word of those who were asked counts.
rejections := [v |
	some v in input.approvals
	v.decision == "rejected"
	v.same_request
	v.listed
]

# METADATA
# title: Enough people approved
# description: Different people, of those who were asked, without the one who asked for it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{have} of {needed} approvals that count"
#   remedy: "the next approver runs: dpone ops approval-record --change-request {request} --actor WHO --decision approved"
quorum_met := [{"evidence": e.name, "ok": ok, "key": "approval.quorum_not_met", "params": {
	"have": have,
	"needed": needed,
	"request": request,
}} |
	some e in counted
	have := count(approvals.people(input.approvals))
	needed := larger(approvals.quorum(e.facts.risk_level), input.parameters.quorum)
	request := lib.uri_of("change_request")
	ok := have >= needed
]

larger(a, b) := found[0] if {
	found := [n | some n in [a, b]; n >= b]
}
