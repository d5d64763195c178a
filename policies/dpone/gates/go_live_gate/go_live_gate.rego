# Go-live: every required item of the bundle passed, and its files are the ones that were bundled.
package dpone.gates.go_live_gate

import rego.v1

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
	some e in input.evidence
	e.kind == "ops_evidence_bundle"
	e.state == "present"
	some i in e.facts.items
	i.passed == false
]

severity(i) := "error" if i.required

severity(i) := "warning" if not i.required

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
	counts := [e.facts.item_count |
		some e in input.evidence
		e.kind == "ops_evidence_bundle"
		e.state == "present"
	]
	ok := sum(counts) > 0
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
	[{"ok": true} | count(wrong_files) == 0],
	[{"ok": false, "key": f.name, "params": {"path": f.path, "state": f.state}} | some f in wrong_files],
)

wrong_files := [f |
	some e in input.evidence
	e.kind == "bundle_files"
	some f in e.facts.files
	f.state != "same"
]
