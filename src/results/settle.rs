//! A fetched result is held against the ids that were asked for, once, and put in order: afterwards
//! the file holds one row for each id that was answered, under the id that was asked for.

use std::{collections::HashMap, fs, io, io::Write, path::Path};

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    datatypes::DataType,
};
use tempfile::NamedTempFile;

use super::{
    identify::{Unidentified, identify},
    lines::Lines,
    parse_result, plain,
    rows::{Rows, Span, Step},
};
use crate::{Error, Result, api::agents::BatchKind};

/// What a result holds for the ids of its batch.
#[derive(Debug, Clone)]
pub struct Answers {
    /// One row for each id that was answered, under the id that was asked for.
    pub rows: RecordBatch,
    /// Rows that the file held, whosever they are. Where they are as many as the ids that were
    /// asked for, no budget cut it.
    pub held: usize,
    /// Rows of ids that nobody asked for.
    pub strangers: usize,
}

/// Whether a result is that of its batch.
#[derive(Debug)]
pub enum Settled {
    Answers(Answers),
    /// It may be another batch's. The file stays as it came.
    Unidentified(Unidentified),
}

/// Reads the result at `path` and puts it in order: ids get the spelling in which they were asked
/// for, rows of ids that nobody asked for go, and where an id has several rows, the one that found
/// most stays. If that changes anything, the file as it came is kept beside it as `*.original.csv`.
///
/// # Errors
/// If the file cannot be read or written, or is damaged.
pub fn settle(path: &Path, name: &str, kind: BatchKind, asked: &[String]) -> Result<Settled> {
    let unusable = |error: io::Error| {
        let place = path.display().to_string();
        Error::results(&place, None, format!("{place} cannot be put in order: {error}"))
            .caused_by(error)
    };
    let came = fs::read(path).map_err(unusable)?;
    let rows = parse_result(&came, name, Some(kind))?;
    let ids = ids(&rows, name)?;
    let identified = match identify(asked, &ids) {
        Ok(identified) => identified,
        Err(error) => return Ok(Settled::Unidentified(error)),
    };
    let best = best(&rows, &identified.asked);
    let held = rows.num_rows();
    let strangers = identified.asked.iter().filter(|asked| asked.is_none()).count();
    if best.len() == held && !identified.respelled {
        return Ok(Settled::Answers(Answers { rows, held, strangers }));
    }
    let mut new: Vec<Option<&str>> = vec![None; held];
    for (place, row) in best {
        new[row] = Some(&asked[place]);
    }
    let text = plain::text(&came, &Lines::new(name))?;
    let ordered = rewritten(&text, &new);
    replace(path, ordered.as_bytes()).map_err(unusable)?;
    let rows = parse_result(ordered.as_bytes(), name, Some(kind))?;
    Ok(Settled::Answers(Answers { rows, held, strangers }))
}

/// The ids of a result's rows; a row without one is an error that names its line.
fn ids<'a>(rows: &'a RecordBatch, name: &str) -> Result<Vec<&'a str>> {
    let column =
        rows.column_by_name("id")
            .filter(|column| *column.data_type() == DataType::Utf8)
            .ok_or_else(|| Error::results(name, Some(1), format!("{name} has no column id")))?;
    column
        .as_string::<i32>()
        .iter()
        .enumerate()
        .map(|(row, id)| {
            id.ok_or_else(|| {
                let line = row as u64 + 2;
                Error::results(name, Some(line), format!("{name}, line {line}: the id is empty"))
            })
        })
        .collect()
}

/// For each id that was asked for and answered, the row that found most; the first of equals.
fn best(rows: &RecordBatch, asked: &[Option<usize>]) -> HashMap<usize, usize> {
    let flags: Vec<&BooleanArray> = ["email_found", "phone_found"]
        .iter()
        .filter_map(|name| rows.column_by_name(name)?.as_boolean_opt())
        .collect();
    let found =
        |row: usize| flags.iter().filter(|flag| !flag.is_null(row) && flag.value(row)).count();
    let mut best: HashMap<usize, usize> = HashMap::new();
    for (row, place) in asked.iter().enumerate() {
        let Some(place) = place else { continue };
        best.entry(*place)
            .and_modify(|other| {
                if found(row) > found(*other) {
                    *other = row;
                }
            })
            .or_insert(row);
    }
    best
}

