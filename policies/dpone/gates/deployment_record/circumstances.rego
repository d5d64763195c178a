# The times of a deployment, and the way back from it.
package dpone.gates.deployment_record

import rego.v1

# METADATA
# title: The times of the deployment are possible
# description: An end before the start, or in the future, means that somebody typed a time or a clock is wrong.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "from {started} to {finished} cannot be: not readable, out of order, or in the future"
#   remedy: "give times such as 2026-06-05T12:00:00Z in --started-at and --finished-at, or leave them out"
times_possible := [{"evidence": e.name, "ok": ok, "params": {
	"started": e.facts.started_at,
	"finished": e.facts.finished_at,
}} |
	some e in deployments
	ok := possible(e.facts)
]

default possible(_) := false

possible(f) if {
	f.times_readable
	f.in_order
	f.from_future == false
}

# METADATA
# title: There is a way back
# description: Whoever deploys must know how to undo it; after a failure it must have been prepared.
# custom:
#   applies_to: service
#   severity: error
#   message: "no evidence of a way back is given"
#   remedy: "give it: --rollback-artifact PATH"
way_back := [{"evidence": e.name, "ok": ok, "severity": urgency(e.facts)} |
	some e in deployments
	ok := e.facts.has_rollback
]

default urgency(_) := "warning"

urgency(f) := "error" if f.status in ["failed", "partial"]
