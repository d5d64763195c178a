# Docs publish pack: what is published about a release rests on its release gate.
package dpone.gates.docs_publish_pack

import rego.v1

# METADATA
# title: A release is named for publishing
# description: A status that names no release would be read as that of all of them.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} |
	ok := input.subject.release != ""
]

# METADATA
# title: Evidence is attached for publishing
# description: A page without evidence claims what nobody can look up.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "nothing is attached that could be published"
#   remedy: "attach the artifacts of this release: --artifact NAME=PATH"
evidence_attached := [{"ok": ok} |
	ok := count(input.evidence) > 0
]

# METADATA
# title: The release gate is attached
# description: What is published as the status of a release is what its release gate decided, and nothing else.
# custom:
#   applies_to: gate
#   severity: error
#   message: "the decision of the release gate is not attached, so there is no status to publish"
#   remedy: "decide and attach it: dpone ops release-gate, then --artifact release_gate=PATH"
release_gate_attached := [{"ok": ok} |
	ok := count(release_gates) > 0
]

release_gates := [e |
	some e in input.evidence
	e.kind == "release_gate"
	e.producer == "dpone"
	e.state == "present"
]
