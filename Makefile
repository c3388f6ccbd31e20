# make demo    the main job on a virtual eUICC, with virtual servers
# make test    the whole test suite
# make lint    formatting, clippy, documentation
# make faults  something goes wrong with every APDU and every HTTP exchange of every operation, also behind modems: an hour
# make kill    500 processes are killed at random moments of what they do with cards and servers: a few minutes
# make test-qrtr  cards over QRTR, in a virtual machine: a minute, and 70 MB to download
# make bench   sizes, memory, counts and the time of a download, of the release program
# make audit   licences and sources of the dependencies (cargo-deny)

.PHONY: demo test faults kill test-qrtr lint bench audit

demo:
	scripts/setup build
	cargo build --package esimctl
	scripts/demo "$${CARGO_TARGET_DIR:-target}/debug/esimctl"

# Most tests wait for other programs, modems and time-outs, so that more of them run at once than there are processors.
test: export RUST_TEST_THREADS ?= 6
test:
	scripts/setup test
	cargo test --workspace
	scripts/demo "$${CARGO_TARGET_DIR:-target}/debug/esimctl" >/dev/null

faults:
	scripts/setup build
	ESIMCTL_FAULTS=all cargo test --package esimctl --test faults -- --nocapture

kill:
	scripts/setup build
	ESIMCTL_KILLS=$${ESIMCTL_KILLS:-500} cargo test --package esimctl --test kill -- --nocapture

test-qrtr:
	scripts/setup build
	scripts/setup qrtr
	cargo build --package esimctl
	scripts/test-qrtr "$${CARGO_TARGET_DIR:-target}/debug/esimctl"

lint:
	scripts/setup build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo clippy --package esimctl --no-default-features -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps

bench:
	scripts/setup build
	scripts/setup bench
	scripts/bench

audit:
	cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
	cargo deny check licenses sources bans
