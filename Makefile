# Gatelight. Everything starts here: make help
#
# There are four Go modules: the program with its tests (this folder), what draws
# the icons (assets/render), what lint runs (.ci/tools), and what packages runs
# (packaging/tools). The others need libraries that the program does not.

GO       ?= go
# Ten digits of the commit, and not as many as git finds enough: that depends on
# how many objects the clone has.
VERSION  ?= $(shell git describe --tags --always --dirty --abbrev=10 2>/dev/null || echo devel)
COMMIT   ?= $(shell git rev-parse HEAD 2>/dev/null)
DATE     ?= $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
BUILD    := dist
PREFIX   ?= $(HOME)/.local
SYSTEM   := $(shell uname -s)

# Of the program's code only the menu bar of macOS is in C. Elsewhere the program
# is linked without the C library: it starts faster, and runs on every Linux.
# On macOS it is built for the oldest version that the app's Info.plist names.
PROGRAM_ENV := $(if $(filter Darwin,$(SYSTEM)),MACOSX_DEPLOYMENT_TARGET=12.0,CGO_ENABLED=0)
FUZZTIME ?= 30s
YEARS    ?= 1
ONLY     ?=

# These tags leave out HTTP/2, which the control socket does not speak (565 KB),
# and the fast forms of ciphers in assembly, since no TLS is spoken (164 KB). All
# programs and tests that make builds have them.
TAGS := nethttpomithttp2,purego
export GOFLAGS += -tags=$(TAGS)

# These are not inlined (-l), because they are big and hardly ever run: the
# libraries, TLS, HTTP, formats and templates, and of the program itself what
# works at a start, for a command or at a click. It saves 1.3 MB. (sort.Slice in
# place of slices.SortFunc saves 5 to 20 KB for each type.) The Go runtime
# and what looks at the port and decides keep their speed.
NOINLINE := github.com/... google.golang.org/... golang.org/x/... gopkg.in/... fyne.io/... \
	crypto/... vendor/golang.org/... net/... math/big html/... text/... encoding/... \
	regexp/... compress/... archive/... image/... log/... go/... hash/... flag time unicode/... fmt reflect \
	os os/... path/... mime/... context bufio io/... errors sort container/... strconv sync/... \
	gatelight/tray/... gatelight/packaging/... $(addprefix gatelight/supervisor/,cli \
	doctor history/... ibc/... lazyregexp settings simgateway status monitor atomicfile regularfile rotatedlog spelling)
# Go's own stamp of the commit (-buildvcs) is not in a worktree of git; without it
# a worktree and a clone give the same bytes.
STAMP      := gatelight/supervisor/cli
BUILDFLAGS := -trimpath -buildvcs=false $(NOINLINE:%=-gcflags=%=-l) \
	-ldflags '-s -w -X $(STAMP).version=$(VERSION) -X $(STAMP).commit=$(COMMIT) -X $(STAMP).date=$(DATE) $(GO_LDFLAGS)'

# The most bytes that the program may have, on Linux and amd64.
SIZE := 16000000

# The packages whose tests take longest. They start first, so that none of them
# runs alone at the end.
LONGEST := supervisor/ibc supervisor/cli supervisor/doctor supervisor/monitor/e2e supervisor/status

# These packages have one goroutine, or test the built program from outside. The
# race detector would find nothing in them, and they take up to ten times as long
# with it. Of the core, what computes most is tested without it, too.
PLAIN := tray/e2e supervisor supervisor/ibc/config supervisor/ibc/find supervisor/ibc/release \
	supervisor/history supervisor/history/html assets packaging packaging/macos/bundle \
	packaging/macos/plist packaging/archive packaging/linked packaging/reference \
	packaging/windows/shortcut tray/chaos

# What is not the program's, in a folder that ./... leaves out.
DEVELOPMENT := ./.ci/mutations ./.ci/simgateway

