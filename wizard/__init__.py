from . import noojee_notice_token, noojee_test_ring
