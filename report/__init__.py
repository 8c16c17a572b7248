from . import noojee_campaign_report
