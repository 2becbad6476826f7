.DEFAULT_GOAL := help
SHELL := /bin/sh

# What an operator may set: make deploy STACK=labeling PARAMETERS=production.yaml
STACK ?= private-workforce
PARAMETERS ?= parameters.yaml
BUCKET ?=
YES ?=
ARTIFACTS ?=
PERSIST ?=
OUTPUT ?= table
TEMPLATE ?= root
ACCOUNTS ?=
OU ?=
REGIONS ?=
PREFIXES ?=
TOLERANCE ?= 0
DRY_RUN ?=
export STACK PARAMETERS BUCKET YES ARTIFACTS PERSIST OUTPUT TEMPLATE \
	ACCOUNTS OU REGIONS PREFIXES TOLERANCE DRY_RUN

# Only from the command line: names like EMAIL, NAME and OWNER are set in many a shell.
EMAIL :=
NAME :=
TEAM :=
FILE :=
OWNER :=
FOLDER :=
PRINCIPAL :=
export ARTIFACT_FOLDER = $(FOLDER)
export PRODUCT_OWNER = $(OWNER)
export LAUNCHER_ARN = $(PRINCIPAL)
export WORKER_EMAIL = $(EMAIL)
export WORKER_NAME = $(NAME)
export WORKER_TEAM = $(TEAM)
export WORKER_FILE = $(FILE)

# The first interpreter that is new enough; asked only when an environment is made.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
OPS := $(BIN)/python -m ops
CHECKED := build.py benchmarks gates templates lambda_src local_aws ops tests

# The tests must not reach an account, whatever the shell that runs them can reach.
WITHOUT_ACCOUNT := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE -u AWS_ACCESS_KEY_ID \
	-u AWS_SECRET_ACCESS_KEY -u AWS_SESSION_TOKEN -u AWS_ROLE_ARN \
	-u AWS_WEB_IDENTITY_TOKEN_FILE -u AWS_CONTAINER_CREDENTIALS_RELATIVE_URI \
	-u AWS_CONTAINER_CREDENTIALS_FULL_URI -u AWS_ENDPOINT_URL \
	-u AWS_REGION -u AWS_DEFAULT_REGION -u EMBEDDED_AWS \
	AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
	AWS_EC2_METADATA_DISABLED=true

