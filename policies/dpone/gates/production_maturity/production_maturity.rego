# Production maturity: seven domains, each with evidence of its own that can speak for it.
package dpone.gates.production_maturity

import rego.v1

import data.dpone.readiness

# METADATA
# title: A release is named
# description: A readiness of nothing in particular is a readiness of anything.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} | ok := input.subject.release != ""]

# METADATA
# title: The kind of evidence can speak for its domain
# description: A test report says nothing about the supply chain, whatever it is called.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{kind} cannot speak for the domain {evidence}"
#   remedy: "give evidence of a kind that domains.{evidence}.kinds in dpone.yaml lists: dpone config show"
kinds_fit := [{"evidence": e.name, "ok": ok, "params": {"kind": e.kind}} |
	some e in input.evidence
	ok := speaks(e)
]

default speaks(_) := false

speaks(e) if e.producer == "service"

speaks(e) if e.state != "present"

speaks(e) if readiness.fits(e)

# METADATA
# title: One file serves one domain
# description: A file that speaks for several domains would be counted several times.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is the same file as {others}"
#   remedy: "give every domain evidence of its own"
one_file_one_domain := [{"evidence": e.name, "ok": ok, "params": {"others": others}} |
	some e in input.evidence
	others := readiness.shared_with(e)
	ok := count(others) == 0
]

# METADATA
# title: The level that the evidence allows
# description: The best one only where every required domain is sealed, dated and about this release.
# custom:
#   applies_to: gate
#   severity: warning
#   value: true
#   message: "the level is {level}: not sealed, dated and bound are {unproven}"
#   remedy: "seal them where they are made: dpone evidence seal NAME=PATH --release {release}"
level := [{"ok": ok, "params": {"level": found, "unproven": readiness.unproven}} |
	found := readiness.level("ga_ready")
	ok := found == "ga_ready"
]
