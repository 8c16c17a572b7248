from . import (
    noojee_find_recordings,
    noojee_find_recordings_line,
    noojee_notice_token,
    noojee_test_ring,
)
