"""One module per output format, named as the format is; each is found by its place in this folder.

A module has `render(report) -> bytes`. It may have `WITHOUT_PATH = True` where its output belongs on stdout
unless a file is named, and `appended(report) -> Mapping[str, bytes]`: what is added to the files that
environment variables name. The report it gets is `dpone.reports.model.whole`.
"""
