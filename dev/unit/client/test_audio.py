"""Audio, and what comes in its place."""

import pytest

from client import AnswerTooLarge, NoojeeClient, NotAudio

from .conftest import http
from .secrecy import API_KEY, caught_from


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[]", b"", b"null", b"\xff\xfe", b"RIFF0000AVI "]
)
def test_audio_that_is_none(one_answer, body):
    with one_answer(http(body, content_type="audio/wav")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            caught_from(lambda: noojee.retrieve(tag="S1"), NotAudio)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        # 8 kHz, as telephones speak
        (b"\xff\xe3\x18", "audio/mpeg"),
    ],
)
def test_audio_is_known_by_its_content(one_answer, body, media_type):
    with one_answer(http(body, content_type="text/plain")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.retrieve(tag="S1").media_type == media_type


def test_audio_that_is_too_large(noojee):
    error = caught_from(
        lambda: noojee.retrieve(tag="S00001", max_bytes=1000), AnswerTooLarge
    )
    assert error.limit == 1000
    # its beginning says nothing against it
    assert error.maybe_done


def test_audio_of_half_an_hour(one_answer):
    body = b"RIFF\x24\x00\x00\x00WAVE" + bytes(30 * 60 * 8000 * 4)
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.retrieve(tag="S1").content == body
            error = caught_from(noojee.system_health, AnswerTooLarge)
    assert "audio" not in str(error)


def test_audio_is_not_refused_for_being_no_json(one_answer):
    with one_answer(http(b"RIFF\x24\x00\x00\x00WAVEfmt ")) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee:
            noojee.retrieve(tag="S1")
    [accept] = [line for line in received[0].split(b"\r\n") if b"Accept:" in line]
    assert b"*/*" in accept
