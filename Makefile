# Gatelight. Everything starts here: make help

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X gatelight/supervisor/cli.version=$(VERSION)
BUILD   := dist
PREFIX  ?= $(HOME)/.local
SYSTEM  := $(shell uname -s)
FUZZTIME ?= 30s

.DEFAULT_GOAL := help

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build and show the demo: in the menu bar on a desktop, else in this terminal
	@$(GO) build -o $(BUILD)/gatelight . && exec $(BUILD)/gatelight demo

.PHONY: build
build: ## Build the program for this machine into dist/
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/gatelight .

.PHONY: test
# Three packages at a time, since the long ones wait for real time.
test: needs ## Run all tests, with the race detector
	@# -count=1: the cache does not see that a test builds the program
	@# The pictures are drawn by one goroutine, and ten times slower under the race detector.
	$(GO) test -count=1 ./assets/render
	$(GO) test -race -count=1 -p 3 -parallel 8 -timeout 4m $$($(GO) list ./... | grep -v /assets/render$$)

.PHONY: e2e
e2e: needs-panel ## Drive the light on a real panel, with real clicks (Linux, four minutes)
	$(GO) test -tags panel -count=1 -timeout 2m ./tray/panel
	$(GO) test -tags panel -count=1 -timeout 8m -v -run '^Test(OnAPanel|TheIconIsRight|NoClickIsLost)' ./tray/e2e -starts 100 -storm 1m

.PHONY: fuzz
fuzz: ## Fuzz every parser and the judgement, FUZZTIME each (30s)
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
	  for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9]*).*/\1/p' $$f); do \
	    echo "$$name in $$(dirname $$f)"; $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) ./$$(dirname $$f) || exit 1; done; done

.PHONY: bench
bench: needs ## Compare a look at the port with lsof, ss, gopsutil and /proc, in one run (Linux, two minutes)
	$(GO) run ./supervisor/sockets/bench

.PHONY: bench-monitor
bench-monitor: ## Measure how soon a killed or hanging Gateway is seen, and what an idle one costs: 9 min
	@$(GO) test -v -count=1 -timeout 20m -run '^Test(HowSoon|WhatAnIdle)' ./tray/e2e -kills 50 -hangs 5 -idle 5m | grep -v '^ *\(=\|---\|measure\)'

.PHONY: bench-tray
bench-tray: needs-panel ## Measure how soon the light is there after a start, on a bus and on a real panel: 2 min
	@$(GO) test -tags panel -v -count=1 -timeout 10m -run '^TestHowSoonTheIcon' ./tray/e2e -icons 50 | grep -v '^ *\(=\|---\)'

.PHONY: lint
lint: ## gofmt, vet and staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags panel ./tray/...
	$(GO) tool staticcheck ./...

.PHONY: cross
cross: ## Build and vet without cgo for every system it is meant for
	@set -e; for os in linux windows; do for arch in amd64 arm64; do echo "$$os/$$arch"; \
	  GOOS=$$os GOARCH=$$arch CGO_ENABLED=0 $(GO) build -o /dev/null . ; \
	  GOOS=$$os GOARCH=$$arch CGO_ENABLED=0 $(GO) vet ./...; done; done
	@# The tray for macOS needs cgo in one file of its library; for the type-check
	@# a copy of the library has a stand-in there.
	@set -e; rm -rf $(BUILD)/darwin; mkdir -p $(BUILD)/darwin; \
	  cp -R "$$($(GO) list -m -f '{{.Dir}}' fyne.io/systray)" $(BUILD)/darwin/systray; chmod -R u+w $(BUILD)/darwin; \
	  cp packaging/macos/systray_darwin.go.stub $(BUILD)/darwin/systray/systray_darwin.go; \
	  cp go.mod $(BUILD)/darwin/go.mod; cp go.sum $(BUILD)/darwin/go.sum; \
	  $(GO) mod edit -replace fyne.io/systray=./$(BUILD)/darwin/systray $(BUILD)/darwin/go.mod; \
	  for arch in amd64 arm64; do echo "darwin/$$arch (the tray: type-checked)"; \
	  GOOS=darwin GOARCH=$$arch CGO_ENABLED=0 $(GO) build ./supervisor/... ./assets/...; \
	  GOOS=darwin GOARCH=$$arch CGO_ENABLED=0 $(GO) vet -modfile $(BUILD)/darwin/go.mod ./...; done

.PHONY: icons
icons: ## Render the icons from their SVG sources
	$(GO) run ./assets/render

.PHONY: screenshots
screenshots: ## Take the pictures of the README and the icons' contact sheet anew (Linux, two minutes)
	@.ci/needs pictures
	$(GO) run ./assets/render
	$(GO) run ./tray/panel/shots assets/screenshots

.PHONY: app
app: on-a-mac build ## Build dist/Gatelight.app, signed ad hoc (macOS)
	$(GO) run ./packaging/macos/bundle -program $(BUILD)/gatelight -version '$(VERSION)' -out $(BUILD)/Gatelight.app
	codesign --force --sign - $(BUILD)/Gatelight.app
	codesign --verify --strict $(BUILD)/Gatelight.app

.PHONY: on-a-mac
on-a-mac:
	@[ '$(SYSTEM)' = Darwin ] || { echo 'Gatelight.app is built on a Mac; here it is: make build' >&2; exit 1; }

# Both run what has been built, DESTDIR and all: see packaging/install.sh.
INSTALL = BUILD='$(BUILD)' PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' GO='$(GO)' packaging/install.sh

.PHONY: install
install: $(if $(filter Darwin,$(SYSTEM)),app,build) ## Install it for yourself, or in PREFIX and DESTDIR
	@$(INSTALL) install $(SYSTEM)

.PHONY: uninstall
uninstall: ## Take it away again
	@$(INSTALL) uninstall $(SYSTEM)

.PHONY: needs
needs: ## Bring what the tests need and this machine lacks (Debian, Ubuntu)
	@.ci/needs

.PHONY: needs-panel
needs-panel:
	@.ci/needs panel
