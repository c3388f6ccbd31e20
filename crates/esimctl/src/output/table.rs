//! Tables: where there is something to compare.

use comfy_table::{ContentArrangement, Table, presets};

use super::text::BOLD;

/// A table without lines. Columns that are empty in every row are left out.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let kept: Vec<usize> = (0..header.len())
        .filter(|column| rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty())))
        .collect();
    let pick =
        |row: &[String]| kept.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect::<Vec<_>>();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(kept.iter().map(|column| header[*column]).collect::<Vec<_>>());
    for row in rows {
        table.add_row(pick(row));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut lines = table.lines();
    let header = lines.next().unwrap_or_default();
    let body: String = lines.map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{BOLD}{}{BOLD:#}\n{body}", header.trim_end())
}
