-- a copy of the database must neither dial nor accept notices
UPDATE noojee_pbx SET active = false, api_key = NULL, notice_token_digest = NULL;
UPDATE noojee_command SET state = 'skipped' WHERE state IN ('armed', 'queued');
