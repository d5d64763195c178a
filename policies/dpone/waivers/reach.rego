# How much a waiver covers, and what its owner should hear of in time.
package dpone.waivers

import rego.v1

# METADATA
# title: A pattern says what it is meant for
# description: A pattern that nearly anything fits switches a rule off.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} does not count: the pattern {match} fits nearly anything"
#   remedy: "write the finding's key out, or at least {least} letters or digits of it"
specific := [{"waiver": w.id, "ok": ok, "params": {
	"id": w.id,
	"rule": w.rule,
	"match": w.match,
	"least": fewest_letters,
}} |
	some w in input.waivers
	ok := says_enough(w)
]

fewest_letters := 6

default says_enough(_) := false

says_enough(w) if w.wildcard == false

says_enough(w) if w.letters >= fewest_letters

# METADATA
# title: A waiver covers the evidence it was given for
# description: Who accepted one report has not seen the next.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} does not count: it was given for other evidence than what is judged now"
#   remedy: "give the evidence it was given for, or ask for a new one: dpone waiver create"
same_evidence := [{"waiver": w.id, "ok": ok, "params": {"id": w.id, "rule": w.rule}} |
	some w in input.waivers
	ok := w.unchanged
]

# METADATA
# title: No waiver ends soon
# description: What it covers is red the day after.
# custom:
#   applies_to: waiver
#   severity: warning
#   message: "waiver {id} of {rule} ends {not_after}, in {left}; {owner} answers for it"
#   remedy: "mend what it speaks of before, or ask for a new one: dpone waiver create"
ends_soon := [{"waiver": w.id, "ok": ok, "params": {
	"id": w.id,
	"rule": w.rule,
	"not_after": w.not_after,
	"left_seconds": w.left_seconds,
	"owner": w.owner,
}} |
	some w in input.waivers
	ok := lasts_on(w)
]

a_week := 604800

default lasts_on(_) := false

lasts_on(w) if w.left_seconds >= a_week

# That it ended is said elsewhere.
lasts_on(w) if w.expired

# METADATA
# title: A waiver is bound to something
# description: One that names neither evidence, nor a release, nor one finding covers what nobody has seen yet.
# custom:
#   applies_to: waiver
#   severity: warning
#   message: "waiver {id} of {rule} covers every release and whatever fits {match}"
#   remedy: "name the release, the evidence, or the key of one finding"
narrow := [{"waiver": w.id, "ok": ok, "params": {"id": w.id, "rule": w.rule, "match": w.match}} |
	some w in input.waivers
	ok := bound(w)
]

default bound(_) := false

bound(w) if w.wildcard == false

bound(w) if w.release != ""

bound(w) if w.sha256 != ""
