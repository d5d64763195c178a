# The checklist before a release: every required check is there, done, and better proved than claimed.
package dpone.gates.pre_release_checklist

import rego.v1

import data.dpone.lib

lists := lib.of_kind("checklist")

# METADATA
# title: A release is named
# description: A checklist of no release in particular could be anybody's.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} | ok := input.subject.release != ""]

# METADATA
# title: Every required check is answered
# description: A check that nobody made is not done.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the check {check} is missing"
#   remedy: "make it and say so: --check {check}=true, or better, prove it: --artifact {check}=PATH"
checks_answered := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in lists
		count(missing(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": sprintf("%s.missing", [name]), "params": {"check": name}} |
		some e in lists
		some name in missing(e)
	],
)

missing(e) := [c.name |
	some c in e.facts.checks
	c.required
	c.claimed == "none"
	c.proved == false
]

# METADATA
# title: No check is known to fail
# description: Whoever says himself that a check failed must be believed, whatever evidence lies beside it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the check {check} is not done"
#   remedy: "do it, then say so: --check {check}=true"
checks_done := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in lists
		count(undone(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": sprintf("%s.not_passed", [name]), "params": {"check": name}} |
		some e in lists
		some name in undone(e)
	],
)

undone(e) := [c.name |
	some c in e.facts.checks
	c.claimed == "not_done"
]

# METADATA
# title: Checks are proved
# description: That somebody typed `true` is no evidence.
# custom:
#   applies_to: service
#   severity: error
#   concern: "{count} checks are only claimed"
#   message: "the check {check} is only claimed"
#   remedy: "give its evidence: --artifact {check}=PATH"
checks_proved := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in lists
		count(claimed(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": sprintf("%s.not_proved", [name]), "severity": weight, "params": {"check": name}} |
		some e in lists
		some name in claimed(e)
	],
)

weight := lib.severity(data.dpone.config.concerns.unsealed)

claimed(e) := [c.name |
	some c in e.facts.checks
	c.claimed == "done"
	c.proved == false
]
