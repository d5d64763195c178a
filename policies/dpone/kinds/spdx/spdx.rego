# Software bills of materials in SPDX.
package dpone.kinds.spdx

import rego.v1

import data.dpone.lib

items := lib.of_kind("spdx")

config := data.dpone.config.kinds.spdx

# METADATA
# title: The bill lists packages
# description: An empty bill is what a scan of the wrong folder leaves.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "the bill of materials lists no package"
#   remedy: "scan the environment that is shipped: {producer}"
no_packages := {"holds": [e.name |
	some e in items
	e.facts.packages > 0
]}

# METADATA
# title: Identifiers are unique
# description: With two things under one SPDXID, nobody can tell which one a relationship means.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.duplicate_ids} identifiers stand for more than one thing: {facts.duplicate_names}"
#   remedy: "write the bill with a tool that keeps SPDXID unique: {producer}"
duplicate_ids := {"holds": [e.name |
	some e in items
	e.facts.duplicate_ids == 0
]}

# METADATA
# title: The bill says what it describes
# description: Without it nobody can tell which package is the product and which are what it is made of.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "the bill of materials does not say what it describes"
#   remedy: "write the bill with DESCRIBES relationships: {producer}"
nothing_described := {"holds": [e.name |
	some e in items
	e.facts.described > 0
]}

# METADATA
# title: Every package has a version
# description: A package without a version matches no advisory.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.unversioned} packages have no version: {facts.unversioned_names} (kinds.spdx.unversioned)"
#   remedy: "pin them, or set kinds.spdx.unversioned"
unversioned := {
	"severity": lib.severity(config.unversioned),
	"holds": [e.name |
		some e in items
		e.facts.unversioned == 0
	],
}
