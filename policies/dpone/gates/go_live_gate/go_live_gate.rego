# Go-live: every required item of the bundle passed, and its files are the ones that were bundled.
package dpone.gates.go_live_gate

import rego.v1

import data.dpone.lib

bundles := lib.of_kind("ops_evidence_bundle")

checked := lib.of_kind("bundle_files")

# METADATA
# title: Required items of the bundle passed
# description: One required item that did not pass is a no-go; an optional one warns.
# custom:
#   applies_to: gate
#   severity: error
#   message: "{item} in the bundle did not pass"
#   remedy: "open {path}, mend what it names, and build the bundle again: dpone ops evidence-bundle"
item_passed := array.concat(
	[{"ok": true} | count(red_items) == 0],
	[{"ok": false, "key": i.name, "severity": severity(i), "params": {"item": i.name, "path": i.path}} |
		some i in red_items
	],
)

red_items := [i |
	some e in bundles
	some i in e.facts.items
	not has_passed(i)
]

has_passed(i) if i.passed == true

default severity(_) := "error"

severity(i) := "warning" if i.required == false

# METADATA
# title: The bundle has items
# description: An empty bundle proves nothing.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the bundle has no item that could be judged"
#   remedy: "build it: dpone ops evidence-bundle"
bundle_not_empty := [{"ok": ok, "params": {}} |
	ok := sum([e.facts.item_count | some e in bundles]) > 0
]

# METADATA
# title: Bundled files are unchanged
# description: A file that changed after bundling is not the one that was judged.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{path} of the bundle is {state}"
#   remedy: "build the bundle again: dpone ops evidence-bundle"
files_unchanged := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in checked
		e.facts.states.same == e.facts.count
	],
	[{"evidence": e.name, "ok": false, "key": f.name, "params": {"path": f.path, "state": f.state}} |
		some e in checked
		some f in e.facts.files
		f.state != "same"
	],
)

# METADATA
# title: The files checked are those of the bundle that is judged
# description: A bundle that is replaced while it is judged could name other files.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the bundle was changed while it was judged"
#   remedy: "run again, and let nothing write the bundle meanwhile"
bundle_is_the_same := [{"evidence": e.name, "ok": ok, "params": {}} |
	some e in checked
	ok := names_files_of(e, bundles)
]

default names_files_of(_, _) := false

names_files_of(e, judged) if {
	every b in judged { b.source.sha256 == e.facts.bundle_sha256 }
}
