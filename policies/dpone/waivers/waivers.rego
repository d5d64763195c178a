# Which waivers count. One that is refused here covers nothing; the finding it speaks of stays red.
package dpone.waivers

import rego.v1

# METADATA
# title: A waiver counts from its first day to its last
# description: What was accepted for two weeks is not accepted for ever.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} does not count: {why} {time}"
#   remedy: "mend what it speaks of, or ask for a new one: dpone waiver create"
current := array.concat(
	array.concat(
		[{"waiver": w.id, "ok": false, "params": {"id": w.id, "rule": w.rule, "why": "it ended", "time": w.not_after}} |
			some w in input.waivers
			w.expired
		],
		[{"waiver": w.id, "ok": false, "params": {"id": w.id, "rule": w.rule, "why": "it begins", "time": w.not_before}} |
			some w in input.waivers
			w.not_yet
			w.expired == false
		],
	),
	[{"waiver": w.id, "ok": true} |
		some w in input.waivers
		w.expired == false
		w.not_yet == false
	],
)

# METADATA
# title: A waiver that was revoked does not count
# description: Whoever gave it, or found out that it should not have been given, has taken it back.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} was revoked"
#   remedy: "mend what it speaks of, or ask for a new one: dpone waiver create"
not_revoked := [{"waiver": w.id, "ok": ok, "params": {"id": w.id, "rule": w.rule}} |
	some w in input.waivers
	ok := w.revoked == false
]

# METADATA
# title: A waiver speaks of a rule that can be waived
# description: Seals, identity, the ledger, layers and required evidence are what makes a decision worth anything.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} does not count: nobody can waive {rule}"
#   remedy: "take it out, and mend what {rule} says"
rule_can_be_waived := [{"waiver": w.id, "ok": ok, "params": {"id": w.id, "rule": w.rule}} |
	some w in input.waivers
	ok := w.waivable
]

# METADATA
# title: A waiver lasts no longer than its limit
# description: A waiver without an end that comes soon is a rule that was switched off.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} lasts {lasts}, at most {limit} for findings of severity {severity}"
#   remedy: "give it an end that comes sooner (waiver_limits.max)"
bounded := [{"waiver": w.id, "key": s.severity, "ok": ok, "params": {
	"id": w.id,
	"rule": w.rule,
	"lasts_seconds": w.lasts_seconds,
	"limit_seconds": s.limit,
	"severity": s.severity,
}} |
	some w in input.waivers
	some s in limits
	ok := w.lasts_seconds <= s.limit
]

limits := [
	{"severity": "error", "limit": data.dpone.config.waiver_limits.max.error},
	{"severity": "warning", "limit": data.dpone.config.waiver_limits.max.warning},
]