$(VENV)/.installed: setup.cfg pyproject.toml constraints.txt constraints-aws.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none is on PATH: install it, or name it with \`make setup PYTHON=/path/to/python3\`." >&2; exit 1; }
	@$(PYTHON) ops/environments.py $(VENV)
	@$(OPS) cli --install
	@touch $@

# Apart, because whoever tries or deploys the set needs none of it.
$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python ops/environments.py $(VENV) dev
	@touch $@

##@ Develop

.PHONY: setup
setup: $(VENV)/.installed-dev ## Make .venv (and .venv-aws where no AWS CLI works)
	@$(OPS) cli --install

.PHONY: build
build: $(VENV)/.installed ## Write the templates to dist/
	@$(BIN)/python build.py $(if $(filter build,$(MAKECMDGOALS)),,--quiet) >&2

.PHONY: diagram
diagram: $(VENV)/.installed ## Print the architecture as a Mermaid diagram
	@$(BIN)/python build.py --diagram

.PHONY: picture
picture: build ## Draw the console's parameter page for the README
	@$(OPS) picture

.PHONY: lint
lint: $(VENV)/.installed-dev ## dist/ is current; ruff, mypy, zizmor, check-jsonschema
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/python build.py --check
	$(BIN)/mypy $(CHECKED)
	$(BIN)/zizmor --offline --no-progress --quiet .github
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yaml

.PHONY: check
check: lint ## lint, then cfn-lint, cloudformation-validate, parliament
	$(BIN)/python -m gates

.PHONY: check-all
check-all: check ## check, then cdk-nag, cfn-guard and checkov (installs them)
	$(BIN)/python -m gates --slow

.PHONY: test
test: $(VENV)/.installed-dev ## Every test, on the embedded AWS, with coverage
	$(WITHOUT_ACCOUNT) $(BIN)/pytest -m "not faults" --numprocesses=auto --dist=loadfile --cov --cov-report=term:skip-covered

.PHONY: faults
faults: $(VENV)/.installed-dev ## Every fault in every call of the function (minutes)
	$(WITHOUT_ACCOUNT) $(BIN)/pytest -m "" --numprocesses=auto tests/faults

.PHONY: mutants
mutants: $(VENV)/.installed-dev ## Break the function in 2,400 ways, test each (an hour or two)
	@$(WITHOUT_ACCOUNT) EMBEDDED_AWS=$(abspath .build/mutants) PATH=$(abspath $(BIN)):$$PATH \
		sh -c 'mutmut run --max-children 1; code=$$?; \
		python -m local_aws stop --state-directory .build/mutants; exit $$code'

.PHONY: release
release: build ## Make the archive of dist/, its checksums and its SBOM
	@$(BIN)/python -m ops.release

.PHONY: bench
bench: $(VENV)/.installed-dev ## Measure all beside the AWS CDK (Node.js; minutes)
	$(WITHOUT_ACCOUNT) $(BIN)/python -m benchmarks

.PHONY: bench-workers
bench-workers: $(VENV)/.installed-dev ## Invite and list 1,000 and 10,000 workers (minutes)
	$(WITHOUT_ACCOUNT) $(BIN)/python -m benchmarks.workers

##@ Try it with no account (STACK= PARAMETERS= PERSIST=1 OUTPUT=json)

.PHONY: local
local: build ## Deploy to an embedded AWS on this machine, and prove it
	@$(OPS) local up

.PHONY: local-mail
local-mail: $(VENV)/.installed ## Show the e-mails the embedded AWS has sent
	@$(BIN)/python -m local_aws mail

.PHONY: local-browse
local-browse: $(VENV)/.installed ## Open the portal there in Chromium (EMAIL= invites)
	@$(OPS) local browse

.PHONY: local-codes
local-codes: $(VENV)/.installed ## Show the codes of authenticator apps there
	@$(BIN)/python -m local_aws codes

.PHONY: local-destroy
local-destroy: $(VENV)/.installed ## Delete the stack there; say what is left
	@$(OPS) local destroy

.PHONY: local-down
local-down: $(VENV)/.installed ## Stop the embedded AWS
	@$(BIN)/python -m local_aws stop

##@ Deploy (STACK= PARAMETERS= BUCKET= TEMPLATE= YES=1 ARTIFACTS=1 OUTPUT=json)

.PHONY: package
package: build ## Upload the nested templates; write .build/root.yaml
	@$(OPS) package

.PHONY: preflight
preflight: build ## Say all that stands in the way of deploy
	@$(OPS) preflight

.PHONY: diff
diff: build ## Say what deploy would change, and what is lost
	@$(OPS) diff

.PHONY: deploy
deploy: build ## Create or update the stack in your account
	@$(OPS) deploy

.PHONY: outputs
outputs: $(VENV)/.installed ## Print the stack's outputs
	@$(OPS) outputs

.PHONY: watch
watch: $(VENV)/.installed ## Look again at an operation, and at its cause
	@$(OPS) watch

.PHONY: status
status: $(VENV)/.installed ## Show the state of the deployed set
	@$(OPS) status

.PHONY: verify
verify: $(VENV)/.installed ## Compare every promise with what is there
	@$(OPS) verify

.PHONY: protect
protect: $(VENV)/.installed ## Protect the user pool against deletion
	@$(OPS) protect

.PHONY: repair
repair: $(VENV)/.installed ## Put app client and invitation right again
	@$(OPS) repair

.PHONY: destroy
destroy: $(VENV)/.installed ## Delete the stack; ARTIFACTS=1 its bucket too
	@$(OPS) destroy

##@ Workers (EMAIL= or FILE=workers.csv; NAME= TEAM= STACK= YES=1 OUTPUT=json)

.PHONY: invite
invite: $(VENV)/.installed ## Invite workers, each once, into a team
	@$(OPS) invite

.PHONY: workers
workers: $(VENV)/.installed ## List the workers (TEAM= those of one team)
	@$(OPS) workers

.PHONY: resend
resend: $(VENV)/.installed ## Send invitations again
	@$(OPS) resend

.PHONY: disable
disable: $(VENV)/.installed ## Sign workers out; they cannot sign in
	@$(OPS) disable

.PHONY: enable
enable: $(VENV)/.installed ## Let workers sign in again
	@$(OPS) enable

.PHONY: remove
remove: $(VENV)/.installed ## Take workers out of all teams and disable them
	@$(OPS) remove

##@ First work (TEAM= STACK= OUTPUT=json)

.PHONY: labeling-job
labeling-job: build ## Give a work team a first labeling job
	@$(OPS) labeling-job

.PHONY: human-review
human-review: build ## Make a first human review (Amazon A2I) for a team
	@$(OPS) human-review

.PHONY: labeling-job-clean
labeling-job-clean: $(VENV)/.installed ## End both examples; delete what they made
	@$(OPS) labeling-job-clean

##@ Share (BUCKET= OWNER= PRINCIPAL= ACCOUNTS= OU= REGIONS= PREFIXES= TOLERANCE= DRY_RUN=1)

.PHONY: publish
publish: build ## Upload both forms; print URLs and a quick-create link
	@$(OPS) publish

.PHONY: catalog
catalog: build ## Offer a Service Catalog product, or add a version to it
	@$(OPS) catalog

.PHONY: stackset
stackset: build ## Deploy to accounts or OU, in Regions; DRY_RUN=1 plans
	@$(OPS) stackset

.PHONY: stackset-status
stackset-status: $(VENV)/.installed ## Show the stack in each account and Region
	@$(OPS) stackset-status

.PHONY: stackset-destroy
stackset-destroy: $(VENV)/.installed ## Delete them, or those of ACCOUNTS= REGIONS=
	@$(OPS) stackset-destroy

##@ Help

.PHONY: help
help: ## Print this help
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
