package dpone.gates.artifact_index_test

import rego.v1

import data.dpone.gates.artifact_index

test_one_file_is_enough_and_none_is_denied if {
	given := {"evidence": [
		{
			"name": "index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
		{
			"name": "b",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 0,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
	]}
	found := artifact_index.not_empty with input as given
	count(found) == 2
	count(found[0]) == 3
	found[0].evidence == "index"
	found[0].ok == true
	found[0].key == "empty"
	count(found[1]) == 3
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "empty"
}

test_a_folder_that_is_not_there_is_named if {
	given := {"evidence": [
		{
			"name": "index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
		{
			"name": "b",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": ["x", "y"],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
	]}
	found := artifact_index.roots_exist with input as given
	count(found) == 3
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "x"
	count(found[1].params) == 1
	found[1].params.folder == "x"
	count(found[2]) == 4
	found[2].evidence == "b"
	found[2].ok == false
	found[2].key == "y"
	count(found[2].params) == 1
	found[2].params.folder == "y"
}

test_a_red_artifact_is_named if {
	given := {"evidence": [
		{
			"name": "index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
		{
			"name": "b",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [{"path": "x.json", "release": "v0"}],
				"red_total": 1,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
	]}
	found := artifact_index.none_red with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "x.json"
	count(found[1].params) == 1
	found[1].params.path == "x.json"
}

test_a_red_artifact_that_is_not_listed_leaves_no_answer if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {
			"count": 1,
			"missing_roots": [],
			"red": [],
			"red_total": 1,
			"broken": [],
			"broken_total": 0,
			"foreign": [],
			"foreign_total": 0,
		},
	}]}
	found := artifact_index.none_red with input as given
	count(found) == 0
}

test_a_red_artifact_that_is_not_counted_is_red if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {
			"count": 1,
			"missing_roots": [],
			"red": [{"path": "x.json", "release": "v0"}],
			"red_total": 0,
			"broken": [],
			"broken_total": 0,
			"foreign": [],
			"foreign_total": 0,
		},
	}]}
	found := artifact_index.none_red with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "index"
	found[1].ok == false
	found[1].key == "x.json"
	count(found[1].params) == 1
	found[1].params.path == "x.json"
}

test_a_file_that_is_not_json_is_named if {
	given := {"evidence": [
		{
			"name": "index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
		{
			"name": "b",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [{"path": "x.json", "release": "v0"}],
				"broken_total": 1,
				"foreign": [],
				"foreign_total": 0,
			},
		},
	]}
	found := artifact_index.none_broken with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "x.json"
	count(found[1].params) == 1
	found[1].params.path == "x.json"
}

test_a_file_that_is_not_json_that_is_not_listed_leaves_no_answer if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {
			"count": 1,
			"missing_roots": [],
			"red": [],
			"red_total": 0,
			"broken": [],
			"broken_total": 1,
			"foreign": [],
			"foreign_total": 0,
		},
	}]}
	found := artifact_index.none_broken with input as given
	count(found) == 0
}

test_a_file_that_is_not_json_that_is_not_counted_is_red if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {
			"count": 1,
			"missing_roots": [],
			"red": [],
			"red_total": 0,
			"broken": [{"path": "x.json", "release": "v0"}],
			"broken_total": 0,
			"foreign": [],
			"foreign_total": 0,
		},
	}]}
	found := artifact_index.none_broken with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "index"
	found[1].ok == false
	found[1].key == "x.json"
	count(found[1].params) == 1
	found[1].params.path == "x.json"
}

test_an_artifact_of_another_release_is_named if {
	given := {"evidence": [
		{
			"name": "index",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [],
				"foreign_total": 0,
			},
		},
		{
			"name": "b",
			"kind": "artifact_index",
			"state": "present",
			"facts": {
				"count": 1,
				"missing_roots": [],
				"red": [],
				"red_total": 0,
				"broken": [],
				"broken_total": 0,
				"foreign": [{"path": "x.json", "release": "v0"}],
				"foreign_total": 1,
			},
		},
	]}
	found := artifact_index.of_this_release with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "x.json"
	count(found[1].params) == 2
	found[1].params.path == "x.json"
	found[1].params.release == "v0"
}

test_an_artifact_of_another_release_that_is_not_listed_leaves_no_answer if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {
			"count": 1,
			"missing_roots": [],
			"red": [],
			"red_total": 0,
			"broken": [],
			"broken_total": 0,
			"foreign": [],
			"foreign_total": 1,
		},
	}]}
	found := artifact_index.of_this_release with input as given
	count(found) == 0
}

test_an_artifact_of_another_release_that_is_not_counted_is_red if {
	given := {"evidence": [{
		"name": "index",
		"kind": "artifact_index",
		"state": "present",
		"facts": {
			"count": 1,
			"missing_roots": [],
			"red": [],
			"red_total": 0,
			"broken": [],
			"broken_total": 0,
			"foreign": [{"path": "x.json", "release": "v0"}],
			"foreign_total": 0,
		},
	}]}
	found := artifact_index.of_this_release with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "index"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "index"
	found[1].ok == false
	found[1].key == "x.json"
	count(found[1].params) == 2
	found[1].params.path == "x.json"
	found[1].params.release == "v0"
}

test_not_empty_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "index", "kind": "artifact_index", "state": "present", "facts": {}}]}
	found := artifact_index.not_empty with input as given
	count(found) == 0
}

test_roots_exist_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "index", "kind": "artifact_index", "state": "present", "facts": {}}]}
	found := artifact_index.roots_exist with input as given
	count(found) == 0
}

test_none_red_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "index", "kind": "artifact_index", "state": "present", "facts": {}}]}
	found := artifact_index.none_red with input as given
	count(found) == 0
}

test_none_broken_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "index", "kind": "artifact_index", "state": "present", "facts": {}}]}
	found := artifact_index.none_broken with input as given
	count(found) == 0
}

test_of_this_release_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "index", "kind": "artifact_index", "state": "present", "facts": {}}]}
	found := artifact_index.of_this_release with input as given
	count(found) == 0
}
