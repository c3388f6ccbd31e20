//! Whether standard output was open when the process began.
//!
//! Rust's runtime opens `/dev/null` in the place of a standard stream that is closed, before `main`. What is printed then
//! vanishes without an error, and afterwards nobody can tell a closed output from one that leads to `/dev/null` on
//! purpose. So a constructor looks first: functions in `.init_array` run before the runtime begins.

use std::sync::atomic::{AtomicBool, Ordering};

static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

// Placing a function there is unsafe, since it runs before the runtime is ready. This one makes a system call and stores
// a bit, and needs nothing of the runtime.
#[used]
#[allow(unsafe_code)]
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = look_at_output;

extern "C" fn look_at_output() {
    let closed = matches!(rustix::io::fcntl_getfd(rustix::stdio::stdout()), Err(rustix::io::Errno::BADF));
    OUTPUT_WAS_CLOSED.store(closed, Ordering::Relaxed);
}

/// True if the process was started with standard output closed.
#[must_use]
pub fn output_was_closed() -> bool {
    // Named here, the constructor cannot be left out by the linker.
    std::hint::black_box(&AT_START);
    OUTPUT_WAS_CLOSED.load(Ordering::Relaxed)
}
