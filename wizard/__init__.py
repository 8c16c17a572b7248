from . import noojee_erase, noojee_notice_token, noojee_tag_recording, noojee_test_ring
