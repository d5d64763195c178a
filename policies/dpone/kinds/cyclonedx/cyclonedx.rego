# Software bills of materials in CycloneDX.
package dpone.kinds.cyclonedx

import rego.v1

import data.dpone.lib

items := lib.of_kind("cyclonedx")

# METADATA
# title: The bill lists components
# description: An empty bill is what a scan of the wrong folder leaves.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "the bill of materials lists no component"
#   remedy: "scan the environment that is shipped: {producer}"
no_components := {"holds": [e.name |
	some e in items
	e.facts.components > 0
]}

# METADATA
# title: References are unique
# description: With two things under one bom-ref, nobody can tell which one a dependency or an advisory means.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.duplicate_refs_total} references stand for more than one thing: {facts.duplicate_names}"
#   remedy: "write the bill with a tool that keeps bom-ref unique: {producer}"
duplicate_refs := {"holds": [e.name |
	some e in items
	e.facts.duplicate_refs_total == 0
]}

# METADATA
# title: No vulnerability still applies
# description: The bill itself lists it, and its analysis does not say that it is settled.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{package} has {id} {severity}"
#   remedy: "upgrade {package}, record an analysis in the bill and make it again"
vulnerability := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.vulns_total == 0
	],
	[{"evidence": e.name, "ok": false, "key": v.key, "pointer": v.pointer, "params": {
		"package": v.package,
		"id": v.id,
		"severity": v.severity,
	}} |
		some e in items
		some v in e.facts.vulns
	],
)

# METADATA
# title: Every vulnerability is listed
# description: The facts list the first hundred; what is beyond cannot be judged one by one.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: false
#   message: "{facts.vulns_total} vulnerabilities, only {listed} of them can be shown"
#   remedy: "upgrade the ones that are shown, then: {producer}"
too_many := [{"evidence": e.name, "ok": ok, "params": {"listed": count(e.facts.vulns)}} |
	some e in items
	ok := e.facts.vulns_total <= count(e.facts.vulns)
]
