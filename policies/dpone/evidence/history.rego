# What earlier decisions about the same subject demand of this one.
package dpone.evidence

import rego.v1

# METADATA
# title: The same evidence was not refused before
# description: Evidence that was red once and is green now, unchanged, was judged by other rules.
# custom:
#   applies_to: gate
#   severity: warning
#   message: "decision {decision} refused exactly this evidence at {decided_at} (ledger entry {entry})"
#   remedy: "see what changed since: dpone decision show {decision}"
not_refused_before := array.concat(
	[{"ok": true} | count(refusals) == 0],
	[{"ok": false, "params": {
		"decision": h.decision,
		"decided_at": h.decided_at,
		"entry": h.entry,
	}} |
		some h in refusals
	],
)

# Only the newest counts: what came after it was judged then.
refusals := [h |
	h := input.history[0]
	h.passed == false
	h.same_evidence == true
]

# METADATA
# title: A decision is superseded only by one of at least the same role
# description: Otherwise whoever may sign less could outdate the answer of whoever may sign more.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "decision {decision} was signed as {role}, which the key of {actor.identity} is not"
#   remedy: "let somebody with the role {role} decide, or give it to this key: dpone keys trust"
supersedes_by_role := array.concat(
	[{"ok": true} | count(missing_roles) == 0],
	[{"ok": false, "key": m.role, "params": {
		"decision": m.decision,
		"role": m.role,
	}} |
		some m in missing_roles
	],
)

# What stands: the newest decision that was itself of at least the role of those before it. One that was not has
# superseded nothing, however often it was tried.
standing := [h |
	some h in input.history
	h.outranked == false
]

# A preview is recorded nowhere and supersedes nothing.
missing_roles := [{"decision": h.decision, "role": role} |
	input.actor.signing == "key"
	h := standing[0]
	some role in h.roles
	not role in input.actor.roles
]
