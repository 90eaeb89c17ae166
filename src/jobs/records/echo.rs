//! Assigns the rows of a result to the records that were sent: by the id that the API echoes, or
//! else by the fields that it echoes, whatever their order and spelling.
//!
//! Nothing is guessed: a row that fits two records equally well is assigned to neither.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};

use super::{StoredRecords, identity::Person, record_id};
use crate::{
    ledger::memory::HashKey,
    results::{Assignment, identify},
};

/// Assigns the rows of results to records.
#[derive(Debug, Clone)]
pub struct RowAssigner {
    pub key: HashKey,
    /// What was sent, if it is known on this machine.
    pub kept: Option<Arc<StoredRecords>>,
}

/// A form by which a row or a record is identified.
type Form = fn(&Person) -> Option<String>;

/// From the most certain one on. A name alone is sufficient if nobody else in the batch has it.
const FORMS: [Form; 5] = [
    |person| person.forms()[0].clone(),
    |person| person.forms()[1].clone(),
    |person| person.forms()[2].clone(),
    |person| person.forms()[3].clone(),
    Person::name,
];

impl RowAssigner {
    /// For each row, its position among the ids of a batch.
    pub fn assign(&self, asked: &[String], rows: &RecordBatch) -> Assignment {
        let mut assigned = by_id(asked, rows);
        let by_id = assigned.iter().any(Option::is_some);
        if assigned.iter().any(Option::is_none) {
            let people = people(rows);
            self.by_identity(asked, &people, &mut assigned);
            if let Some(kept) = &self.kept {
                by_fields(kept, asked, &people, &mut assigned);
            }
            by_place(asked, &mut assigned);
        }
        Assignment { asked: assigned, by_id }
    }

    /// Assigns rows that spell a person exactly as the record did, which the hash shows without
    /// knowing the record.
    fn by_identity(&self, asked: &[String], people: &[Person], assigned: &mut [Option<usize>]) {
        let places: HashMap<&str, usize> =
            asked.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let place = |identity: &String| places.get(record_id(&self.key, identity).as_str());
        for (person, assigned) in
            people.iter().zip(assigned.iter_mut()).filter(|(_, assigned)| assigned.is_none())
        {
            let mut found: Vec<usize> =
                person.forms().iter().flatten().filter_map(place).copied().collect();
            found.dedup();
            // The more certain form decides, unless a less certain one belongs to another record.
            if let [only] = found[..] {
                *assigned = Some(only);
            }
        }
    }
}

/// Assigns rows by the ids that were sent.
fn by_id(asked: &[String], rows: &RecordBatch) -> Vec<Option<usize>> {
    let column = rows.column_by_name("id").and_then(|column| column.as_string_opt::<i32>());
    let Some(column) = column else { return vec![None; rows.num_rows()] };
    let places: HashMap<&str, usize> =
        asked.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let exact = |id: Option<&str>| places.get(id?).copied();
    let mut assigned: Vec<Option<usize>> = column.iter().map(exact).collect();
    if assigned.iter().all(Option::is_some) {
        return assigned;
    }
    // Ids that came back in another spelling, if all of them can be assigned.
    let (open, ids): (Vec<usize>, Vec<&str>) =
        column.iter().enumerate().filter_map(|(row, id)| Some((row, id?))).unzip();
    if let Ok(identified) = identify(asked, &ids) {
        for (row, asked) in open.into_iter().zip(identified.asked) {
            assigned[row] = asked;
        }
    }
    assigned
}

/// The people in a result's rows.
fn people(rows: &RecordBatch) -> Vec<Person> {
    let columns: Vec<(String, &StringArray)> = rows
        .schema_ref()
        .fields()
        .iter()
        .zip(rows.columns())
        .filter_map(|(field, column)| {
            let name = field.name().to_lowercase().replace([' ', '-'], "_");
            Some((name, column.as_string_opt::<i32>()?))
        })
        .collect();
    (0..rows.num_rows())
        .map(|row| {
            Person::read(|name| {
                let (_, values) = columns.iter().find(|(own, _)| own == name)?;
                (!values.is_null(row)).then(|| values.value(row))
            })
        })
        .collect()
}

/// Assigns rows by the fields that were sent, from the most certain form on.
fn by_fields(
    kept: &StoredRecords,
    asked: &[String],
    people: &[Person],
    assigned: &mut [Option<usize>],
) {
    let sent: Vec<Option<Person>> = asked.iter().map(|id| kept.person(id)).collect();
    for form in FORMS {
        if assigned.iter().all(Option::is_some) {
            return;
        }
        let mut records: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, person) in sent.iter().enumerate() {
            if let Some(form) = person.as_ref().and_then(form) {
                records.entry(form).or_default().push(at);
            }
        }
        let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
        for (row, person) in people.iter().enumerate() {
            if let Some(form) = form(person) {
                rows.entry(form).or_default().push(row);
            }
        }
        let answered: HashSet<usize> = assigned.iter().flatten().copied().collect();
        for (form, rows) in rows {
            let Some(records) = records.get(&form) else { continue };
            let open = || rows.iter().copied().filter(|row| assigned[*row].is_none());
            let own = match records[..] {
                [only] => Some(only),
                // There are as many rows as records, and all but one of each are assigned.
                _ if records.len() == rows.len() && open().count() == 1 => {
                    let mut left = records.iter().copied().filter(|at| !answered.contains(at));
                    left.next().filter(|_| left.next().is_none())
                }
                _ => None,
            };
            let open: Vec<usize> = open().collect();
            if own.is_some() {
                open.into_iter().for_each(|row| assigned[row] = own);
            }
        }
    }
}

