# Benchmarks of pytest-benchmark.
package dpone.kinds.pytest_benchmark

import rego.v1

import data.dpone.lib

items := lib.of_kind("pytest-benchmark")

config := data.dpone.config.kinds["pytest-benchmark"]

# METADATA
# title: Every objective is met
# description: A limit that was set and is not kept, or cannot be shown to be kept, is the release missing its promise.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{what}"
#   remedy: "find what moved it, then: {producer}"
objective := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		every o in e.facts.objectives {
			is_met(o)
		}
	],
	[{
		"evidence": e.name,
		"ok": false,
		"key": o.key,
		"pointer": o.pointer,
		"params": {"what": o.text},
	} |
		some e in items
		some o in e.facts.objectives
		not is_met(o)
	],
)

is_met(o) if {
	o.has_value
	o.operator == "max"
	o.value <= o.objective
}

is_met(o) if {
	o.has_value
	o.operator == "min"
	o.value >= o.objective
}

# METADATA
# title: There is an objective
# description: A time that nothing is held against is neither good nor bad.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.benchmarks} benchmarks and no objective to hold them against (kinds.pytest-benchmark.threshold)"
#   remedy: "set objectives for this evidence in dpone.yaml"
no_objective := {"holds": [e.name |
	some e in items
	has_objective(e)
]}

has_objective(e) if e.facts.objectives_total > 0

has_objective(_) if config.threshold == "optional"

# METADATA
# title: What was measured is committed
# description: A benchmark of changes that are in no commit cannot be run again.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "it was measured with changes that are not committed"
#   remedy: "commit, then: {producer}"
uncommitted := {"holds": [e.name |
	some e in items
	e.facts.dirty == false
]}

# METADATA
# title: Something was measured
# description: A run with benchmarks switched off writes a report without rounds.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "none of {facts.benchmarks} benchmarks was measured"
#   remedy: "run them: {producer}"
nothing_measured := {"holds": [e.name |
	some e in items
	e.facts.measured > 0
]}