RENDER      := $(GO) -C assets/render
STATICCHECK := tool -modfile=$(CURDIR)/.ci/tools/go.mod staticcheck ./...
# Without its two checks by other programs, which not every machine has.
ACTIONLINT  := tool -modfile=$(CURDIR)/.ci/tools/go.mod actionlint -shellcheck= -pyflakes= .github/workflows/*.yml

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build and show the demo: in the menu bar of a desktop, else in this terminal
	@$(PROGRAM_ENV) $(GO) build -o $(BUILD)/gatelight . && exec $(BUILD)/gatelight demo

.PHONY: build
build: ## Build the program for this machine into dist/
	$(PROGRAM_ENV) $(GO) build $(BUILDFLAGS) -o $(BUILD)/gatelight .

# The linker leaves out what nothing calls. So this also proves that the program
# cannot send an order: the library's function for it is not in there.
.PHONY: size
size: build ## Check that the program has at most 16 MB, and no code that sends orders
	@bytes=$$(wc -c <$(BUILD)/gatelight); echo "$(BUILD)/gatelight has $$bytes bytes"; \
	[ $$bytes -le $(SIZE) ] || { echo 'It may have $(SIZE); what is in it: go tool nm -size -sort size' >&2; exit 1; }
	@! grep -qF 'ibapi.(*EClient).PlaceOrder' $(BUILD)/gatelight || \
	{ echo 'It contains EClient.PlaceOrder, which sends orders: the monitor must not pass the client on' >&2; exit 1; }

# Tests that measure times. They are run by make e2e, alone on the machine, and not
# by make test, beside others.
MEASURING := ^Test(TheIconIsRightFromTheStart|NoClickIsLostAndTheLightKeepsUp|AKilledGatewayTurnsTheIconRed|AHungGatewayIsRedIsTold|DemoConnectsWithin)|^TestOneSessionAtATimeHoweverTheGatewayBehaves/100,000

# The tests start these programs, which are without the race detector, since it
# makes a start take five times as long: the program itself, the simulated Gateway,
# and the one for the scripts of supervisor/cli, which has shorter times. Without
# these variables (go test -race ./...) the tests start themselves.
TEST_PROGRAMS := GATELIGHT_TEST_PROGRAM=$(CURDIR)/$(BUILD)/test/gatelight \
	GATELIGHT_TEST_GATEWAY=$(CURDIR)/$(BUILD)/test/simgateway \
	GATELIGHT_TEST_SCRIPTS=$(CURDIR)/$(BUILD)/test/scripts

# -count=1: the test cache does not see that a test builds the program, or reads
# the files of another module. -p 4 and 2 beside each other on two processors:
# many tests wait. -vet=off: lint runs vet.
TEST := test -ldflags='-s -w' -vet=off -count=1 -parallel 8 -timeout 10m -skip '$(MEASURING)'

.PHONY: test test-programs test-race test-plain
test: needs ## Run all tests
	@$(MAKE) --no-print-directory -j 2 test-race test-plain

# Also see .ci/windows, which is for Windows itself.
.PHONY: test-prometheus
test-prometheus: ## Have a real Prometheus scrape two Gatelights and tell of zombies (Linux with apt)
	.ci/prometheus

.PHONY: test-remote
test-remote: test-programs ## Watch Gateways over a real ssh and in other namespaces (Linux with apt, as root)
	.ci/remote

.PHONY: test-timeline
test-timeline: ## Check in a real Chromium that everyone can use the timeline (Linux with apt)
	.ci/timeline

.PHONY: test-windows
test-windows: ## Run the tests of Windows under Wine (Linux)
	@.ci/wine

test-programs:
	@mkdir -p $(BUILD)/test/scripts
	@$(PROGRAM_ENV) $(GO) build -ldflags='-s -w' -o $(BUILD)/test/gatelight .
	@$(PROGRAM_ENV) $(GO) build -ldflags='-s -w' -o $(BUILD)/test/simgateway ./.ci/simgateway
	@$(PROGRAM_ENV) $(GO) test -ldflags='-s -w' -vet=off -c -o $(BUILD)/test/scripts/gatelight ./supervisor/cli

test-race: test-programs # those with several goroutines
	$(TEST_PROGRAMS) $(GO) $(TEST) -race -p 4 $(LONGEST:%=./%) \
	$$($(GO) list ./... | grep -vxE '$(subst $(empty) ,|,$(PLAIN:%=gatelight/%))') ./supervisor

test-plain: test-programs
	$(TEST_PROGRAMS) $(GO) $(TEST) -p 2 $(PLAIN:%=./%) $(DEVELOPMENT)
	$(RENDER) test -vet=off -count=1 ./...

.PHONY: e2e e2e-panel e2e-measured
e2e: ## Click on the light in real panels, and measure its times (Linux, four minutes)
	@$(MAKE) --no-print-directory -j 1 e2e-panel e2e-measured

e2e-panel: needs-panel # these have patience
	$(GO) test -tags panel,$(TAGS) -count=1 -timeout 2m ./tray/panel
	$(GO) test -tags panel,$(TAGS) -count=1 -parallel 3 -timeout 8m -v -run '^TestOnAPanel' ./tray/e2e # on three panels at once

e2e-measured: needs-panel # these need the machine to themselves
	$(GO) test -tags panel,$(TAGS) -count=1 -timeout 8m -v -run '$(MEASURING)' ./tray/e2e -starts 100 -storm 1m -lag 200ms -told 900ms
	$(GO) test -count=1 -p 1 -timeout 3m -v -run '$(MEASURING)' ./supervisor/cli ./supervisor/monitor/e2e

.PHONY: fuzz
fuzz: ## Fuzz every parser and Decide, FUZZTIME each (30s)
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
	  for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9]*).*/\1/p' $$f); do \
	    echo "$$name in $$(dirname $$f)"; $(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) ./$$(dirname $$f) || exit 1; done; done