/// Assigns rows by their position, if the other rows show that the API kept the order.
fn by_place(asked: &[String], assigned: &mut [Option<usize>]) {
    let open = assigned.iter().filter(|assigned| assigned.is_none()).count();
    let kept_order = assigned.iter().enumerate().all(|(row, at)| at.is_none_or(|at| at == row));
    if assigned.len() == asked.len() && kept_order && open > 0 && open * 2 < assigned.len() {
        assigned.iter_mut().enumerate().for_each(|(row, assigned)| *assigned = Some(row));
    }
}

#[cfg(test)]
mod tests {
    use arrow::{array::ArrayRef, datatypes::DataType};

    use super::*;
    use crate::{
        api::agents::BatchKind,
        jobs::records::{FieldColumn, Records},
        results::parse_result,
    };

    /// Sends names, companies and profiles, and assigns the rows of a result to them.
    fn assigned(sent: &[[&str; 4]], csv: &str, with_kept: bool) -> Vec<Option<usize>> {
        let column = |at: usize, field: &str| {
            let values: StringArray =
                sent.iter().map(|row| Some(row[at]).filter(|text| !text.is_empty())).collect();
            FieldColumn {
                field: field.to_owned(),
                column: field.to_owned(),
                data_type: DataType::Utf8,
                chunks: vec![Arc::new(values) as ArrayRef],
            }
        };
        let fields = ["first_name", "last_name", "company_name", "linkedin"];
        let records =
            Records::read(fields.iter().enumerate().map(|(at, field)| column(at, field)).collect())
                .unwrap();
        let key = HashKey("key".to_owned());
        let (ids, kept) = records.identify(&key, BatchKind::Email).unwrap();
        assert_eq!(ids.unique.len(), sent.len());
        let csv = ids
            .unique
            .iter()
            .enumerate()
            .fold(csv.to_owned(), |csv, (at, id)| csv.replace(&format!("<{at}>"), id));
        let rows = parse_result(csv.as_bytes(), "x.csv", Some(BatchKind::Email)).unwrap();
        let kept = with_kept.then(|| Arc::new(kept));
        RowAssigner { key, kept }.assign(&ids.unique, &rows).asked
    }

    const TWO: [[&str; 4]; 2] = [["Ada", "Byron", "Acme", ""], ["Bob", "Noone", "Zeta", "bob-n1"]];

    #[test]
    fn an_echoed_id_tells_in_any_order() {
        let csv = "id,email,email_found\n<1>,b@zeta.com,true\n<0>,,false\n";
        assert_eq!(assigned(&TWO, csv, false), [Some(1), Some(0)]);
        let upper = csv.replace("<1>", " <1>");
        assert_eq!(assigned(&TWO, &upper, false), [Some(1), Some(0)]);
    }

    #[test]
    fn echoed_fields_tell_in_another_spelling_without_what_was_sent() {
        let csv = "id,first_name,last_name,company_name,linkedin,email,email_found\n\
                   P7,BOB,noone,,https://www.linkedin.com/in/Bob-N1,b@zeta.com,true\n\
                   P9,Àda,BYRON,ACME Inc.,,,false\n";
        assert_eq!(assigned(&TWO, csv, false), [Some(1), Some(0)]);
    }

    #[test]
    fn what_was_sent_tells_where_the_api_echoes_less() {
        // The profile that identified Bob is not echoed.
        let csv = "id,first_name,last_name,company_name,email,email_found\n\
                   ,Bob,Noone,Zeta,b@zeta.com,true\n,Ada,Byron,Renamed,,false\n";
        assert_eq!(assigned(&TWO, csv, true), [Some(1), Some(0)]);
        assert_eq!(assigned(&TWO, csv, false), [None, None]);
    }

    #[test]
    fn two_of_one_name_are_not_guessed() {
        let twins = [["Ada", "Byron", "Acme", "ada-1"], ["Ada", "Byron", "Acme", "ada-2"], TWO[1]];
        let header = "id,first_name,last_name,company_name,linkedin,email,email_found\n";
        let one = format!("{header},Ada,Byron,Acme,,x@acme.com,true\n,Bob,Noone,Zeta,,,false\n");
        assert_eq!(assigned(&twins, &one, true), [None, Some(2)]);
        let both =
            format!("{header},Ada,Byron,Acme,,x@acme.com,true\n,Ada,Byron,Acme,ada-1,,false\n");
        assert_eq!(assigned(&twins, &both, true), [Some(1), Some(0)]);
    }

    #[test]
    fn the_order_tells_only_where_most_rows_keep_it() {
        let header = "id,first_name,last_name,company_name,email,email_found\n";
        let twins = [["Ada", "Byron", "Acme", "ada-1"], ["Ada", "Byron", "Acme", "ada-2"]];
        let rows = format!("{header},Ada,Byron,Acme,,false\n,Ada,Byron,Acme,,false\n");
        assert_eq!(assigned(&twins, &rows, true), [None, None]);
        let more = [twins[0], twins[1], TWO[1], ["Eve", "Li", "Om", ""], ["Kim", "Po", "Ra", ""]];
        let others = ",Bob,Noone,Zeta,,false\n,Eve,Li,Om,,false\n,Kim,Po,Ra,,false\n";
        let all: Vec<_> = (0..5).map(Some).collect();
        assert_eq!(assigned(&more, &format!("{rows}{others}"), true), all);
    }

    #[test]
    fn rows_of_nobody_and_rows_that_come_twice_are_seen() {
        let csv = "id,first_name,last_name,company_name,email,email_found\n\
                   ,Ada,Byron,Acme,,false\n,Ada,Byron,Acme,a@acme.com,true\n\
                   ,Zoe,Nobody,Elsewhere,z@e.com,true\n";
        assert_eq!(assigned(&TWO, csv, true), [Some(0), Some(0), None]);
    }
}
