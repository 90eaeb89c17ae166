//! Joins the rows of one id: a result may give the address in one row and the number in another.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use super::{
    columns,
    found::ANSWERS,
    rows::{Rows, Span, Step},
    table,
};

/// A cell as it is written, and its text; `None` is null.
#[derive(Debug, Clone)]
struct Cell<'a> {
    written: &'a str,
    text: Option<Cow<'a, str>>,
}

impl Cell<'_> {
    const NULL: Self = Cell { written: "", text: None };

    fn is_there(&self) -> bool {
        self.text.as_deref().is_some_and(table::is_there)
    }
}

/// Completes the row that is kept of each id, if the id has several: what it lacks is taken from
/// the others. Values that it has stay. `asked` is the place of each row, and `best` the row that
/// is kept of each place. Returns `None` if nothing changes.
pub fn joined(text: &str, asked: &[Option<usize>], best: &HashMap<usize, usize>) -> Option<String> {
    let mut of_place: HashMap<usize, Vec<usize>> = HashMap::new();
    for (row, place) in asked.iter().enumerate() {
        if let Some(place) = place {
            of_place.entry(*place).or_default().push(row);
        }
    }
    of_place.retain(|_, rows| rows.len() > 1);
    let wanted: HashSet<usize> = of_place.values().flatten().copied().collect();
    if wanted.is_empty() {
        return None;
    }
    let (columns, rows) = read(text, &wanted);
    let mut new: HashMap<usize, String> = HashMap::new();
    for (place, mut of_id) in of_place {
        let Some(kept) = best.get(&place) else { continue };
        of_id.sort_by_key(|row| (row != kept, *row));
        let of_id: Vec<&Vec<Cell<'_>>> = of_id.iter().filter_map(|row| rows.get(row)).collect();
        let Some(own) = of_id.first() else { continue };
        let whole = complete(&columns, &of_id);
        if whole.iter().zip(own.iter()).any(|(new, old)| new.written != old.written) {
            let cells: Vec<&str> = whole.iter().map(|cell| cell.written).collect();
            new.insert(*kept, cells.join(","));
        }
    }
    if new.is_empty() { None } else { Some(replaced(text, &new)) }
}

/// The names of the columns, and the cells of some rows.
fn read<'a>(
    text: &'a str,
    wanted: &HashSet<usize>,
) -> (Vec<Option<&'static str>>, HashMap<usize, Vec<Cell<'a>>>) {
    let mut rows = Rows::new(text, true);
    let mut cells: Vec<Span> = Vec::new();
    let mut names = Vec::new();
    if let Step::Row { .. } = rows.next(&mut cells) {
        let name = |cell: &Span| cell.text(text).and_then(|name| columns::known(&name));
        names = cells.iter().map(name).collect();
    }
    let mut read = HashMap::new();
    let mut row = 0;
    while let Step::Row { .. } = rows.next(&mut cells) {
        if wanted.contains(&row) {
            let mut own: Vec<Cell<'a>> = cells
                .iter()
                .map(|cell| {
                    let (from, to) = cell.outer(text);
                    Cell { written: &text[from..to], text: cell.text(text) }
                })
                .collect();
            own.resize(names.len(), Cell::NULL);
            read.insert(row, own);
        }
        row += 1;
    }
    (names, read)
}

