"""Makes the modules beside the tests of models importable from the folders below."""
