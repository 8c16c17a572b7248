"""Audio, and what comes in its place."""

import errno
import hashlib
import io

import pytest

from client import (
    AnswerTooLarge,
    AudioCut,
    CannotConnect,
    CannotKeep,
    HttpError,
    NoojeeClient,
    NotAudio,
)
from client.conventions import MOST_PADDING

from .conftest import http
from .secrecy import API_KEY, caught_from

WAV = b"RIFF\x08\x00\x00\x00WAVEfmt "
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


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
        (WAV, "audio/wav"),
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


FRAME = b"\xff\xfb\x90\x44"


@pytest.mark.parametrize("zeros", [1, 417, MOST_PADDING])
@pytest.mark.parametrize("frame", [FRAME, b"\xff\xe3\x18\xc4", b"\xff\xf3\x40\xc0"])
def test_audio_after_zeros(one_answer, zeros, frame):
    """Room that was left for a tag; in whatever pieces it comes, none is lost."""
    body = bytes(zeros) + frame + bytes(400)
    for answer in (
        http(body),
        chunked(body[:1], body[1 : zeros + 2], body[zeros + 2 :]),
    ):
        with one_answer(answer) as (url, _received):
            with NoojeeClient(url, API_KEY) as noojee:
                audio = noojee.retrieve(tag="S1")
        assert (audio.media_type, audio.content) == ("audio/mpeg", body)


@pytest.mark.parametrize(
    "body",
    [
        bytes(20),
        bytes(MOST_PADDING + 500),
        bytes(200_000),
        bytes(MOST_PADDING + 1) + FRAME,
        # too little to be a frame, or none that there is
        bytes(100) + FRAME[:3],
        *(
            bytes(100) + head + bytes(100)
            for head in (
                b"\xff\xff\xff\xff",
                b"\xff\xfb\xf0\x44",
                b"\xff\xfb\x00\x00",
                b"\xff\xfb\x9c\x44",
                b"\xff\xea\x90\x44",
                b"\xff\xfe<\0",
                b"<html>",
                b"RIFF\x08\0\0\0WAVEfmt ",
                b"ID3\x04",
            )
        ),
    ],
)
def test_zeros_that_are_no_audio(one_answer, body):
    with one_answer(http(body, content_type="audio/mpeg")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.retrieve(tag="S1"), NotAudio)
    assert "\0" not in error.excerpt


@pytest.mark.parametrize("code", [-4, 4, 0])
def test_leg_that_is_still_being_written(one_answer, code):
    """It is told by the status, whatever words come with it."""
    body = b'{"Message": "Recording is still being written", "Code": %d}' % code
    with one_answer(http(body, "404 Not Found")) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            error = caught_from(lambda: noojee.retrieve(tag="S1"), HttpError)
    assert error.status == 404


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
    with one_answer(http(WAV)) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee:
            noojee.retrieve(tag="S1")
    [accept] = [line for line in received[0].split(b"\r\n") if b"Accept:" in line]
    assert b"*/*" in accept


def test_audio_into_a_file(noojee):
    """The bytes, their number and their digest, whichever way they come."""
    in_memory = noojee.retrieve(tag="S00001", leg="2")
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)
    poured = noojee.retrieve(tag="S00001", leg="2", into=file)
    assert file.getvalue() == b"before" + in_memory.content
    assert poured.content == b"" and poured.media_type == "audio/wav"
    assert poured.size == in_memory.size == len(in_memory.content)
    digest = hashlib.sha256(in_memory.content).hexdigest()
    assert poured.sha256 == in_memory.sha256 == digest


def chunked(*chunks):
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    pieces = [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks]
    return head + b"".join(pieces) + b"0\r\n\r\n"


def test_audio_in_the_smallest_pieces(one_answer):
    pieces = [WAV[n : n + 1] for n in range(len(WAV))]
    with one_answer(chunked(*pieces)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.retrieve(tag="S1").content == WAV


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(b"<html>"), NotAudio),
        (http(b""), NotAudio),
        (http(b"<html>", status="404 Not Found"), HttpError),
        # announced too large, and nothing behind it that could be read
        (HEAD + b"Content-Length: 3221225472\r\n\r\n" + WAV, AnswerTooLarge),
        # too large without having said so
        (chunked(WAV, bytes(70_000), bytes(70_000)), AnswerTooLarge),
        # cut in the middle, and cut with all that was announced
        (http(WAV + bytes(5000))[:-1000], CannotConnect),
        (http(b"RIFF\x00\x10\x00\x00WAVEfmt " + bytes(1000)), AudioCut),
    ],
)
def test_nothing_half_is_left_in_the_file(one_answer, answer, kind):
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)
    with one_answer(answer) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            caught_from(
                lambda: noojee.retrieve(tag="S1", into=file, max_bytes=100_000), kind
            )
    assert file.getvalue() == b"before" and file.tell() == len(b"before")


@pytest.mark.parametrize("told", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_audio_whose_length_nobody_knew(one_answer, told):
    """Who writes into a pipe cannot tell the length in the head."""
    body = b"RIFF" + told.to_bytes(4, "little") + b"WAVEfmt "
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.retrieve(tag="S1").content == body


class FullDisk(io.BytesIO):
    def write(self, _chunk):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_disk_that_is_full(noojee):
    error = caught_from(
        lambda: noojee.retrieve(tag="S00001", into=FullDisk()), CannotKeep
    )
    assert "No space left" in str(error)
