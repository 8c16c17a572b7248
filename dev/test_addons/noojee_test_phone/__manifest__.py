{
    "name": "Noojee: visitors of the tests",
    "summary": "A model of another addon that inherits the call mixin; for tests only",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "license": "LGPL-3",
    "author": "Noojee for Odoo contributors",
    "depends": ["noojee"],
    "data": [
        "security/ir.model.access.csv",
        "views/noojee_test_visitor_views.xml",
    ],
}
