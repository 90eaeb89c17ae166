//! Compares a fetched result with the ids that were asked for, once, and normalizes the file:
//! afterwards it holds one row for each id that was answered, with the id as it was asked for.

use std::{collections::HashMap, fs, io, io::Write, path::Path};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::DataType,
};

use super::{
    dialect, found,
    identify::{Unidentified, identify, identify_each},
    lines::Lines,
    merge_rows, parse_result,
    rows::{Rows, Span, Step},
    text,
};
use crate::{Error, Result, api::agents::BatchKind, process::durable};

/// The contents of a result for the ids of its batch.
#[derive(Debug, Clone)]
pub struct Answers {
    /// One row for each id that was answered, with the id as it was asked for.
    pub rows: RecordBatch,
    /// Number of rows in the file, whichever id they belong to. If there are as many as ids were
    /// asked for, no budget cut the result short.
    pub held: usize,
    /// Number of rows with ids that were not asked for.
    pub unrequested: usize,
    /// The API's own ids of what was asked for, if records were sent and their ids were not echoed:
    /// a credit report may use them.
    pub own_ids: HashMap<String, usize>,
}

/// The assignment of a result's rows, for a batch of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// For each row, its position among the ids that were asked for; `None` if it cannot be
    /// assigned.
    pub asked: Vec<Option<usize>>,
    /// Whether the result echoes ids.
    pub by_id: bool,
}

/// Whether a result belongs to its batch.
#[derive(Debug)]
pub enum Settled {
    Answers(Answers),
    /// It may belong to another batch. The file is left as it was.
    Unidentified(Unidentified),
}

