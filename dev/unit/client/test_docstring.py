"""The package's own example does what it says."""

import textwrap

import client

from .secrecy import API_KEY


def test_example_dials(simulator, capsys):
    _words, _mark, rest = client.__doc__.partition("::\n\n")
    example, _blank, _words = rest.partition("\n\n")
    example = textwrap.dedent(example)
    for shown, real in (
        ("https://pbx.example.com", simulator.url),
        ("the-api-key", API_KEY),
    ):
        assert shown in example
        example = example.replace(shown, real)
    exec(compile(example, "example", "exec"), {})
    [dialled] = simulator.requests("dial")
    assert dialled["code"] == 0
    session, _blank, statuses = capsys.readouterr().out.partition(" ")
    assert session.isdigit()
    assert "CallStatus.RINGING" in statuses
