# Two commands do all the set-up: `make run` and `make test`.
PYTHON ?= python3
# nothing is left in the checkout; Odoo's own bytecode is kept in the cache
export PYTHONDONTWRITEBYTECODE = 1

.DEFAULT_GOAL := help
.PHONY: help run test lint pot screenshots clean

help:  ## tell what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run:  ## Odoo with demo data, its listener and a PBX simulator (ODOO_PORT, SIMULATOR_PORT)
	@$(PYTHON) dev/run.py

test:  ## every test; some: make test TEST=TestDial, TEST=dev/e2e, TEST=test_name
	@$(PYTHON) dev/test.py

lint:  ## ruff, pylint-odoo and the OCA hooks
	@$(PYTHON) dev/lint.py

pot:  ## write i18n/noojee.pot anew
	@$(PYTHON) dev/pot.py

screenshots:  ## take the README's pictures anew
	@$(PYTHON) dev/screenshots.py

clean:  ## forget this checkout's databases and logs (ALL=1: the whole cache)
	@$(PYTHON) dev/clean.py $(if $(ALL),--all)
