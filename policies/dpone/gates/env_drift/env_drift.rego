# Environment drift: two different environments and files were compared, and nothing differs that nobody allows.
package dpone.gates.env_drift

import rego.v1

import data.dpone.lib

items := lib.of_kind("env_drift")

# METADATA
# title: Two different environments are compared
# description: An environment never differs from itself, so comparing it with itself proves nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "source and target are the same environment: {environment}"
#   remedy: "name the environment before in --source-env and the one to promote to in --target-env"
environments_differ := [{"evidence": e.name, "ok": ok, "params": {"environment": e.facts.target_environment}} |
	some e in items
	ok := e.facts.same_environment == false
]

# METADATA
# title: Two different files are compared
# description: A file never differs from itself, by whatever path it is named.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "--source and --target are the same file"
#   remedy: "render the configuration of each environment into a file of its own"
files_differ := [{"evidence": e.name, "ok": ok} |
	some e in items
	ok := e.facts.same_file == false
]

# METADATA
# title: Something was compared
# description: Two empty documents agree about nothing, and so do two whose every value may differ.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "nothing was compared: of {compared} values none is held to be equal"
#   remedy: "give the rendered configurations, and allow only what must differ between environments"
something_compared := [{"evidence": e.name, "ok": ok, "params": {"compared": e.facts.compared}} |
	some e in items
	ok := e.facts.judged > 0
]

# METADATA
# title: Nothing differs that nobody allows
# description: A difference that nobody decided on is an accident waiting in the target environment.
# custom:
#   applies_to: service
#   severity: error
#   message: "{path} {kind}: {source} in {source_environment}, {target} in {target_environment}{note}"
#   remedy: "correct it in {target_environment}, or allow a value that must differ: drift.allow in dpone.yaml"
no_blocking_drift := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.blocking_count == 0
	],
	array.concat(
		[{"evidence": e.name, "ok": false, "key": d.path, "pointer": d.pointer, "params": {
			"path": d.path,
			"kind": d.kind,
			"source": d.source,
			"target": d.target,
			"source_environment": e.facts.source_environment,
			"target_environment": e.facts.target_environment,
			"note": note(d),
		}} |
			some e in items
			some d in e.facts.blocking
		],
		[{"evidence": e.name, "ok": false, "key": "~more", "params": {
			"path": sprintf("%v more places", [e.facts.blocking_count - count(e.facts.blocking)]),
			"kind": "differ",
			"source": "see env_drift_differences.json",
			"target": "see there",
			"source_environment": e.facts.source_environment,
			"target_environment": e.facts.target_environment,
			"note": "",
		}} |
			some e in items
			e.facts.blocking_count > count(e.facts.blocking)
		],
	),
)

default note(_) := ""

note(d) := sprintf("; it %s", [d.allowance]) if d.allowance != ""