/// The first row, completed from the others.
fn complete<'a>(columns: &[Option<&str>], rows: &[&Vec<Cell<'a>>]) -> Vec<Cell<'a>> {
    let Some((own, others)) = rows.split_first() else { return Vec::new() };
    let mut whole: Vec<Cell<'a>> = own.to_vec();
    let place = |name: &str| columns.iter().position(|column| *column == Some(name));
    let pairs = ANSWERS.map(|[value, flag]| (place(value), place(flag)));
    for (value, flag) in pairs {
        // How good a row's part is: it is found, and its value is there.
        let worth = |row: &[Cell<'_>]| {
            let there = value.is_some_and(|at| row[at].is_there());
            let said = flag.and_then(|at| row[at].text.as_deref());
            let said = said.and_then(|text| table::flag(text).ok().flatten());
            (said.unwrap_or(there), there)
        };
        let mut best = worth(own);
        for other in others {
            let its = worth(other);
            if its > best {
                best = its;
                for at in [value, flag].into_iter().flatten() {
                    whole[at] = other[at].clone();
                }
            }
        }
        if let Some(at) = value.filter(|at| !whole[*at].is_there())
            && let Some(other) = others.iter().find(|other| other[at].is_there())
        {
            whole[at] = other[at].clone();
        }
    }
    for other in others {
        // What stands beside another address or number belongs to that one.
        let differs = pairs.iter().filter_map(|(value, _)| *value).any(|at| {
            other[at].is_there() && whole[at].is_there() && other[at].text != whole[at].text
        });
        if differs {
            continue;
        }
        let answers: HashSet<usize> =
            pairs.iter().flat_map(|(value, flag)| [*value, *flag]).flatten().collect();
        for (at, cell) in whole.iter_mut().enumerate() {
            if cell.text.is_none() && !answers.contains(&at) {
                *cell = other[at].clone();
            }
        }
    }
    whole
}

/// The text with some of its rows replaced.
fn replaced(text: &str, new: &HashMap<usize, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rows = Rows::new(text, true);
    let mut cells: Vec<Span> = Vec::new();
    // The header comes before the first row.
    let mut row: Option<usize> = None;
    while let Step::Row { start, .. } = rows.next(&mut cells) {
        match row.and_then(|row| new.get(&row)) {
            Some(line) => out.push_str(line),
            None => {
                let end = cells.last().map_or(start, |cell| cell.outer(text).1);
                out.push_str(&text[start..end]);
            }
        }
        out.push('\n');
        row = Some(row.map_or(0, |row| row + 1));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,email,email_found,phone_number,phone_found,note\n";

    /// The first row, completed from the others, which all have one id.
    fn first(rows: &[&str]) -> String {
        let text = format!("{HEADER}{}\n", rows.join("\n"));
        let asked = vec![Some(0); rows.len()];
        let new = joined(&text, &asked, &HashMap::from([(0, 0)])).unwrap_or(text);
        new.lines().nth(1).unwrap().to_owned()
    }

    #[test]
    fn an_address_and_a_number_come_together() {
        let whole = "A,a@x.com,true,+4555,true,";
        assert_eq!(first(&["A,a@x.com,true,,false,", "A,,false,+4555,true,"]), whole);
        assert_eq!(first(&["A,,false,+4555,true,", "A,a@x.com,true,,false,"]), whole);
        assert_eq!(first(&["A,a@x.com,true", "A,,,+4555,true"]), whole);
        let three = ["A,,,,,", "A,a@x.com,true,,,", "A,,,\"+4555\",true,\"n, m\""];
        assert_eq!(first(&three), "A,a@x.com,true,\"+4555\",true,\"n, m\"");
    }

    #[test]
    fn found_without_a_value_gets_the_value() {
        let row = "A,a@x.com,true,,false,";
        assert_eq!(first(&["A,,true,,false,", row]), row);
        assert_eq!(first(&[row, "A,,true,,false,"]), row);
        assert_eq!(first(&["A,NULL,false,,false,", row]), row);
    }

    #[test]
    fn of_two_values_the_kept_one_stays_with_what_belongs_to_it() {
        let row = "A,a@x.com,true,,false,";
        assert_eq!(first(&[row, "A,b@x.com,true,,false,checked"]), row);
        let both = first(&[row, "A,b@x.com,true,+4555,true,checked"]);
        assert_eq!(both, "A,a@x.com,true,+4555,true,");
    }

    #[test]
    fn other_rows_stay_as_they_are() {
        let text = format!("{HEADER}A,,,,,\nB,\"b\",true,,,\nA,a,true,,,\n");
        let (asked, best) = ([Some(1), None, Some(1)], HashMap::from([(1, 2)]));
        assert_eq!(joined(&text, &asked, &best), None);
        let best = HashMap::from([(1, 0)]);
        let new = joined(&text, &asked, &best).unwrap();
        assert_eq!(new, format!("{HEADER}A,a,true,,,\nB,\"b\",true,,,\nA,a,true,,,\n"));
    }
}
