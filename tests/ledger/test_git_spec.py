"""What may stand behind `ledger:` as a branch, and what is refused before git sees it."""

from __future__ import annotations

import pytest

from dpone.errors import UndecidedError, UsageError
from dpone.ledger.git.program import Git, without_secrets
from dpone.ledger.git.spec import parse_spec, private_folder
from dpone.ledger.stores import open_ledger, own_folder

GOOD = {
    "git:origin#dpone-ledger": ("origin", True),
    "git:my_remote.2#ledgers/payments": ("my_remote.2", True),
    "git:https://example.com/team/x.git#ledger": ("https://example.com/team/x.git", False),
    "git:ssh://git@example.com:22/x.git#ledger": ("ssh://git@example.com:22/x.git", False),
    "git:git@example.com:team/x.git#ledger": ("git@example.com:team/x.git", False),
    "git:file:///srv/x.git#ledger": ("file:///srv/x.git", False),
    "git:/srv/x#1.git#ledger": ("/srv/x#1.git", False),
}

HOSTILE = [
    "git:", "git:origin", "git:#b", "git:origin#", "git:origin#-b", "git:origin#--upload-pack=x", "git:origin#a b",
    "git:origin#a..b", "git:origin#a//b", "git:origin#/b", "git:origin#b/", "git:origin#b.lock", "git:origin#.b",
    "git:origin#a/.b", "git:origin#HEAD", "git:origin#b:main", "git:origin#+b", "git:origin#b~1", "git:origin#b^",
    "git:origin#@{u}", "git:origin#b\n", "git:origin#" + "b" * 300, "git:--upload-pack=touch x#b", "git:-o#b", "git:--#b",
    "git:ext::sh -c touch% x#b", "git:ext::sh#b", "git:fd::7#b", "git:EXT::sh#b", "git:x::y/z#b", "git:a@b::c#b",
    "git:ssh://-oProxyCommand=x/y#b", "git:ssh://u@-oProxyCommand=x/y#b", "git:ssh://-u@host/y#b", "git:-h:x#b",
    "git:u@-h:x#b", "git:host:-x#b", "git:https://user:secret@example.com/x#b", "git:https://secret@example.com/x#b",
    "git:ssh://user:secret@example.com/x#b", "git:ftp://example.com/x#b", "git:https:///x#b", "git:https://a b/x#b",
    "git:or igin#b", "git:origin;x#b", "git:$(x)#b", "git:`x`#b", "git:../x\n#b", "git:/x\0#b", "git:..#b", "git:a/b#b",
    "git:origin.lock#b", "git:a..b#b", "git:" + "x" * 500 + "#b",
]  # fmt: skip


@pytest.mark.parametrize("spec", GOOD)
def test_name_url_and_path_are_taken(spec, workspace):
    """The three forms of a remote, each with its branch, and a folder of its own for each."""
    found = parse_spec(spec, workspace)
    assert (found.remote, found.named) == GOOD[spec]
    assert found.ref == "refs/heads/" + spec.rpartition("#")[2]
    assert (
        private_folder(found, workspace).parent == own_folder(spec, workspace) == workspace.state / "git-ledger"
    )


def test_relative_path_starts_at_the_workspace(workspace):
    """As every path in dpone.yaml."""
    assert parse_spec("git:../x.git#b", workspace).remote == str(workspace.root.parent / "x.git")


@pytest.mark.parametrize("spec", HOSTILE)
def test_what_could_be_an_option_or_a_command_is_refused(spec, workspace):
    """Exit 2 with one line; nothing is started, nothing written, and no password repeated."""
    with pytest.raises(UsageError) as caught:
        open_ledger(spec, workspace)
    assert "\n" not in str(caught.value)
    assert "secret@" not in str(caught.value)
    assert list(workspace.root.iterdir()) == []


def test_remote_of_the_repository_that_runs_a_command_is_refused(tmp_path):
    """A remote's URL comes from the repository's settings: git itself is told which transports may run."""
    from git_helpers import add, opened, project

    ran = tmp_path / "ran"
    for number, url in enumerate((f"ext::sh -c touch% {ran}", f"--upload-pack=touch {ran}", "fd::7")):
        mine = project(tmp_path / str(number), url if not url.startswith("-") else "x")
        if url.startswith("-"):
            config = mine.root / ".git" / "config"
            config.write_text(config.read_text().replace("url = x", f'url = "{url}"'))
        for attempt in (lambda mine=mine: opened(mine).origin(), lambda mine=mine: add(opened(mine), 0)):
            with pytest.raises(UndecidedError, match="cannot be fetched"):
                attempt()
    assert not ran.exists()


def test_environment_keeps_the_users_ways_and_nothing_else(workspace, tmp_path):
    """SSH, helpers and settings given by variables count; other repositories, traces and prompts do not."""
    from dpone.record import replace

    kept = {
        "GIT_SSH_COMMAND": "ssh -i x",
        "GIT_ASKPASS": "a",
        "GIT_CONFIG_GLOBAL": "g",
        "GIT_CONFIG_KEY_0": "k",
        "HOME": "h",
    }
    lost = {"GIT_DIR": "x", "GIT_TRACE": "1", "GIT_INDEX_FILE": "x", "GIT_CONFIG_PARAMETERS": "x", "GIT_NAMESPACE": "x",
            "GIT_OBJECT_DIRECTORY": "x", "SSH_ASKPASS": "x", "GIT_EXTERNAL_DIFF": "x"}  # fmt: skip
    given = replace(workspace, env={**kept, **lost})
    found = Git(given, tmp_path, "").environment()
    assert kept.items() <= found.items()
    assert not lost.keys() & found.keys()
    assert found["GIT_TERMINAL_PROMPT"] == "0"


def test_secrets_in_gits_words_are_left_out():
    """A URL with a token in it never reaches a message."""
    assert (
        without_secrets("fatal: unable to access 'https://x:tok@h/p'\n")
        == "fatal: unable to access 'https://h/p'"
    )
