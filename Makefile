# Two commands matter: `make lab` opens the course, `make test` checks all of it.
# NB=03 names a notebook, NAME=memory an experiment, LAB_ARGS=--no-browser goes to Lab,
# CLUSTER=dask (or tcp://host:port) sends an experiment's runs to a Dask cluster,
# PYTHON=/path/to/python3 is the interpreter that starts the installation.

PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python
INSTALL := "$(PYTHON)" helpers/tools/install.py --venv $(VENV)

.PHONY: help lab test notebooks experiments bench picture portable lowest mine lint format clean-cache clean ready ready-scale ready-test

help:
	@echo "make lab           open the course in JupyterLab (installs it the first time)"
	@echo "make mine          copy every lesson, or NB=03, into mine/ to work in"
	@echo "make test          check everything: form, code, notebooks, browser"
	@echo "make portable      the tests as on other processors (long); ROW=sse-1 STAGE=unit"
	@echo "make lowest        the unit tests with the oldest packages allowed"
	@echo "make notebooks     run every notebook, or NB=03, and store clean outputs"
	@echo "make experiments   compute the long tables anew (long), or NAME=memory CLUSTER=dask"
	@echo "make bench         compare the NumPy LSTM with torch's in speed"
	@echo "make picture       draw the README's picture anew"
	@echo "make lint format   check or mend the form of the code"
	@echo "make clean-cache   forget finished training runs"
	@echo "make clean         remove .venv"

ready:
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or newer from python.org."; exit 1; }
	@$(INSTALL)

ready-scale:
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or newer from python.org."; exit 1; }
	@$(INSTALL) --extra scale

ready-test:
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or newer from python.org."; exit 1; }
	@$(INSTALL) --extra test

lab: ready
	@$(RUN) helpers/tools/lab.py $(LAB_ARGS)

test: ready-test
	@$(RUN) helpers/tools/verify.py

lowest: ready-test
	@$(RUN) -m helpers.tools.lowest

mine: ready
	@$(RUN) -m helpers.tools.mine $(NB)

portable: ready-test
	@$(RUN) -m helpers.tools.portable $(ROW) $(addprefix --stage ,$(STAGE))

notebooks: ready-test
	@$(RUN) -m helpers.tools.notebooks $(NB)

experiments: $(if $(CLUSTER),ready-scale,ready)
	@$(RUN) -m helpers.experiments $(NAME) $(addprefix --cluster ,$(CLUSTER))

bench: ready
	@OMP_NUM_THREADS=1 $(RUN) -m helpers.experiments.bench

picture: ready
	@$(RUN) -m helpers.tools.picture

lint: ready-test
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

format: ready-test
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

clean-cache: ready
	@$(RUN) -m helpers.cache --clear

clean:
	rm -rf $(VENV)