/// The text with other ids: each row gets its new one, and goes where it has none.
fn rewritten(text: &str, new: &[Option<&str>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rows = Rows::new(text, true);
    let mut cells: Vec<Span> = Vec::new();
    let mut column = None;
    let mut new = new.iter();
    while let Step::Row { start, .. } = rows.next(&mut cells) {
        let end = cells.last().map_or(start, |cell| outer(text, *cell).1);
        let Some(column) = column else {
            let is_id = |cell: &Span| {
                cell.text(text).is_some_and(|name| name.trim().eq_ignore_ascii_case("id"))
            };
            column = cells.iter().position(is_id);
            out.push_str(&text[start..end]);
            out.push('\n');
            continue;
        };
        let Some(Some(id)) = new.next() else { continue };
        let (from, to) = outer(text, cells[column]);
        out.push_str(&text[start..from]);
        out.push('"');
        out.push_str(&id.replace('"', "\"\""));
        out.push('"');
        out.push_str(&text[to..end]);
        out.push('\n');
    }
    out
}

/// Where a cell begins and ends with the quotes around it.
fn outer(text: &str, cell: Span) -> (usize, usize) {
    let bytes = text.as_bytes();
    let quoted =
        cell.start > 0 && bytes[cell.start - 1] == b'"' && bytes.get(cell.end) == Some(&b'"');
    if quoted { (cell.start - 1, cell.end + 1) } else { (cell.start, cell.end) }
}

/// Puts a new text in the place of a file, of which the old one is kept beside it.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    let original = path.with_extension("original.csv");
    if !original.exists() && fs::hard_link(path, &original).is_err() {
        fs::copy(path, &original)?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(text: &[u8], asked: &[&str]) -> (Settled, String, Option<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.csv");
        fs::write(&path, text).unwrap();
        let asked: Vec<String> = asked.iter().map(|id| (*id).to_owned()).collect();
        let settled = settle(&path, "run.csv", BatchKind::Email, &asked).unwrap();
        let original = fs::read(folder.path().join("run.original.csv")).ok();
        (settled, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(), original)
    }

    #[test]
    fn a_result_as_it_was_asked_for_stays_untouched() {
        let text = "id,email,email_found\r\na,x,true\r\n";
        let (settled, now, original) = settled(text.as_bytes(), &["a", "b"]);
        assert_eq!((now.as_str(), original), (text, None));
        let Settled::Answers(answers) = settled else { panic!("{settled:?}") };
        assert_eq!((answers.held, answers.strangers, answers.rows.num_rows()), (1, 0, 1));
    }

    #[test]
    fn ids_get_their_spelling_and_the_best_row_stays() {
        let text =
            "email,Id,email_found\n,\"A\"\"1\",false\n\"x,y\",A\"1,true\n,z,true\n\"\",7.0,true\n";
        let (settled, now, original) = settled(text.as_bytes(), &["A\"1", "7"]);
        let expected = "email,Id,email_found\n\"x,y\",\"A\"\"1\",true\n\"\",\"7\",true\n";
        assert_eq!(now, expected);
        assert_eq!(original.as_deref(), Some(text.as_bytes()));
        let Settled::Answers(answers) = settled else { panic!("{settled:?}") };
        assert_eq!((answers.held, answers.strangers, answers.rows.num_rows()), (4, 1, 2));
    }

    #[test]
    fn what_may_be_another_batch_stays_as_it_came() {
        let text = "id,email,email_found\nx,e,true\n";
        let (settled, now, original) = settled(text.as_bytes(), &["a"]);
        assert_eq!((now.as_str(), original), (text, None));
        assert!(matches!(settled, Settled::Unidentified(_)));
    }
}