.PHONY: year
year: ## Simulate years of a Gateway, IBKR and people, and read a year of log of every IBC
	nice -n 19 $(GO) test -vet=off -count=1 -timeout 30m -run '^TestAYear' ./supervisor ./supervisor/ibc -years $(YEARS)

.PHONY: mutations
mutations: needs ## Break the program on purpose, in more than a hundred ways, and require that a test fails (Linux, 20 minutes)
	$(GO) run ./.ci/mutations -only '$(ONLY)'

# The first seeds are the same each time. CHAOS limits the time; RUNS=1 with
# SEED repeats one run.
RUNS   ?= 500
FIRST  := 1,2,3,4
WORLDS ?= 3
.PHONY: chaos
chaos: needs ## Break things at random around the program, 500 times (CHAOS=2m for less; SEED and RUNS repeat; Linux)
	$(GO) run ./tray/chaos -runs $(RUNS) -worlds $(WORLDS) $(if $(SEED),-seed $(SEED),-first $(FIRST)) $(if $(CHAOS),-limit $(CHAOS))

.PHONY: soak
soak: needs ## Measure for an hour whether the program grows (SOAK=10m for less; Linux)
	$(GO) run ./tray/chaos -soak $(or $(SOAK),1h)

.PHONY: bench
bench: needs ## Compare one look at the port with lsof, ss, gopsutil and /proc (Linux, two minutes)
	$(GO) run ./supervisor/sockets/bench

.PHONY: bench-monitor
bench-monitor: build ## Measure how soon a killed or hanging Gateway is seen, and the cost of an idle one (9 minutes; BEFORE=PROGRAM beside an older one)
	@GATELIGHT_TEST_PROGRAM=$(CURDIR)/$(BUILD)/gatelight $(GO) test -v -count=1 -timeout 20m -run '^Test(HowSoon|WhatAnIdle)' ./tray/e2e -kills 50 -hangs 5 -idle 5m -before '$(BEFORE)' | grep -v '^ *\(=\|---\|measure\)'

