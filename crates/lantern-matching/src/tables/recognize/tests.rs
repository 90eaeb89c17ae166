use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};

use super::*;

fn table(columns: &[(&str, &[&str])]) -> Table {
    let fields: Vec<Field> =
        columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.iter().map(|(_, values)| {
        let values: StringArray =
            values.iter().map(|value| (!value.is_empty()).then_some(*value)).collect();
        Arc::new(values) as ArrayRef
    });
    let batch = RecordBatch::try_new(schema.clone(), arrays.collect()).unwrap();
    Table::new(schema, vec![batch], "left").unwrap()
}

fn of(name: &str, values: &[&str]) -> (Kind, bool) {
    let column = table(&[(name, values)]).recognized().remove(0);
    (column.kind, column.used == Use::Compared)
}

const PEOPLE: [&str; 4] = ["Anna Schmidt", "Mehmet Yılmaz", "Robert Smith", "Carlos García"];
const COMPANIES: [&str; 4] = ["Acme Inc", "Globex GmbH", "Initech Systems", "Stark Industries Ltd"];
const STREETS: [&str; 4] = ["12 High Street", "Hauptstraße 5", "4 rue de Rivoli", "77 Main St"];
const ACTS: [&str; 4] = ["The Flying Lotus", "Fire and Ice", "Nice and quiet", "The Blue Mime"];
const SORTS: [&str; 4] = ["home", "work", "billing", "other"];
const DAYS: [&str; 4] = ["2024-01-31", "2023-05-02", "2024-02-11", "2022-12-24"];

#[test]
fn no_word_of_a_name_decides_alone() {
    let compared = |kind| (kind, true);
    let not = |kind| (kind, false);
    for (name, values, expected) in [
        ("Site Name", &COMPANIES[..], compared(Kind::Company)),
        ("Mail Address", &["a@acme.com", "b@globex.de", "c@x.org"], compared(Kind::Email)),
        ("Mail Address", &STREETS, compared(Kind::Street)),
        ("Web Developer", &PEOPLE, compared(Kind::Person)),
        ("Web Developer", &["yes", "no", "yes", "no"], compared(Kind::Category)),
        ("Company Address", &STREETS, compared(Kind::Street)),
        ("Company Revenue", &["1200000", "350000", "99000", "12"], compared(Kind::Amount)),
        ("Company Revenue", &["$1.2M", "$350k", "$99,000", "$12"], compared(Kind::Amount)),
        ("Account Owner", &PEOPLE, not(Kind::Person)),
        ("Last Activity", &DAYS, not(Kind::Date)),
        ("First Contact", &DAYS, not(Kind::Date)),
        ("First Contact", &PEOPLE, compared(Kind::Person)),
        ("Cell Line", &["HeLa", "HEK293", "CHO-K1", "Jurkat"], compared(Kind::Text)),
        ("product name", &["Sony Turntable PSLX350H", "Bose Acoustimass 5"], compared(Kind::Text)),
        ("Street Performer", &PEOPLE, compared(Kind::Person)),
        ("Street Performer", &ACTS, compared(Kind::Text)),
        ("Address Type", &SORTS, compared(Kind::Text)),
        ("Billing Address Line", &STREETS, compared(Kind::Street)),
        ("City Tour", &ACTS, compared(Kind::Text)),
        ("Country Music", &ACTS, compared(Kind::Text)),
        ("Company Culture", &ACTS, compared(Kind::Text)),
        ("Site Map", &ACTS, compared(Kind::Text)),
        ("First Language", &["German", "French", "Turkish"], compared(Kind::Text)),
        ("Last Purchase", &SORTS, compared(Kind::Text)),
        ("Postal Service", &SORTS, compared(Kind::Text)),
        ("Birth Weight", &["3200", "2900", "3450", "4010"], compared(Kind::Amount)),
        ("Birth Order", &["1", "2", "3", "1"], compared(Kind::Code)),
        ("Birth Year", &["1980", "1990", "1975", "2001"], compared(Kind::Date)),
        ("Date Format", &["dd.mm.yyyy", "mm/dd/yyyy", "yyyy-mm-dd"], compared(Kind::Text)),
        ("company size", &["11-50", "51-200", "11-50", "1-10"], compared(Kind::Code)),
        ("Company Phone", &["+1 415 555 2671", "(212) 555-2345"], compared(Kind::Phone)),
    ] {
        assert_eq!(of(name, values), expected, "{name} {values:?}");
    }
}

#[test]
fn a_bare_name_is_of_what_the_table_is_about() {
    let kind = |columns: &[(&str, &[&str])]| table(columns).kind("name");
    assert_eq!(kind(&[("name", &COMPANIES)]), Some(Kind::Company));
    assert_eq!(kind(&[("name", &PEOPLE)]), Some(Kind::Person));
    let plain = ["Amber Ridge", "Blue Harbor", "Cedar Point", "Iron Gate"];
    assert_eq!(
        kind(&[("name", &plain), ("website", &["amber.com", "blue.com", "cedar.com", "iron.com"])]),
        Some(Kind::Company)
    );
    assert_eq!(kind(&[("name", &plain), ("dob", &DAYS)]), Some(Kind::Person));
    assert_eq!(kind(&[("name", &plain), ("price", &["1", "2", "3", "4"])]), Some(Kind::Text));
}

