package dpone.gates.evidence_bundle_test

import rego.v1

import data.dpone.gates.evidence_bundle

item(name, facts) := {"name": name, "producer": "service", "state": "present", "facts": facts}

good := {"gate": "marketplace", "status": "passed", "passed": true, "warned": 0, "path": "m.json"}

red := {"gate": "marketplace", "status": "failed", "passed": false, "warned": 2, "path": "m.json"}

lying := {"gate": "marketplace", "status": "undecided", "passed": true, "warned": 0, "path": "m.json"}

three(facts) := {"evidence": [
	item("certification", good),
	item("data_contract", good),
	item("marketplace", facts),
]}

two := {"evidence": [item("certification", good), item("marketplace", good)]}

twice := {"evidence": [
	item("certification", good),
	item("certification", good),
	item("data_contract", good),
	item("marketplace", good),
]}

test_three_items_are_complete if {
	doc := three(good)
	found := evidence_bundle.items_complete with input as doc
	found == [{"ok": true}]
}

test_a_missing_item_is_red if {
	doc := two
	found := evidence_bundle.items_complete with input as doc
	count(found) == 1
	found[0].ok == false
	found[0].key == "data_contract"
}

test_an_item_twice_is_red if {
	doc := twice
	found := evidence_bundle.items_complete with input as doc
	found[0].key == "certification"
}

test_passed_and_failed_are_decided if {
	doc := three(red)
	found := evidence_bundle.item_decided with input as doc
	count([f | some f in found; f.ok]) == 3
}

test_undecided_is_red if {
	doc := three(lying)
	found := evidence_bundle.item_decided with input as doc
	[f.evidence | some f in found; f.ok == false] == ["marketplace"]
}

test_passed_items_are_cleared if {
	doc := three(good)
	found := evidence_bundle.item_passed with input as doc
	count([f | some f in found; f.ok]) == 3
}

test_a_red_item_is_red if {
	doc := three(red)
	found := evidence_bundle.item_passed with input as doc
	[f.evidence | some f in found; f.ok == false] == ["marketplace"]
}

test_passed_without_the_status_is_red if {
	doc := three(lying)
	found := evidence_bundle.item_passed with input as doc
	[f.evidence | some f in found; f.ok == false] == ["marketplace"]
}

test_warnings_are_named if {
	doc := three(red)
	found := evidence_bundle.item_clean with input as doc
	[f.params.warned | some f in found; f.ok == false] == [2]
}

test_no_warnings_are_cleared if {
	doc := three(good)
	found := evidence_bundle.item_clean with input as doc
	count([f | some f in found; f.ok]) == 3
}

test_an_item_that_this_run_did_not_make_does_not_count if {
	given := {"evidence": [
		{"name": "certification", "producer": "tool", "state": "present", "facts": good},
		item("data_contract", good),
		item("marketplace", good),
	]}
	found := evidence_bundle.items_complete with input as given
	[f.key | some f in found; f.ok == false] == ["certification"]
}

test_an_item_that_could_not_be_read_does_not_count if {
	given := {"evidence": [
		{"name": "certification", "producer": "service", "state": "invalid", "facts": good},
		item("data_contract", good),
		item("marketplace", good),
	]}
	found := evidence_bundle.items_complete with input as given
	[f.key | some f in found; f.ok == false] == ["certification"]
}

test_the_status_without_passed_is_red if {
	doc := three({"gate": "marketplace", "status": "passed", "passed": false, "warned": 0, "path": "m.json"})
	found := evidence_bundle.item_passed with input as doc
	[f.evidence | some f in found; f.ok == false] == ["marketplace"]
}