.PHONY: bench-load
bench-load: ## Measure how soon a killed Gateway is seen under 100,000 login lines, 15,000 sockets and 200 readers (Linux, 5 minutes)
	@ulimit -n 20000 && $(GO) test -v -count=1 -timeout 20m -run '^TestAKilledGatewayIsSeenUnderLoad' ./tray/e2e -loads 10 | grep -v '^ *\(=\|---\|load\)'

.PHONY: bench-readers
bench-readers: ## Measure 200 readers of the status and 500 requests a second, and how soon a kill is seen among them (Linux, 2 minutes)
	@ulimit -n 20000 && $(GO) test -v -count=1 -timeout 20m -run '^TestReadersMissNoChange' ./tray/e2e -readers 1m | grep -v '^ *\(=\|---\|readers\)'

.PHONY: bench-tray
bench-tray: needs-panel ## Measure how soon the icon is there after a start, on a bus and on a real panel (2 minutes)
	@$(GO) test -tags panel,$(TAGS) -v -count=1 -timeout 10m -run '^TestHowSoonTheIcon' ./tray/e2e -icons 50 | grep -v '^ *\(=\|---\)'

.PHONY: lint
lint: ## Run gofmt, vet, staticcheck and actionlint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./... $(DEVELOPMENT)
	$(GO) vet -tags panel,$(TAGS) ./tray/...
	$(GO) vet -tags browser,$(TAGS) ./supervisor/history/html
	$(GO) $(STATICCHECK) $(DEVELOPMENT)
	$(GO) $(ACTIONLINT)
	$(RENDER) vet ./...
	$(RENDER) $(STATICCHECK)

CROSS        := cross/linux/amd64 cross/linux/arm64 cross/windows/amd64 cross/windows/arm64
CROSS_DARWIN := cross/darwin/amd64 cross/darwin/arm64

.PHONY: cross $(CROSS) $(CROSS_DARWIN)
cross: $(CROSS) $(CROSS_DARWIN) ## Build and vet for every system, without cgo

# The name of the target holds the system: cross/GOOS/GOARCH.
cross_env = CGO_ENABLED=0 GOOS=$(word 2,$(subst /, ,$@)) GOARCH=$(word 3,$(subst /, ,$@))

$(CROSS):
	$(cross_env) $(GO) build -o /dev/null .
	$(cross_env) $(GO) vet ./...

# The tray for macOS needs cgo in one file of its library. To check the types, a
# copy of the library has another file in its place.
$(CROSS_DARWIN): $(BUILD)/darwin/go.mod
	@# All but the command line, which shows the tray.
	$(cross_env) $(GO) build $$($(cross_env) $(GO) list ./supervisor/... ./assets/... | grep -v /supervisor/cli$$)
	$(cross_env) $(GO) vet -modfile $(BUILD)/darwin/go.mod ./...

$(BUILD)/darwin/go.mod: go.mod go.sum packaging/macos/systray_darwin.go.stub
	@rm -rf $(BUILD)/darwin; mkdir -p $(BUILD)/darwin
	@cp -R "$$($(GO) list -m -f '{{.Dir}}' fyne.io/systray)" $(BUILD)/darwin/systray; chmod -R u+w $(BUILD)/darwin
	@cp packaging/macos/systray_darwin.go.stub $(BUILD)/darwin/systray/systray_darwin.go
	@cp go.sum $(BUILD)/darwin/go.sum; cp go.mod $@
	@$(GO) mod edit -replace fyne.io/systray=./$(BUILD)/darwin/systray $@

.PHONY: icons
icons: ## Render the icons from their SVG sources
	$(RENDER) run .

