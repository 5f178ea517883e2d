# SPDX-License-Identifier: Apache-2.0
#
# The front door. CMake (CMakePresets.json) does the building; the long steps are scripts in tools/.
# Every target that needs packages installs them first and says which.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
export JOBS

.PHONY: help build deb demo check quick bench fuzz sim chaos mutate format tidy clean setup-build setup-check

help: ## Show this list
	@echo "Strata: signed, layered updates for microcontrollers. Targets:"
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup-build:
	@tools/setup/install_packages build

setup-check:
	@tools/setup/install_packages build check deb

build: setup-build ## Build the three programs (build/bin), the console and the examples (build/examples)
	@tools/build_release

demo: build ## The main job on real input, told as a story; KEEP=1 leaves it running
	@tools/demo/demo $(if $(filter 1,$(KEEP)),--keep)

check: setup-check ## Every test there is: what CI runs
	@tools/check

quick: setup-check ## The part to run while working: format, dependencies, docs, unit tests
	@tools/check --quick

deb: build ## A Debian package: build/strata_*.deb
	@tools/setup/install_packages deb
	@tools/package/build_deb

bench: build ## The benchmarks of docs/benchmarks.md, with their floors in the same run
	@tools/setup/install_packages bench
	@cmake --build --preset release --target bench_load >/dev/null
	@bench/run

FUZZ_SECONDS ?= 60
fuzz: setup-check ## Every fuzz target with libFuzzer for FUZZ_SECONDS each
	@tools/fuzz $(FUZZ_SECONDS)

SEED ?= 1
N ?= 0
sim: setup-build ## Simulated power cuts and failing ports: all, or N cases chosen by SEED; ID=… runs one again
	@tools/sim $(if $(ID),--id '$(ID)',--seed $(SEED) --cases $(N))

KILLS ?= 500
chaos: build ## Kill strata-cloud under load KILLS times at moments chosen by SEED; nothing may be lost
	@tools/chaos/chaos --seed $(SEED) --kills $(KILLS)

mutate: setup-check ## Plant the defects of tools/mutations.toml; the simulator must notice each (long)
	@tools/mutate

format: ## Reformat the C++ sources
	@git ls-files '*.cpp' '*.hpp' '*.h' | xargs -r clang-format-14 -i

tidy: setup-check ## clang-tidy over everything (long)
	@tools/tidy

clean: ## Remove everything that was built
	rm -rf build