#[test]
fn exports_of_other_countries_are_recognized() {
    for (name, values, expected) in [
        ("Vorname", &["Anna", "Jürgen", "Lukas"][..], Kind::FirstName),
        ("Nachname", &["Schmidt", "Müller", "Weiß"], Kind::LastName),
        ("Firma", &["Müller GmbH", "Weber", "Koch & Söhne"], Kind::Company),
        ("PLZ", &["10115", "80331", "01067"], Kind::Postal),
        ("Ort", &["Berlin", "München", "Dresden"], Kind::City),
        ("Straße", &["Hauptstr. 5", "Am Markt 1", "Ringweg 3"], Kind::Street),
        ("Telefonnummer", &["030 901820", "089 63648018"], Kind::Phone),
        ("Geburtsdatum", &["31.01.1990", "24.12.1985"], Kind::Date),
        ("Umsatz", &["1.200.000", "350.000"], Kind::Amount),
        ("prénom", &["Camille", "Luc", "Zoé"], Kind::FirstName),
        ("nom de famille", &["Dubois", "Leroy", "Petit"], Kind::LastName),
        ("raison sociale", &["Boulangerie Petit", "Dupont"], Kind::Company),
        ("ville", &["Paris", "Lyon", "Nice"], Kind::City),
        ("apellidos", &["García López", "Ruiz Díaz"], Kind::LastName),
        ("soyadı", &["Yılmaz", "Kaya", "Demir"], Kind::LastName),
        ("şehir", &["İstanbul", "Ankara"], Kind::City),
        ("会社名", &["株式会社トヨタ", "ソニー株式会社"], Kind::Company),
        ("전화번호", &["02-312-3456", "010-1234-5678"], Kind::Phone),
        ("会社名", &["青山商事", "旭電機", "桜建設"], Kind::Company),
        ("従業員数", &["120", "15", "3000"], Kind::Amount),
        ("Chiffre d'affaires", &["120000", "1500", "3000"], Kind::Amount),
        ("Nombre d'employés", &["120", "15", "3000"], Kind::Amount),
        ("Nombre", &["Ana", "Luis", "Carmen", "José"], Kind::FirstName),
        ("ville de livraison", &["Paris", "Lyon", "Nice"], Kind::City),
    ] {
        assert_eq!(of(name, values), (expected, true), "{name}");
    }
}

#[test]
fn crm_exports_are_recognized() {
    for (name, values, expected) in [
        ("BillingStreet", &STREETS[..], (Kind::Street, true)),
        ("BillingPostalCode", &["02138", "10115"], (Kind::Postal, true)),
        ("NumberOfEmployees", &["120", "15", "3000"], (Kind::Amount, true)),
        ("numberofemployees", &["120", "15", "3000"], (Kind::Amount, true)),
        ("AnnualRevenue", &["120000", "1500000", "3000"], (Kind::Amount, true)),
        ("emailaddress1", &["a@acme.com", "b@acme.com"], (Kind::Email, true)),
        ("websiteurl", &["http://acme.com", "globex.de"], (Kind::Domain, true)),
        ("OwnerId", &["0055g00000AbCdE", "0055g00000AbCdF", "0055g00000AbCdE"], (Kind::Code, true)),
        ("Id", &["0015g00000AbCdE", "0015g00000AbCdF", "0015g00000AbCdG"], (Kind::Code, false)),
        ("LastModifiedDate", &DAYS, (Kind::Date, false)),
        ("createdon", &DAYS, (Kind::Date, false)),
        ("Contact owner", &PEOPLE, (Kind::Person, false)),
    ] {
        assert_eq!(of(name, values), expected, "{name}");
    }
}

#[test]
fn a_column_without_values_is_empty() {
    let columns = table(&[("email", &["", "N/A", "-"])]).recognized();
    assert_eq!(columns[0].used, Use::Empty);
    assert!((columns[0].sample.nulls - 1.0).abs() < 1e-9);
}

#[test]
fn a_few_values_that_come_again_are_a_category() {
    let venues = ["VLDB", "Database Systems", "International Conference on Data", "SIGMOD Record"];
    let many: Vec<&str> = (0..200).map(|row| venues[row % 4]).collect();
    assert_eq!(of("venue", &many), (Kind::Category, true));
    assert_eq!(of("company", &many), (Kind::Company, true));
}

#[test]
fn names_of_people_are_told_from_companies_by_what_they_share() {
    const GIVEN: [&str; 6] = ["محمد", "فاطمة", "Chukwuemeka", "Ngozi", "Сергей", "Ольга"];
    const FAMILY: [&str; 7] =
        ["المصري", "الخطيب", "Okafor", "Adeyemi", "Иванов", "Петрова", "Nwosu"];
    let hosts: Vec<String> = (0..42).map(|at| format!("host{at}.com")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let kind = |names: &[String]| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        table(&[("Name", &names[..]), ("Domain", &hosts[..])]).recognized().remove(0).kind
    };
    let people: Vec<String> =
        (0..42).map(|at| format!("{} {}", GIVEN[at % 6], FAMILY[at % 7])).collect();
    assert_eq!(kind(&people), Kind::Person);
    // Brands and trades: each company begins in its own way, or says what it is.
    let brands: Vec<String> =
        (0..42).map(|at| format!("Brand{} Ridge", char::from(b'A' + at))).collect();
    assert_eq!(kind(&brands), Kind::Company);
    let companies: Vec<String> =
        (0..42).map(|at| format!("شركة {} {}", FAMILY[at % 7], GIVEN[at % 6])).collect();
    assert_eq!(kind(&companies), Kind::Company);
}
