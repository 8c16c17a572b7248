from . import test_visitor