.PHONY: screenshots
screenshots: icons ## Take the pictures of the README anew, the moving one, too, and render the icons (Linux, two minutes)
	@.ci/needs pictures
	$(GO) run ./tray/panel/shots assets/screenshots

.PHONY: movie
movie: ## Take only the moving picture of the README anew (Linux, one minute)
	@.ci/needs pictures
	$(GO) run ./tray/panel/shots movie assets/screenshots

# Who signs the app: "-" is nobody (an ad hoc signature), else the name of an
# identity in the keychain, with the runtime that notarization wants.
CODESIGN ?= -

# For which processors the app is. make packages builds it for both; one is enough
# for this Mac.
ARCHS ?=

.PHONY: app
app: on-a-mac $(if $(ARCHS),universal,build) ## Build dist/Gatelight.app, signed ad hoc (macOS)
	$(GO) run ./packaging/macos/bundle -program $(BUILD)/gatelight -version '$(VERSION)' -out $(BUILD)/Gatelight.app
	codesign --force $(if $(filter-out -,$(CODESIGN)),--options runtime --timestamp) --sign '$(CODESIGN)' $(BUILD)/Gatelight.app
	codesign --verify --strict $(BUILD)/Gatelight.app

.PHONY: universal
universal: on-a-mac
	for arch in $(ARCHS); do \
	  $(PROGRAM_ENV) CGO_ENABLED=1 GOARCH=$$arch $(GO) build $(BUILDFLAGS) -o $(BUILD)/gatelight-$$arch . || exit 1; \
	done
	lipo -create -output $(BUILD)/gatelight $(ARCHS:%=$(BUILD)/gatelight-%)
	lipo -info $(BUILD)/gatelight

.PHONY: on-a-mac
on-a-mac:
	@[ '$(SYSTEM)' = Darwin ] || { echo 'Gatelight.app is built on a Mac; here it is: make build' >&2; exit 1; }

# See packaging/install.sh.
INSTALL = BUILD='$(BUILD)' PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' GO='$(GO)' packaging/install.sh

.PHONY: install
install: $(if $(filter Darwin,$(SYSTEM)),app,build) ## Install it for this user, or to PREFIX and DESTDIR
	@$(INSTALL) install $(SYSTEM)

.PHONY: uninstall
uninstall: ## Remove it again
	@$(INSTALL) uninstall $(SYSTEM)

# What make packages builds; a Mac builds its app, too.
PLATFORMS  ?= linux/amd64 linux/arm64 windows/amd64 windows/arm64 $(if $(filter Darwin,$(SYSTEM)),darwin)
MAINTAINER ?= The Gatelight authors <gatelight@localhost>

.PHONY: packages
packages: ## Build deb, rpm, tarball, zip for Windows and, on a Mac, the app into dist/packages (PLATFORMS)
	@BUILD='$(BUILD)' VERSION='$(VERSION)' MAINTAINER='$(MAINTAINER)' GO='$(GO)' packaging/packages.sh $(PLATFORMS)

.PHONY: reproducible
reproducible: ## Prove that the commit gives the same packages in two clones (PLATFORMS; SHARED_CACHE=1 for less)
	@packaging/reproducible.sh $(PLATFORMS)

# mmdebstrap makes the Debian once, as dist/debian.tar.
.PHONY: life
life: ## Install, upgrade and remove the deb on a booted Debian of its own (root, Linux with cgroup v2, two minutes)
	@.ci/needs life
	@$(MAKE) --no-print-directory packages PLATFORMS=linux/$$($(GO) env GOARCH)
	CGO_ENABLED=0 $(GO) build -ldflags='-s -w' -o $(BUILD)/simulate ./packaging/linux/simulate
	packaging/linux/life.sh $(BUILD)/packages/*.deb $(BUILD)/simulate

.PHONY: needs
needs: ## Install what the tests need and this machine lacks (Debian, Ubuntu)
	@.ci/needs

.PHONY: needs-panel
needs-panel:
	@.ci/needs panel
