# The artifact index: something was indexed, nothing in it is red, broken or of another release.
package dpone.gates.artifact_index

import rego.v1

import data.dpone.lib

items := lib.of_kind("artifact_index")

# METADATA
# title: Something was indexed
# description: An empty index proves nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "no file was indexed"
#   remedy: "name the folder that holds the artifacts: --root DIR"
not_empty := [{"evidence": e.name, "ok": ok, "key": "empty"} |
	some e in items
	ok := e.facts.count > 0
]

# METADATA
# title: Every folder named is there
# description: A folder that is missing may hold the artifact that is red.
# custom:
#   applies_to: service
#   severity: warning
#   message: "the folder {folder} is not there"
#   remedy: "make it, or leave it out: --root DIR"
roots_exist := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(e.facts.missing_roots) == 0
	],
	[{"evidence": e.name, "ok": false, "key": folder, "params": {"folder": folder}} |
		some e in items
		some folder in e.facts.missing_roots
	],
)

# METADATA
# title: No indexed artifact is red
# description: An artifact that did not pass blocks a release wherever it lies.
# custom:
#   applies_to: service
#   severity: error
#   message: "{path} says that it did not pass"
#   remedy: "open it, mend what it names, make it again, then index again"
none_red := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.red_total == 0
	],
	[{"evidence": e.name, "ok": false, "key": i.path, "params": {"path": i.path}} |
		some e in items
		some i in e.facts.red
	],
)

# METADATA
# title: Every indexed JSON file can be read
# description: A broken file may have been red.
# custom:
#   applies_to: service
#   severity: error
#   message: "{path} is not JSON"
#   remedy: "make it again, then index again"
none_broken := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.broken_total == 0
	],
	[{"evidence": e.name, "ok": false, "key": i.path, "params": {"path": i.path}} |
		some e in items
		some i in e.facts.broken
	],
)

# METADATA
# title: Indexed artifacts are about this release
# description: An artifact of another release in the same folder is easily taken for this one's.
# custom:
#   applies_to: service
#   severity: warning
#   message: "{path} is about {release}"
#   remedy: "keep the artifacts of each release in a folder of its own"
of_this_release := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.foreign_total == 0
	],
	[{"evidence": e.name, "ok": false, "key": i.path, "params": {"path": i.path, "release": i.release}} |
		some e in items
		some i in e.facts.foreign
	],
)
