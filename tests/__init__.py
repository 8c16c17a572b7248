from . import (
    test_access,
    test_demo_numbers,
    test_dial,
    test_extension,
    test_form_buttons,
    test_ingest,
    test_js,
    test_listener,
    test_match,
    test_notice,
    test_pbx,
    test_server_action,
)
