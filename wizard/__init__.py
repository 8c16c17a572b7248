from . import noojee_notice_token
