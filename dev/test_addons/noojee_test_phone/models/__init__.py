from . import noojee_test_visitor
