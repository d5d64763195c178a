# What a dbt project defines.
package dpone.kinds.dbt_manifest

import rego.v1

import data.dpone.lib

items := lib.of_kind("dbt-manifest")

# METADATA
# title: The project defines something
# description: A manifest without models and tests is what parsing the wrong folder leaves.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "the manifest defines {facts.models} models and {facts.tests} tests in {facts.nodes} nodes"
#   remedy: "write it in the project that is released: {producer}"
nothing_defined := {
	"holds": [e.name |
		some e in items
		e.facts.nodes > 0
	],
	"pointer": "/nodes",
}