/// Reads the result at `path` and normalizes it: ids get the spelling in which they were asked for,
/// rows with ids that were not asked for are removed, and of several rows with one id the one with
/// the most values is kept, and completed from the others. If that changes anything, the original
/// file is kept beside it as `*.original.csv`.
///
/// # Errors
/// If the file cannot be read or written, or is damaged.
pub fn settle(path: &Path, name: &str, kind: BatchKind, asked: &[String]) -> Result<Settled> {
    let unusable = |error: io::Error| {
        let place = path.display().to_string();
        Error::results(&place, None, format!("{place} cannot be normalized: {error}"))
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
    let unrequested = identified.asked.iter().filter(|asked| asked.is_none()).count();
    if best.len() == held && !identified.respelled {
        return Ok(Settled::Answers(Answers { rows, held, unrequested, own_ids: HashMap::new() }));
    }
    let mut new: Vec<Option<&str>> = vec![None; held];
    for (place, row) in &best {
        new[*row] = Some(&asked[*place]);
    }
    let text = text::of_file(&came, &Lines::new(name))?;
    let text = dialect::with_commas(&text);
    let whole = completed(&text, kind, &identified.asked, &best);
    let ordered = rewritten(whole.as_deref().unwrap_or(&text), &new);
    replace(path, ordered.as_bytes()).map_err(unusable)?;
    let rows = parse_result(ordered.as_bytes(), name, Some(kind))?;
    Ok(Settled::Answers(Answers { rows, held, unrequested, own_ids: HashMap::new() }))
}

/// Like [`settle`], for a batch of records. `assign` assigns the rows. The result may echo ids or
/// only fields, so a column of ids is added if there is none; a column `id` of the API's own is
/// renamed to `api_id`.
///
/// If no row of a result can be assigned, it may belong to another batch. Single rows that cannot
/// be assigned are left out, and stay in the original file only.
///
/// # Errors
/// As for [`settle`].
pub fn settle_records(
    path: &Path,
    name: &str,
    kind: BatchKind,
    asked: &[String],
    assign: &dyn Fn(&RecordBatch) -> Assignment,
) -> Result<Settled> {
    let unusable = |error: io::Error| {
        let place = path.display().to_string();
        Error::results(&place, None, format!("{place} cannot be normalized: {error}"))
            .caused_by(error)
    };
    let came = fs::read(path).map_err(unusable)?;
    let lines = Lines::new(name);
    let text = text::of_file(&came, &lines)?;
    let text = dialect::with_commas(&text);
    let text = &*text;
    let has_ids = header(text).iter().any(|name| is_id(name));
    let rows = match has_ids {
        true => parse_result(&came, name, Some(kind))?,
        false => parse_result(with_ids(text, None).as_bytes(), name, Some(kind))?,
    };
    let assigned = assign(&rows);
    let held = rows.num_rows();
    let unrequested = assigned.asked.iter().filter(|asked| asked.is_none()).count();
    if held > 0 && unrequested == held {
        return Ok(Settled::Unidentified(Unidentified {
            strange: (1..=held).map(|row| format!("row {row}")).collect(),
            missing: asked.to_vec(),
        }));
    }
    let ids = rows.column_by_name("id").and_then(|column| column.as_string_opt::<i32>());
    let id_of = |row: usize| {
        let ids = ids.filter(|ids| has_ids && !ids.is_null(row))?;
        Some(ids.value(row))
    };
    let best = best(&rows, &assigned.asked);
    let as_sent = assigned.by_id
        && assigned
            .asked
            .iter()
            .enumerate()
            .all(|(row, at)| at.is_some_and(|at| id_of(row) == Some(asked[at].as_str())));
    if best.len() == held && as_sent || held == 0 && has_ids {
        return Ok(Settled::Answers(Answers { rows, held, unrequested, own_ids: HashMap::new() }));
    }
    let own_ids = match assigned.by_id {
        true => HashMap::new(),
        false => assigned
            .asked
            .iter()
            .enumerate()
            .filter_map(|(row, at)| Some((id_of(row)?.to_owned(), (*at)?)))
            .collect(),
    };
    let mut new: Vec<Option<&str>> = vec![None; held];
    for (place, row) in &best {
        new[*row] = Some(&asked[*place]);
    }
    let whole = completed(text, kind, &assigned.asked, &best);
    let text = whole.as_deref().unwrap_or(text);
    let ordered = match assigned.by_id {
        true => rewritten(text, &new),
        false => with_ids(text, Some(&new)),
    };
    replace(path, ordered.as_bytes()).map_err(unusable)?;
    let rows = parse_result(ordered.as_bytes(), name, Some(kind))?;
    Ok(Settled::Answers(Answers { rows, held, unrequested, own_ids }))
}

/// Removes the rows of a result that belong to none of some ids. No original is kept: the rows are of
/// people who are erased. If no id is wanted, the result may also lack a column of ids.
///
/// # Errors
/// As for [`settle`].
pub fn keep_rows_of(path: &Path, name: &str, kind: BatchKind, wanted: &[String]) -> Result<()> {
    let unusable = |error: io::Error| {
        let place = path.display().to_string();
        Error::results(&place, None, format!("{place} cannot be rewritten: {error}"))
            .caused_by(error)
    };
    let came = fs::read(path).map_err(unusable)?;
    let text = text::of_file(&came, &Lines::new(name))?;
    let text = dialect::with_commas(&text);
    let kept = if wanted.is_empty() {
        match header(&text).iter().any(|name| is_id(name)) {
            true => rewritten(&text, &[]),
            false => with_ids(&text, Some(&[])),
        }
    } else {
        let rows = parse_result(&came, name, Some(kind))?;
        let returned = ids(&rows, name)?;
        let own = identify_each(wanted, &returned);
        if own.iter().all(Option::is_some) {
            return Ok(());
        }
        let new: Vec<Option<&str>> =
            returned.iter().zip(&own).map(|(id, own)| own.map(|_| *id)).collect();
        rewritten(&text, &new)
    };
    let write = || -> io::Result<()> {
        let mut file = durable::private_draft(path)?;
        file.write_all(kept.as_bytes())?;
        durable::replace(path, file)
    };
    write().map_err(unusable)
}

/// The names of a text's columns.
fn header(text: &str) -> Vec<String> {
    let (mut rows, mut cells) = (Rows::new(text, true), Vec::new());
    match rows.next(&mut cells) {
        Step::Row { .. } => {
            cells.iter().map(|cell| cell.text(text).unwrap_or_default().into_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn is_id(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("id")
}

/// Adds a column of ids before all others. Each row gets its new id, and a row without one is
/// removed. Without `new`, all rows are kept, with empty ids.
fn with_ids(text: &str, new: Option<&[Option<&str>]>) -> String {
    let mut names = header(text);
    let other = (1..)
        .map(|number| if number == 1 { "api_id".to_owned() } else { format!("api_id_{number}") })
        .find(|name| !names.iter().any(|known| known.trim().eq_ignore_ascii_case(name)))
        .unwrap_or_default();
    names.iter_mut().filter(|name| is_id(name)).for_each(|name| name.clone_from(&other));
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    out.push_str("id");
    names.iter().for_each(|name| {
        out.push(',');
        out.push_str(&quoted(name));
    });
    out.push('\n');
    let mut rows = Rows::new(text, true);
    let mut cells: Vec<Span> = Vec::new();
    // Skips the header, which is written above.
    rows.next(&mut cells);
    let mut next = 0;
    loop {
        match rows.next(&mut cells) {
            Step::Row { start, ended } => {
                let id = match new {
                    None => Some(String::new()),
                    Some(new) => new.get(next).copied().flatten().map(quoted),
                };
                next += 1;
                let Some(id) = id else { continue };
                let end = cells.last().map_or(start, |cell| cell.outer(text).1);
                out.push_str(&id);
                out.push(',');
                out.push_str(&text[start..end]);
                // A file that was cut off in its last row must be recognized as such.
                if ended || new.is_some() {
                    out.push('\n');
                }
            }
            // Whoever parses the text reports what is wrong with the rest.
            Step::Bad { at, .. } => {
                out.push(',');
                out.push_str(&text[at..]);
                return out;
            }
            Step::More { .. } | Step::End => return out,
        }
    }
}

/// The ids of a result's rows. A row without one is an error that names its line.
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

/// For each id that was answered, the row with the most values; of equal ones the first.
fn best(rows: &RecordBatch, asked: &[Option<usize>]) -> HashMap<usize, usize> {
    let flags = found::flags(rows);
    let mut best: HashMap<usize, usize> = HashMap::new();
    for (row, place) in asked.iter().enumerate() {
        let Some(place) = place else { continue };
        best.entry(*place)
            .and_modify(|other| {
                if found::count(&flags, row) > found::count(&flags, *other) {
                    *other = row;
                }
            })
            .or_insert(row);
    }
    best
}

/// The text with the row that is kept of each id completed from the others. The rows of deep
/// research are answers of their own.
fn completed(
    text: &str,
    kind: BatchKind,
    asked: &[Option<usize>],
    best: &HashMap<usize, usize>,
) -> Option<String> {
    if kind == BatchKind::DeepResearch { None } else { merge_rows::joined(text, asked, best) }
}

/// Replaces the ids of a text. Each row gets its new id, and a row without one is removed.
fn rewritten(text: &str, new: &[Option<&str>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rows = Rows::new(text, true);
    let mut cells: Vec<Span> = Vec::new();
    let mut column = None;
    let mut new = new.iter();
    while let Step::Row { start, .. } = rows.next(&mut cells) {
        let end = cells.last().map_or(start, |cell| cell.outer(text).1);
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
        let (from, to) = cells[column].outer(text);
        out.push_str(&text[start..from]);
        out.push('"');
        out.push_str(&id.replace('"', "\"\""));
        out.push('"');
        out.push_str(&text[to..end]);
        out.push('\n');
    }
    out
}

/// Replaces the contents of a file, and keeps the original file beside it.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = durable::private_draft(path)?;
    file.write_all(text)?;
    let original = path.with_extension("original.csv");
    if !original.exists() && fs::hard_link(path, &original).is_err() {
        fs::copy(path, &original)?;
    }
    durable::replace(path, file)
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
        assert_eq!((answers.held, answers.unrequested, answers.rows.num_rows()), (1, 0, 1));
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
        assert_eq!((answers.held, answers.unrequested, answers.rows.num_rows()), (4, 1, 2));
    }

    #[test]
    fn other_separators_become_commas_when_ids_get_their_spelling() {
        let text = "sep=;\nID;email;email_found\na;\"x;y\";Y\n";
        let (settled, now, _) = settled(text.as_bytes(), &["A"]);
        assert_eq!(now, "ID,email,email_found\n\"A\",\"x;y\",Y\n");
        let Settled::Answers(answers) = settled else { panic!("{settled:?}") };
        assert_eq!((answers.held, answers.rows.num_rows()), (1, 1));
    }

    #[test]
    fn an_address_in_a_later_row_completes_the_one_that_is_kept() {
        let text = "id,email,email_found\nA,,true\nA,a@x.com,true\nB,,N\n";
        let (settled, now, original) = settled(text.as_bytes(), &["A", "B"]);
        assert_eq!(now, "id,email,email_found\n\"A\",a@x.com,true\n\"B\",,N\n");
        assert_eq!(original.as_deref(), Some(text.as_bytes()));
        assert!(matches!(settled, Settled::Answers(_)));
    }

    fn settled_records(text: &str, assigned: Assignment) -> (Settled, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.csv");
        fs::write(&path, text).unwrap();
        let asked = ["r-1".to_owned(), "r-2".to_owned()];
        let assign = |_: &RecordBatch| assigned.clone();
        let settled = settle_records(&path, "run.csv", BatchKind::Email, &asked, &assign).unwrap();
        (settled, fs::read_to_string(&path).unwrap())
    }

    #[test]
    fn a_result_without_ids_gets_those_of_the_records() {
        let assigned = Assignment { asked: vec![Some(1), None, Some(0)], by_id: false };
        let text = "first_name,email,email_found\nBob,b,true\nZoe,,false\n\"A\"\"a\",,false\n";
        let (settled, now) = settled_records(text, assigned.clone());
        let header = "id,\"first_name\",\"email\",\"email_found\"\n";
        let rows = "\"r-2\",Bob,b,true\n\"r-1\",\"A\"\"a\",,false\n";
        assert_eq!(now, format!("{header}{rows}"));
        let Settled::Answers(answers) = settled else { panic!("{settled:?}") };
        assert_eq!((answers.held, answers.unrequested, answers.rows.num_rows()), (3, 1, 2));
        // The API's own ids are kept in a column of their own.
        let text = "ID,email,email_found\nP7,b,true\nP8,,false\nP9,,false\n";
        let (settled, now) = settled_records(text, assigned);
        assert_eq!(
            now,
            "id,\"api_id\",\"email\",\"email_found\"\n\"r-2\",P7,b,true\n\"r-1\",P9,,false\n"
        );
        let Settled::Answers(answers) = settled else { panic!("{settled:?}") };
        assert_eq!(answers.own_ids, [("P7".to_owned(), 1), ("P9".to_owned(), 0)].into());
    }

    #[test]
    fn a_result_of_which_nothing_can_be_told_stays_as_it_came() {
        let text = "first_name,email,email_found\nBob,b,true\n";
        let (settled, now) = settled_records(text, Assignment { asked: vec![None], by_id: false });
        assert_eq!(now, text);
        let Settled::Unidentified(ids) = settled else { panic!("{settled:?}") };
        assert!(!ids.to_string().contains("Bob"), "the ledger keeps it: {ids}");
    }

    #[test]
    fn rows_of_nobody_who_is_wanted_go_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.csv");
        let kept = |text: &str, wanted: &[&str]| {
            fs::write(&path, text).unwrap();
            let wanted: Vec<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
            keep_rows_of(&path, "run.csv", BatchKind::Email, &wanted).unwrap();
            assert!(!folder.path().join("run.original.csv").exists());
            fs::read_to_string(&path).unwrap()
        };
        let text = "email,id,email_found\nx,A,true\ny,b,true\n";
        assert_eq!(kept(text, &["a", "c"]), "email,id,email_found\nx,\"A\",true\n");
        assert_eq!(kept(text, &["a", "B"]), text);
        assert_eq!(kept(text, &[]), "email,id,email_found\n");
        assert_eq!(kept("email\nx\n", &[]), "id,\"email\"\n");
    }

    #[test]
    fn what_may_be_another_batch_stays_as_it_came() {
        let text = "id,email,email_found\nx,e,true\n";
        let (settled, now, original) = settled(text.as_bytes(), &["a"]);
        assert_eq!((now.as_str(), original), (text, None));
        assert!(matches!(settled, Settled::Unidentified(_)));
    }
}
