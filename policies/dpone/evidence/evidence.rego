# What every gate asks of every piece of evidence, before any rule looks at its content.
package dpone.evidence

import rego.v1

import data.dpone.lib

# METADATA
# title: Evidence can be read
# description: A file that is missing, unreadable or too large proves nothing.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is {state}: {what}"
#   remedy: "produce it, or correct its path: --artifact {evidence}=PATH"
present := {"holds": [e.name |
	some e in input.evidence
	e.state in ["present", "invalid", "unrecognized", "omitted", "superseded"]
]}

# METADATA
# title: Evidence is well formed
# description: A file that breaks the rules of its own format can be read in two ways.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is invalid: {what}"
#   remedy: "produce it again: {producer}"
well_formed := {"holds": [e.name |
	some e in input.evidence
	e.state != "invalid"
]}

# METADATA
# title: Evidence is of a known kind
# description: A file nobody understands proves nothing, whatever it says of itself.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is not recognised: {what}"
#   remedy: "give the report as the tool wrote it, or an artifact that dpone wrote and sealed; see dpone evidence show {uri}"
recognized := {"holds": [e.name |
	some e in input.evidence
	e.state != "unrecognized"
]}

# METADATA
# title: Evidence is the latest of its kind
# description: A later decision about the same thing outdates an earlier one, and none may be left out.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is {state}: {what}"
#   remedy: "see it in dpone decision list; give the latest one, or mend what it says and run its command again"
current := {"holds": [e.name |
	some e in input.evidence
	e.state in ["present", "missing", "unreadable", "too_large", "invalid", "unrecognized"]
]}

# METADATA
# title: Required evidence is there
# description: What the configuration requires must be given, and be of a kind that it names.
# custom:
#   applies_to: required
#   severity: error
#   mandatory: true
#   message: "{evidence} is required and was not given"
#   remedy: "give it: --artifact {evidence}=PATH, or name its path under evidence in dpone.yaml"
required := {"holds": [r.name |
	some r in input.required
	r.name in given_as(r.kinds)
]}

given := [e.name | some e in input.evidence]

# The names under which evidence of one of these kinds was given; without kinds any kind will do.
given_as(kinds) := given if count(kinds) == 0

given_as(kinds) := [e.name | some e in input.evidence; kind_fits(e, kinds)] if count(kinds) > 0

kind_fits(e, kinds) if e.kind in kinds

# Broken or missing items are judged by other rules; here only a wrong kind counts.
kind_fits(e, _) if e.state != "present"

# METADATA
# title: A name stands for one piece of evidence
# description: Two files under one name would let the good one answer for the bad one.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} was given more than once"
#   remedy: "give every file a name of its own"
named_once := {"holds": [e.name |
	some e in input.evidence
	e.duplicate_name == false
]}

# METADATA
# title: Evidence is about this release
# description: A report of another release, commit, environment or deployment says nothing about this one.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is about another {foreign_fields}"
#   remedy: "give the evidence of this release: {producer}"
not_foreign := {"holds": [e.name |
	some e in input.evidence
	e.binding in ["matched", "unbound"]
	count(e.foreign_fields) == 0
]}

# METADATA
# title: A seal that is there is whole and trusted
# description: A seal that does not match its file, or whose key nobody vouches for, is worse than none.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} has a seal that does not hold: {seal.reason}"
#   remedy: "make and seal the file again, or trust its key: dpone keys trust"
seal_holds := {"holds": [e.name |
	some e in input.evidence
	seal_is_good(e.seal)
]}

seal_is_good(seal) if seal.state == "absent"

seal_is_good(seal) if {
	seal.state == "valid"
	seal.trust != "none"
}

# METADATA
# title: Evidence does not contradict itself
# description: Two claims that exclude each other cannot both be true, so neither is believed.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} contradicts itself: {contradictions}"
#   remedy: "produce it again: {producer}"
consistent := {"holds": [e.name |
	some e in input.evidence
	count(e.contradictions) == 0
]}

