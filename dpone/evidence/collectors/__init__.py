"""One module per kind of evidence; each is found by its place in this folder, there is no list to extend."""
