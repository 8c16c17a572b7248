from . import (
    test_dial,
    test_ingest,
    test_js,
    test_match,
    test_notice,
    test_pbx,
)
