//! Assigns the rows of a result to the records that were sent: by the id that the API echoes, or
//! else by the fields that it echoes, whatever their order and spelling.
//!
//! Nothing is guessed: a row that fits two records equally well is assigned to neither.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};

use super::{StoredRecords, identity::Person, is_record_id, record_id};
use crate::{
    ledger::memory::HashKey,
    results::{Assignment, identify_each},
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
const FORMS: [Form; 6] = [
    |person| person.forms()[0].clone(),
    |person| person.forms()[1].clone(),
    |person| person.forms()[2].clone(),
    |person| person.forms()[3].clone(),
    Person::name,
    Person::full_name,
];

impl RowAssigner {
    /// For each row, its position among the ids of a batch.
    pub fn assign(&self, asked: &[String], rows: &RecordBatch) -> Assignment {
        let mut assigned = by_id(asked, rows);
        let by_id = assigned.iter().any(Option::is_some);
        if !by_id {
            by_other_id(asked, rows, &mut assigned);
        }
        if assigned.iter().any(Option::is_none) {
            let people = people(rows);
            self.by_identity(asked, &people, &mut assigned);
            if let Some(kept) = &self.kept {
                by_fields(kept, asked, &people, &mut assigned);
                by_address(kept, asked, &people, &mut assigned);
            }
            by_place(asked, &mut assigned);
            if let Some(kept) = &self.kept {
                by_elimination(kept, asked, &people, &mut assigned);
            }
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

/// Assigns rows by the ids that were sent, in whichever spelling they came back.
fn by_id(asked: &[String], rows: &RecordBatch) -> Vec<Option<usize>> {
    let column = rows.column_by_name("id").and_then(|column| column.as_string_opt::<i32>());
    let mut assigned = vec![None; rows.num_rows()];
    let (own, ids): (Vec<usize>, Vec<&str>) =
        column.into_iter().flatten().enumerate().filter_map(|(row, id)| Some((row, id?))).unzip();
    for (row, asked) in own.into_iter().zip(identify_each(asked, &ids)) {
        assigned[row] = asked;
    }
    assigned
}

/// Assigns rows by an id that stands in another column than `id`. The ids of this ledger are proof
/// wherever they stand; those of the caller, which may be numbers, only as `record_id`.
fn by_other_id(asked: &[String], rows: &RecordBatch, assigned: &mut [Option<usize>]) {
    let places: HashMap<&str, usize> = asked
        .iter()
        .enumerate()
        .map(|(at, id)| (id.as_str(), at))
        .filter(|(id, _)| is_record_id(id))
        .collect();
    for (field, column) in rows.schema_ref().fields().iter().zip(rows.columns()) {
        let Some(column) = column.as_string_opt::<i32>().filter(|_| field.name() != "id") else {
            continue;
        };
        if squashed(field.name()) == "recordid" {
            let (own, ids): (Vec<usize>, Vec<&str>) =
                column.iter().enumerate().filter_map(|(row, id)| Some((row, id?))).unzip();
            for (row, asked) in own.into_iter().zip(identify_each(asked, &ids)) {
                assigned[row] = assigned[row].or(asked);
            }
            continue;
        }
        for (assigned, id) in assigned.iter_mut().zip(column) {
            *assigned = assigned.or_else(|| places.get(id?.trim()).copied());
        }
    }
}

/// A name without case and separators: `firstName`, `First Name` and `first_name` are the same.
fn squashed(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The people in a result's rows.
fn people(rows: &RecordBatch) -> Vec<Person> {
    let columns: Vec<(String, &StringArray)> = rows
        .schema_ref()
        .fields()
        .iter()
        .zip(rows.columns())
        .filter_map(|(field, column)| {
            Some((squashed(field.name()), column.as_string_opt::<i32>()?))
        })
        .collect();
    (0..rows.num_rows())
        .map(|row| {
            Person::read(|name| {
                let name = squashed(name);
                // A documented column that the file lacks is there without values.
                let mut own = columns.iter().filter(|(own, _)| *own == name);
                own.find_map(|(_, values)| (!values.is_null(row)).then(|| values.value(row)))
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

/// Assigns rows with names to records that consist of an e-mail address, if the address spells the
/// name of one row, and of no other: with both names, or with one of them and an initial at the domain
/// of the company.
fn by_address(
    kept: &StoredRecords,
    asked: &[String],
    people: &[Person],
    assigned: &mut [Option<usize>],
) {
    let answered: HashSet<usize> = assigned.iter().flatten().copied().collect();
    let mut records: HashMap<String, Vec<(usize, Person)>> = HashMap::new();
    for (at, id) in asked.iter().enumerate().filter(|(at, _)| !answered.contains(at)) {
        let person = kept.person(id).filter(|person| !person.is_named());
        if let Some(person) = person
            && let Some(mailbox) = person.mailbox()
        {
            records.entry(mailbox).or_default().push((at, person));
        }
    }
    if records.is_empty() {
        return;
    }
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for (row, person) in people.iter().enumerate().filter(|(row, _)| assigned[*row].is_none()) {
        let Some((full, short)) = person.mailboxes() else { continue };
        let full = full.iter().map(|mailbox| (mailbox, true));
        let mut own: Vec<usize> = full
            .chain(short.iter().map(|mailbox| (mailbox, false)))
            .flat_map(|(mailbox, in_full)| {
                let own = records.get(mailbox).into_iter().flatten();
                own.filter(move |(_, record)| person.works_at(record).unwrap_or(in_full))
            })
            .map(|(at, _)| *at)
            .collect();
        own.sort_unstable();
        own.dedup();
        found.push((row, own));
    }
    let mut claims: HashMap<usize, usize> = HashMap::new();
    for at in found.iter().flat_map(|(_, own)| own) {
        *claims.entry(*at).or_default() += 1;
    }
    for (row, own) in found {
        if let [only] = own[..]
            && claims.get(&only) == Some(&1)
        {
            assigned[row] = Some(only);
        }
    }
}

/// Assigns the last row to the last record, if there are as many rows as records and each of the
/// others has its own.
fn by_elimination(
    kept: &StoredRecords,
    asked: &[String],
    people: &[Person],
    assigned: &mut [Option<usize>],
) {
    let answered: HashSet<usize> = assigned.iter().flatten().copied().collect();
    let open: Vec<usize> = (0..assigned.len()).filter(|row| assigned[*row].is_none()).collect();
    let left: Vec<usize> = (0..asked.len()).filter(|at| !answered.contains(at)).collect();
    if let ([row], [at]) = (&open[..], &left[..])
        && assigned.len() == asked.len()
        && kept.person(&asked[*at]).is_some_and(|sent| !sent.contradicts(&people[*row]))
    {
        assigned[*row] = Some(*at);
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
        let fields = ["first_name", "last_name", "company_name", "linkedin"];
        assigned_by(&fields, sent, csv, with_kept)
    }

    fn assigned_by<const N: usize>(
        fields: &[&str; N],
        sent: &[[&str; N]],
        csv: &str,
        with_kept: bool,
    ) -> Vec<Option<usize>> {
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
        let records =
            Records::read(fields.iter().enumerate().map(|(at, field)| column(at, field)).collect())
                .unwrap();
        let key = HashKey("key".to_owned());
        let (ids, kept) = records.identify(&key, BatchKind::Phone).unwrap();
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

    const ONLY_EMAIL: [[&str; 1]; 3] =
        [["ada.byron@acme.com"], ["b.noone@zeta.com"], ["info7@gmail.com"]];

    #[test]
    fn an_address_tells_whose_name_it_spells() {
        let header = "id,first_name,last_name,company_url,email,email_found\n";
        let rows = [",Ada,Byron,acme.com,,", ",Bob,Noone,zeta.com,,", ",Eve,Li,om.com,,"];
        let told = |rows: &[&str]| {
            let csv = format!("{header}{}\n", rows.join("\n"));
            assigned_by(&["email"], &ONLY_EMAIL, &csv, true)
        };
        // The last row is left for the last record.
        assert_eq!(told(&[rows[1], rows[2], rows[0]]), [Some(1), Some(2), Some(0)]);
        assert_eq!(told(&[rows[1], rows[0]]), [Some(1), Some(0)]);
        // An initial says nothing without the domain, and nothing is said by a name at another one.
        assert_eq!(told(&[",Bob,Noone,,,", ",Ada,Byron,om.com,,"]), [None, None]);
        assert_eq!(told(&[",Ada,Byron,,,"]), [Some(0)]);
        // Two rows fit one address.
        assert_eq!(told(&[rows[0], rows[0]]), [None, None]);
        let twins = [["ada.byron@acme.com"], ["byron-ada@acme.com"]];
        let csv = format!("{header}{}\n", rows[0]);
        assert_eq!(assigned_by(&["email"], &twins, &csv, true), [None]);
    }

    #[test]
    fn one_record_has_the_one_row_unless_it_is_of_somebody_else() {
        let header = "id,first_name,last_name,email,email_found\n";
        let one = |sent, row| assigned_by(&["email"], &[[sent]], &format!("{header}{row}\n"), true);
        assert_eq!(one("info7@gmail.com", ",Eve,Li,,"), [Some(0)]);
        assert_eq!(one("info7@gmail.com", ",,,x@y.de,true"), [Some(0)]);
        let other = format!("{header},Zoe,Nobody,,\n");
        assert_eq!(assigned(&TWO[..1], &other, true), [None]);
    }

    #[test]
    fn an_id_in_another_column_tells() {
        let other = "id,record_id,email,email_found\nP7,<1>,b@zeta.com,true\nP8,<0>,,false\n";
        assert_eq!(assigned(&TWO, other, false), [Some(1), Some(0)]);
        let anywhere = "id,reference,email,email_found\n,<1>,b@zeta.com,true\n,<0>,,false\n";
        assert_eq!(assigned(&TWO, anywhere, false), [Some(1), Some(0)]);
    }

    #[test]
    fn names_tell_under_other_names_of_columns() {
        let camel = "id,lastName,firstName,companyName,email,email_found\n\
                     ,Noone,Bob,Zeta,b@zeta.com,true\n,Byron,Ada,Acme,,false\n";
        assert_eq!(assigned(&TWO, camel, true), [Some(1), Some(0)]);
        let full =
            "id,Full Name,email,email_found\n,bob NOONE,b@zeta.com,true\n,Ada Byron,,false\n";
        assert_eq!(assigned(&TWO, full, true), [Some(1), Some(0)]);
        let twins = [TWO[0], ["Ada", "Byron", "Zeta", ""]];
        assert_eq!(assigned(&twins, full, true), [None, None]);
    }

    #[test]
    fn an_id_that_cannot_be_told_says_nothing_about_the_others() {
        let csv = "id,email,email_found\n<1>,b@zeta.com,true\nr-0,,false\n";
        assert_eq!(assigned(&TWO, &csv.replace("<1>", " <1> "), true), [Some(1), Some(0)]);
        let more = [TWO[0], TWO[1], ["Eve", "Li", "Om", ""]];
        assert_eq!(assigned(&more, &csv.replace("<1>", " <1> "), true), [Some(1), None]);
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
