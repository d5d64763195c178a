# Manifest bundle: every file was copied, and nothing in the copies is secret.
package dpone.gates.manifest_bundle

import rego.v1

import data.dpone.lib

items := lib.of_kind("manifest_bundle")

# METADATA
# title: The bundle has files
# description: An empty bundle holds nothing that anybody could look at.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "no file was given"
#   remedy: "give at least one: --file NAME=PATH"
has_files := [{"evidence": e.name, "ok": ok, "key": "manifest_bundle.no_files"} |
	some e in items
	ok := e.facts.file_count > 0
]

# METADATA
# title: Every file could be read
# description: A bundle that leaves a file out is taken for the whole.
# custom:
#   applies_to: service
#   severity: error
#   message: "{file} is {state}: {reason}"
#   remedy: "correct the path, --file {file}=PATH, or make the file, and build the bundle again"
files_read := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.states.missing + e.facts.states.unreadable + e.facts.states.too_large == 0
	],
	[{"evidence": e.name, "ok": false, "key": f.file, "pointer": f.pointer, "params": {
		"file": f.name,
		"state": f.state,
		"reason": f.reason,
	}} |
		some e in items
		some f in e.facts.files
		f.state in ["missing", "unreadable", "too_large"]
	],
)

# METADATA
# title: A name stands for one file
# description: Who reads the bundle could not tell two files of one name apart.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{file} was given more than once"
#   remedy: "give every file a name of its own"
named_once := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.duplicate_count == 0
	],
	[{"evidence": e.name, "ok": false, "key": f.file, "pointer": f.pointer, "params": {"file": f.name}} |
		some e in items
		some f in e.facts.files
		f.duplicate
	],
)

# METADATA
# title: The folder holds this bundle only
# description: What an earlier bundle left in the folder would be handed on with this one, redacted or not.
# custom:
#   applies_to: service
#   severity: error
#   message: "the folder also holds {names}, which is not of this bundle"
#   remedy: "remove it, or choose another folder: --output-dir"
nothing_left_over := [{
	"evidence": e.name,
	"ok": ok,
	"key": "manifest_bundle.left_over",
	"params": {"names": e.facts.leftover},
} |
	some e in items
	ok := e.facts.leftover_count == 0
]
