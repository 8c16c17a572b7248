from . import (
    noojee_campaign_link,
    noojee_campaign_push,
    noojee_campaign_push_parts,
    noojee_erase,
    noojee_find_recordings,
    noojee_find_recordings_invoice,
    noojee_find_recordings_line,
    noojee_notice_token,
    noojee_tag_recording,
    noojee_test_ring,
)
