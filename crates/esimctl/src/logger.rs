//! What `-v` explains, on standard error.

use log::{Level, LevelFilter, Log, Metadata, Record};

struct Logger;

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args().to_string();
        let text = crate::code::conceal(&text);
        match record.level() {
            Level::Error | Level::Warn => tell_line!("warning: {text}"),
            _ => {
                let dim = anstyle::Style::new().dimmed();
                tell_line!("{dim}  {text}{dim:#}");
            }
        }
    }

    fn flush(&self) {}
}

/// Warnings always; explanations with `-v`, all that a developer may want with `-vv`.
pub(crate) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        _ => LevelFilter::Debug,
    };
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(level);
    }
}
