"""Recordings that can be heard: WAV, the customer left, the agent right."""

import functools
import io
import math
import struct
import wave

RATE = 8000
# about a man's and a woman's pitch, in Hz
CUSTOMER_PITCH, AGENT_PITCH = 120, 210
SYLLABLE = 0.25
TURN = 2.0
BYTES_A_FRAME = 4


def wav(seconds: float) -> bytes:
    """A conversation of a length: both sides take turns, syllable by syllable."""
    size = int(seconds * RATE) * BYTES_A_FRAME
    turns = _both_turns()
    frames = (turns * (size // len(turns) + 1))[:size]
    output = io.BytesIO()
    with wave.open(output, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(frames)
    return output.getvalue()


@functools.cache
def _both_turns() -> bytes:
    frames = bytearray()
    for index in range(int(2 * TURN * RATE)):
        moment = index / RATE
        is_customer = moment < TURN
        left = _voice(moment, CUSTOMER_PITCH) if is_customer else 0
        right = 0 if is_customer else _voice(moment, AGENT_PITCH)
        frames += struct.pack("<hh", left, right)
    return bytes(frames)


def _voice(moment: float, pitch: int) -> int:
    # a syllable swells and fades; overtones make it less of a whistle
    loudness = math.sin(math.pi * (moment % SYLLABLE) / SYLLABLE)
    angle = 2 * math.pi * pitch * moment
    tone = math.sin(angle) + 0.5 * math.sin(2 * angle) + 0.25 * math.sin(3 * angle)
    return int(6000 * loudness * tone)
