"""Recordings are real audio of the exact length."""

import io
import struct
import wave

import pytest

from simulator import audio


def sides(content):
    with wave.open(io.BytesIO(content)) as reader:
        assert reader.getframerate() == 8000 and reader.getsampwidth() == 2
        assert reader.getnchannels() == 2
        frames = reader.readframes(reader.getnframes())
    samples = struct.unpack(f"<{len(frames) // 2}h", frames)
    return samples[::2], samples[1::2]


@pytest.mark.parametrize("seconds", [0, 0.25, 3, 61.5])
def test_length(seconds):
    left, right = sides(audio.wav(seconds))
    assert len(left) == len(right) == int(seconds * 8000)


def test_both_sides_speak_in_turns():
    left, right = sides(audio.wav(4))
    assert max(left[:16000]) > 3000 and not any(right[:16000])
    assert max(right[16000:]) > 3000 and not any(left[16000:])
