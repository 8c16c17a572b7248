"""A Noojee PBX in a box: speaks the REST API of noojee-api.md over real HTTP."""
