# A change may be put before its approvers: it is named, reachable, in time, and carries its evidence.
package dpone.gates.change_request

import rego.v1

import data.dpone.approvals
import data.dpone.lib

changes := lib.of_kind("change")

# METADATA
# title: The change says what and where
# description: An approval of nothing in particular approves everything.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the change names no {field}"
#   remedy: "give --release and --target-env"
change_named := array.concat(
	[{"ok": true} | count(unnamed) == 0],
	[{"ok": false, "key": field, "params": {"field": field}} | some field in unnamed],
)

unnamed := array.concat(
	["release" | input.subject.release == ""],
	["environment" | input.subject.environment == ""],
)

# METADATA
# title: Somebody is asked to approve
# description: A request that nobody is asked about cannot be approved.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "nobody is named who may approve {change}"
#   remedy: "name them: --approver WHO (repeatable)"
approvers_given := [{"evidence": e.name, "ok": ok, "key": "approval.approvers_missing", "params": {"change": e.facts.change_id}} |
	some e in changes
	ok := count(e.facts.approvers) > 0
]

# METADATA
# title: The approvers can reach the quorum
# description: A request that can never be approved must be refused before anybody waits for it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "a change of {risk} risk needs {needed} approvals, and only {able} of those named can give one that counts"
#   remedy: "name more approvers who are not the requester and, where approvals must be signed, have a key: dpone keys trust"
quorum_reachable := [{"evidence": e.name, "ok": ok, "key": "approval.quorum_unreachable", "params": {
	"risk": e.facts.risk_level,
	"needed": needed,
	"able": able,
}} |
	some e in changes
	needed := approvals.quorum(e.facts.risk_level)
	able := count({a.person | some a in e.facts.approvers; may_count(a)})
	ok := able >= needed
]

may_count(a) if {
	not excluded(a)
	signs(a)
}

excluded(a) if {
	a.requester
	"requester" in data.dpone.config.approvals.exclude
}

signs(a) if a.can_sign

signs(_) if not approvals.must_be_signed

# METADATA
# title: The request has not expired
# description: A time limit that nobody can read, or that has passed, leaves nothing to approve.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the request expires at {expires_at}, which has passed or is not a time"
#   remedy: "give a time to come: --expires-at 2026-12-01T12:00:00Z"
in_time := [{"evidence": e.name, "ok": ok, "key": "approval.change_request_expired", "params": {"expires_at": e.facts.expires_at}} |
	some e in changes
	ok := still_open(e.facts)
]

default still_open(_) := false

still_open(f) if f.limited == false

still_open(f) if {
	f.expires_readable
	f.expired == false
}
