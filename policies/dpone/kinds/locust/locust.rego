# Load tests of locust.
package dpone.kinds.locust

import rego.v1

import data.dpone.lib

items := lib.of_kind("locust")

# METADATA
# title: Few requests failed
# description: A request that failed under load fails for somebody.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.failure_percent} % of {facts.requests} requests failed, at most {limit} % allowed (kinds.locust.max_failure_percent): {facts.failing_names}"
#   remedy: "find why they fail, then: {producer}"
failures := {
	"holds": [e.name |
		some e in items
		e.facts.failure_percent <= data.dpone.config.kinds.locust.max_failure_percent
	],
	"pointer": "{facts.failing_at}",
	"params": {"limit": data.dpone.config.kinds.locust.max_failure_percent},
}

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
# title: Requests were made
# description: A load test whose users never started has no failures.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "no request was made"
#   remedy: "look at why no user started, then: {producer}"
nothing_requested := {"holds": [e.name |
	some e in items
	e.facts.requests > 0
]}
