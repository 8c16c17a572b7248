from . import noojee_notice_token, noojee_tag_recording, noojee_test_ring
