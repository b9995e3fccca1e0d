//! Cells of files. Pure.

/// What a spreadsheet would take for a formula begins with an apostrophe instead.
pub fn harmless(mut cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        cell.insert(0, '\'');
    }
    cell
}
