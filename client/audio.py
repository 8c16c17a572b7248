"""Takes a leg's audio in while it comes, piece by piece, into a file."""

import hashlib
from contextlib import suppress
from io import SEEK_CUR
from typing import BinaryIO

from . import conventions
from .errors import AudioCut, CannotKeep


class AudioSink:
    """Where a leg's audio goes: it never stands in memory as a whole.

    :param file: writable and seekable; written from where it stands, and put back there
        where nothing whole came
    :ivar media_type: by the first bytes; None while no audio has come
    :ivar int size: in bytes
    """

    def __init__(self, method: str, file: BinaryIO):
        self.media_type = None
        self.size = 0
        self._method = method
        self._file = file
        self._start = file.seek(0, SEEK_CUR)
        self._hash = hashlib.sha256()
        self._head = b""

    @property
    def sha256(self) -> str:
        """Of what has come so far, in hexadecimal digits."""
        return self._hash.hexdigest()

    def begin(self, head: bytes) -> bool:
        """:return: whether this beginning is that of audio"""
        self._head = head
        self.media_type = conventions.audio_type(head)
        return bool(self.media_type)

    def take(self, chunk: bytes) -> None:
        """:raise CannotKeep: where the file does not take it"""
        failure = None
        try:
            self._file.write(chunk)
        except OSError as error:
            failure = CannotKeep(self._method, error.strerror or str(error))
        if failure:
            # outside of the except clause, as every error of ours: it has no context
            raise failure
        self._hash.update(chunk)
        self.size += len(chunk)

    def check_whole(self) -> None:
        """:raise AudioCut: where less came than the audio's own head tells"""
        told = conventions.wav_size(self._head)
        if self.media_type == conventions.WAV and told and self.size < told:
            raise AudioCut(self._method, self.size, told)

    def discard(self) -> None:
        """Leave the file as it was; one that failed may not let itself be put back."""
        with suppress(OSError):
            self._file.seek(self._start)
            self._file.truncate()
