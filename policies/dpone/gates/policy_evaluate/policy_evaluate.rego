# A JSON policy on an evidence bundle; its keys are parameters.
package dpone.gates.policy_evaluate

import rego.v1

import data.dpone.lib

bundles := lib.of_kind("ops_evidence_bundle")

checked := lib.of_kind("bundle_files")

items := [i |
	some e in bundles
	some i in e.facts.items
]

# METADATA
# title: The policy demands something
# description: A policy whose every key is switched off would accept any bundle.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the policy demands nothing"
#   remedy: "name required_evidence, or leave require_bundle_passed at true"
policy_not_empty := [{"ok": ok, "key": "policy.empty"} | ok := demands(input.parameters)]

default demands(_) := false

demands(p) if p.require_bundle_passed == true

demands(p) if count(p.required_evidence) > 0

# METADATA
# title: The bundle as a whole passed
# description: require_bundle_passed asks that the bundle's own decision passed.
# custom:
#   applies_to: gate
#   severity: error
#   message: "the bundle did not pass"
#   remedy: "mend the items it names, then: dpone ops evidence-bundle"
bundle_passed := [{"ok": ok, "key": "bundle.failed"} | ok := bundle_is_good(input.parameters)]

default bundle_is_good(_) := false

bundle_is_good(p) if p.require_bundle_passed == false

bundle_is_good(_) if {
	count(bundles) > 0
	every e in bundles { e.reported == "passed" }
}

# METADATA
# title: Required evidence is in the bundle
# description: required_evidence names what the bundle must contain.
# custom:
#   applies_to: gate
#   severity: error
#   waivable: false
#   message: "{item} is required and is not in the bundle"
#   remedy: "build the bundle with it: dpone ops evidence-bundle"
evidence_in_bundle := array.concat(
	[{"ok": true} | count(missing) == 0],
	[{"ok": false, "key": sprintf("missing_required_evidence.%s", [name]), "params": {"item": name}} |
		some name in missing
	],
)

missing := [name |
	some name in input.parameters.required_evidence
	not in_bundle(name)
]

in_bundle(name) if {
	some i in items
	i.name == name
}

# METADATA
# title: Required evidence passed
# description: Evidence that is there and red is worse than evidence that is missing.
# custom:
#   applies_to: artifact
#   severity: error
#   message: "{item} is required and did not pass"
#   remedy: "open {path}, mend what it names, and build the bundle again"
evidence_passed := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in bundles
		is_array(e.facts.items)
		count(red(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": sprintf("required_evidence_failed.%s", [i.name]), "params": {
		"item": i.name,
		"path": i.path,
	}} |
		some e in bundles
		some i in red(e)
	],
)

red(e) := [i |
	some i in e.facts.items
	i.name in input.parameters.required_evidence
	not has_passed(i)
]

has_passed(i) if i.passed == true

# METADATA
# title: Files that the bundle names exist
# description: require_artifacts_exist asks for the files; files that are there must be unchanged in any case.
# custom:
#   applies_to: gate
#   severity: error
#   message: "{path} of the bundle is {state}"
#   remedy: "restore it, or build the bundle again: dpone ops evidence-bundle"
artifacts_exist := array.concat(
	[{"ok": true} | none_is_missing(checked, input.parameters)],
	[{"ok": false, "key": sprintf("artifact_missing.%s", [f.name]), "params": {"path": f.path, "state": f.state}} |
		not none_is_missing(checked, input.parameters)
		some e in checked
		some f in e.facts.files
		f.state == "missing"
	],
)

none_is_missing(_, p) if p.require_artifacts_exist == false

# Totals, because the list is cut after the first hundred.
none_is_missing(found, _) if {
	count(found) > 0
	every e in found { e.facts.states.missing == 0 }
}

# METADATA
# title: Bundled files are unchanged
# description: A file that changed after bundling is not the one that was judged.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{path} of the bundle was changed since"
#   remedy: "build the bundle again: dpone ops evidence-bundle"
files_unchanged := array.concat(
	[{"ok": true} | none_has_changed(checked)],
	[{"ok": false, "key": sprintf("artifact_untrusted.%s", [f.name]), "params": {"path": f.path}} |
		some e in checked
		some f in e.facts.files
		state := f.state
		not state in ["same", "missing"]
	],
)

none_has_changed(found) if {
	count(found) > 0
	every e in found { e.facts.states.same + e.facts.states.missing == e.facts.count }
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
bundle_is_the_same := [{"ok": ok, "key": "bundle.changed"} | ok := count(other_bundles) == 0]

other_bundles := [b |
	some e in checked
	some b in bundles
	not names_files_of(e, b)
]

names_files_of(e, b) if e.facts.bundle_sha256 == b.source.sha256