# METADATA
# title: Evidence is not from the future
# description: A time stamp after the decision means that a clock or a file is wrong.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} says it was made at {produced_at}, after this decision"
#   remedy: "set the clock of the machine that made it, and produce it again"
not_from_future := {"holds": [e.name |
	some e in input.evidence
	e.from_future == false
]}

# METADATA
# title: A decision given as evidence passed
# description: A gate that did not pass cannot carry another one.
# custom:
#   applies_to: artifact
#   content: true
#   severity: error
#   waivable: false
#   message: "{evidence} did not pass: {gate} is {status}"
#   remedy: "see why: dpone decision show {decision}; mend it, and run dpone ops {gate} again"
artifact_passed := [{"evidence": e.name, "ok": ok, "severity": weight(input), "params": {
	"gate": e.facts.gate,
	"status": e.facts.status,
	"decision": e.facts.id,
}} |
	some e in input.evidence
	e.producer == "dpone"
	e.state == "present"
	ok := e.reported == "passed"
]

default weight(_) := "error"

# A JSON policy may ask for single items of a bundle instead of the whole, where nothing is protected.
weight(i) := "warning" if {
	i.gate == "policy-evaluate"
	i.parameters.require_bundle_passed == false
	i.protected == false
}

# METADATA
# title: Evidence is fresh
# description: Last month's report says nothing about today's release.
# custom:
#   applies_to: evidence
#   severity: error
#   message: "{evidence} is {age} old, at most {max_age} allowed"
#   remedy: "produce it again: {producer}"
fresh := {
	"severity": lib.severity(data.dpone.config.concerns.stale),
	"holds": [e.name |
		some e in input.evidence
		e.age_seconds <= e.max_age_seconds
	],
}

# METADATA
# title: Evidence is sealed
# description: Without a seal nobody can tell which job made the file, or whether it was changed since.
# custom:
#   applies_to: evidence
#   severity: error
#   waivable: false
#   concern: "{count} items carry no seal"
#   message: "{evidence} carries no seal"
#   remedy: "seal it where it is made: dpone evidence seal {evidence}={uri} --release {release}"
sealed := {
	"severity": lib.severity(data.dpone.config.concerns.unsealed),
	"holds": [e.name |
		some e in input.evidence
		vouched_for(e)
	],
}

vouched_for(e) if e.producer == "service"

vouched_for(e) if e.seal.state in ["valid", "broken"]

vouched_for(e) if e.state != "present"

# METADATA
# title: Evidence says which release it belongs to
# description: A report without release or commit could be anybody's.
# custom:
#   applies_to: evidence
#   severity: error
#   concern: "{count} items do not say which release they belong to"
#   message: "{evidence} does not say which release it belongs to"
#   remedy: "seal it where it is made: dpone evidence seal {evidence}={uri} --release {release}"
bound := {
	"severity": lib.severity(data.dpone.config.concerns.unbound),
	"holds": [e.name |
		some e in input.evidence
		says_release(e)
	],
}

says_release(e) if e.binding in ["matched", "foreign"]

# A decision of dpone's is bound when it is taken, not by a seal of its own.
says_release(e) if e.producer == "dpone"

says_release(e) if e.state != "present"

# METADATA
# title: Evidence says when it was made
# description: Without a date nobody can tell whether it is stale.
# custom:
#   applies_to: evidence
#   severity: error
#   concern: "{count} items have no date of their own"
#   message: "{evidence} has no date of its own"
#   remedy: "seal it where it is made, that dates it: dpone evidence seal {evidence}={uri} --release {release}"
dated := {
	"severity": lib.severity(data.dpone.config.concerns.undated),
	"holds": [e.name |
		some e in input.evidence
		says_when(e)
	],
}

says_when(e) if e.dated in ["producer", "signer"]

says_when(e) if e.state != "present"
