# make demo    the main job on a virtual eUICC
# make test    the whole test suite
# make lint    formatting, clippy, documentation
# make bench   sizes, memory and counts of the release program
# make audit   licences and sources of the dependencies (cargo-deny)

.PHONY: demo test lint bench audit

demo:
	scripts/setup build
	cargo build --package esimctl
	scripts/demo target/debug/esimctl

test:
	scripts/setup test
	cargo test --workspace
	scripts/demo target/debug/esimctl >/dev/null

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
