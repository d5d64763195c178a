# Objectives held against Prometheus.
package dpone.kinds.prometheus

import rego.v1

import data.dpone.lib

items := lib.of_kind("prometheus")

# METADATA
# title: No value above its maximum
# description: The objective is the promise that was made to users.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{metric} is {value}, objective max {objective}"
#   remedy: "find out what drives {metric} up, or wait until it is down, then ask Prometheus again"
above_max := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		not any_above(e)
	],
	[{"evidence": e.name, "ok": false, "key": o.metric, "pointer": o.pointer, "params": {
		"metric": o.metric,
		"value": o.value,
		"objective": o.objective,
	}} |
		some e in items
		some o in e.facts.objectives
		is_above(o)
	],
)

any_above(e) if {
	some o in e.facts.objectives
	is_above(o)
}

is_above(o) if {
	o.operator == "max"
	o.has_value
	o.value > o.objective
}

# METADATA
# title: No value below its minimum
# description: The objective is the promise that was made to users.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{metric} is {value}, objective min {objective}"
#   remedy: "find out what holds {metric} down, or wait until it is up, then ask Prometheus again"
below_min := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		not any_below(e)
	],
	[{"evidence": e.name, "ok": false, "key": o.metric, "pointer": o.pointer, "params": {
		"metric": o.metric,
		"value": o.value,
		"objective": o.objective,
	}} |
		some e in items
		some o in e.facts.objectives
		is_below(o)
	],
)

any_below(e) if {
	some o in e.facts.objectives
	is_below(o)
}

is_below(o) if {
	o.operator == "min"
	o.has_value
	o.value < o.objective
}

# METADATA
# title: Every objective has one value
# description: A metric that does not exist, several series without a reduction, NaN and infinity meet no objective.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{metric} has no usable value: {reason} (kinds.prometheus.no_data)"
#   remedy: "check the query and that the metric is scraped; name a reduce where there are several series"
no_value := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		not any_without(e)
	],
	[{
		"evidence": e.name, "ok": false, "key": o.metric, "pointer": o.pointer,
		"severity": severity_of(o.reason),
		"params": {"metric": o.metric, "reason": o.reason},
	} |
		some e in items
		some o in e.facts.objectives
		o.has_value == false
	],
)

any_without(e) if {
	some o in e.facts.objectives
	o.has_value == false
}

severity_of(reason) := lib.severity(data.dpone.config.kinds.prometheus.no_data) if reason == "no_data"

severity_of(reason) := "error" if reason != "no_data"

# METADATA
# title: Something was held against an objective
# description: A failed query, no objective, or no value at all decides nothing, and an answer of 200 says none of that.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "nothing was evaluated: {facts.objectives_total} objectives, {facts.series} series, status {facts.status} {facts.error}"
#   remedy: "give this item objectives in dpone.yaml, mend the query, and ask Prometheus again"
nothing_evaluated := {"holds": [e.name |
	some e in items
	e.facts.status == "success"
	e.reported != "empty"
]}

# METADATA
# title: Prometheus answered without a warning
# description: A warning often means that some of the data could not be asked, so the value is of the rest.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.warnings} warnings came with the answer"
#   remedy: "read them in the file, under /warnings, and ask again"
warned := {
	"holds": [e.name |
		some e in items
		e.facts.warnings == 0
	],
	"pointer": "/warnings",
}
