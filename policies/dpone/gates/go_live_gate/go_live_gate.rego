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
bundle_not_empty := [{"ok": ok} |
	ok := sum([e.facts.item_count | some e in bundles]) > 0
]

# METADATA
# title: Bundled files are unchanged
# description: A file that changed after bundling is not the one that was judged.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{path} of the bundle is {state}"
#   remedy: "build the bundle again: dpone ops evidence-bundle"
files_unchanged := array.concat(
	[{"ok": true} | all_the_same(checked)],
	[{"ok": false, "key": f.name, "params": {"path": f.path, "state": f.state}} |
		some e in checked
		some f in e.facts.files
		f.state != "same"
	],
)

# Totals, because the list is cut after the first hundred.
all_the_same(found) if {
	count(found) > 0
	every e in found { e.facts.states.same == e.facts.count }
}

# METADATA
# title: The files checked are those of the bundle that is judged
# description: A bundle that is replaced while it is judged could name other files.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the bundle was changed while it was judged"
#   remedy: "run again, and let nothing write the bundle meanwhile"
bundle_is_the_same := [{"ok": ok} | ok := count(other_bundles) == 0]

other_bundles := [b |
	some e in checked
	some b in bundles
	not names_files_of(e, b)
]

names_files_of(e, b) if e.facts.bundle_sha256 == b.source.sha256
