# One line a target. `make test` needs go, make and git; `make check` also gcc, for the race detector.
# A test that needs something that is absent (PostgreSQL, a browser) skips, and fails where PAYMUX_REQUIRE_ALL=1
# is set; the tests look at the variable themselves, and .ci/run sets it.
.DEFAULT_GOAL := check
.PHONY: check test race vet platforms lint proto breaking promise generated gen fmt bench fuzz simulate chaos cover build release plugin-python demo clean

BUF      := go tool -modfile=tools.mod buf
PROTOS   := sdk/proto core
MODULES  := . $(dir $(wildcard examples/*/go.mod))
# What is built here shares its packages with go test and go run; -trimpath, which a release has, would compile each again.
BUILD    := -buildvcs=false
RELEASE  := $(BUILD) -trimpath
FUZZTIME ?= 30s
SEEDS    ?= 2000

# The tests of these packages look at programs that they build and start, in which the race detector is not.
OUTSIDE  := /(paymux|cmd/engine|examples/demo|examples/plugin-python)$$

in_modules = for module in $(MODULES); do go -C $$module $(1) ./... || exit 1; done
in_systems = for system in darwin windows; do GOOS=$$system CGO_ENABLED=0 go build ./... || exit 1; done
in_protos  = for proto in $(PROTOS); do $(1) || exit 1; done

# In a copy, so that nobody's checkout changes under them.
in_copy = copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && tar -cf - --exclude=./.git --exclude=./bin . | tar -xf - -C "$$copy" && $(1)

programs = go build $(1) -o bin/engine ./cmd/engine && go build $(1) -o bin/plugins/ ./plugins/*/

# Lines of "folder FuzzName".
fuzz_targets = grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' core sdk plugins cmd | sed 's|/[^/]*:func | |' | sort

# What a plugin in Python builds its messages of.
descriptors = $(BUF) build sdk/proto --as-file-descriptor-set --exclude-source-info -o examples/plugin-python/paymux_plugin/provider.binpb

# The protocol as plugins were promised it. Every message only grows; `make promise` adds what is new, at a release.
PROMISED := sdk/proto/v1.txtpb
# What the promise itself is compared with, once there is a release.
RELEASED = $(shell git describe --tags --abbrev=0 --match 'v*' 2>/dev/null)

check: vet platforms lint proto breaking generated race
test: ; $(call in_modules,test)
race: ; for module in $(MODULES); do go -C $$module test -race $$(go -C $$module list ./... | grep -vE '$(OUTSIDE)') || exit 1; done
vet: ; $(call in_modules,vet)
platforms: ; $(in_systems) && GOOS=darwin CGO_ENABLED=0 go vet ./core/host ./core/store/boltstore ./sdk/serve ./cmd/engine
lint: ; $(call in_modules,tool -modfile=$(CURDIR)/tools.mod golangci-lint run)
proto: ; $(call in_protos,$(BUF) lint $$proto && $(BUF) format -d --exit-code $$proto)
breaking: ; $(BUF) breaking sdk/proto --against $(PROMISED)$(if $(RELEASED), && $(BUF) breaking sdk/proto --against ".git#subdir=sdk/proto$(comma)tag=$(RELEASED)")
promise: breaking ; $(BUF) build sdk/proto --exclude-source-info -o $(PROMISED)
generated: ; @$(call in_copy,$(MAKE) -C "$$copy" gen && diff -r -x .git -x bin . "$$copy")
gen: ; $(call in_protos,$(BUF) generate $$proto --template $$proto/buf.gen.yaml) && $(descriptors) && go generate ./...
fmt: ; go tool -modfile=tools.mod gofumpt -w . && $(call in_protos,$(BUF) format -w $$proto)
bench: ; go test -run '^$$' -bench . -benchmem ./...
fuzz: ; @$(fuzz_targets) | while read -r dir name; do echo "$$dir $$name" && go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "./$$dir" || exit 1; done
simulate: ; PAYMUX_SEEDS=$(SEEDS) go test ./core/coretest -run '^TestWhateverGoesWrong' -count 1 -timeout 0 -v | grep -vE '^ *(=== |--- PASS.*/)'
chaos: ; go run ./cmd/engine/chaos $(if $(ROWS),-rows $(ROWS))
cover: ; go test -coverprofile=cover.out ./... && go tool cover -func=cover.out | tail -n 1
build: ; $(call programs,$(BUILD))
release: ; $(call programs,$(RELEASE))
plugin-python: ; examples/plugin-python/build.py bin/plugins/tamarind
demo: ; go run ./examples/demo $(if $(KEEP),-keep)
clean: ; rm -rf bin cover.out

comma := ,
