# SLO evaluation: every objective has a value, and the value is within it.
package dpone.gates.slo_evaluate

import rego.v1

import data.dpone.lib

items := lib.of_kind("slo_report")

# METADATA
# title: There are objectives
# description: Without objectives nothing was evaluated.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "no objective was given"
#   remedy: "give at least one metric with min or max: --objectives-json"
has_objectives := [{"evidence": e.name, "ok": ok, "key": "slo.no_objectives"} |
	some e in items
	ok := e.facts.objective_count > 0
]

# METADATA
# title: Every objective has a value
# description: A metric that was not measured may be anything.
# custom:
#   applies_to: service
#   severity: error
#   message: "{metric} has no value"
#   remedy: "measure it: run the workload again with this metric in its report"
has_value := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.totals.missing == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.code, "pointer": r.pointer, "params": {"metric": r.metric}} |
		some e in items
		some r in e.facts.results
		r.has_value == false
	],
)

# METADATA
# title: Every metric is within its objective
# description: An objective that is not met is what it was written for.
# custom:
#   applies_to: service
#   severity: error
#   message: "{metric} is {actual}, objective {operator} {objective}"
#   remedy: "{action}"
met := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.totals.above_max + e.facts.totals.below_min == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.code, "pointer": r.pointer, "params": {
		"metric": r.metric,
		"actual": r.actual_text,
		"operator": r.operator,
		"objective": r.objective_text,
		"action": r.action,
	}} |
		some e in items
		some r in e.facts.results
		outside(r)
	],
)

outside(r) if {
	r.operator == "max"
	r.relation == "above"
}

outside(r) if {
	r.operator == "min"
	r.relation == "below"
}
