//! Result files become tables, and no damage to a file goes unnoticed.

use std::{fs, path::PathBuf, sync::Arc};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    csv::ReaderBuilder,
    datatypes::{DataType, Field, Float64Type, Int64Type, Schema},
};
use lantern::{
    api::agents::BatchKind,
    error::ErrorKind,
    results::{ResultFile, parse_result, read_files, read_results},
};
use proptest::prelude::*;

const PHONE: &str =
    "id,first_name,last_name,company_name,company_url,linkedin,phone_number,phone_found\n";

fn parse(text: &str) -> RecordBatch {
    parse_result(text.as_bytes(), "x.csv", None).unwrap()
}

fn error(bytes: impl AsRef<[u8]>) -> (String, Option<u64>) {
    match parse_result(bytes.as_ref(), "x.csv", None) {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Results);
            assert_eq!(error.facts().file.as_deref(), Some("x.csv"));
            let (message, line) = (error.to_string(), error.facts().line);
            assert!(message.contains("x.csv"), "{message}");
            if let Some(line) = line {
                assert!(message.contains(&format!("line {line}")), "{message}");
            }
            (message, line)
        }
        Ok(table) => panic!("no error: {table:?}"),
    }
}

fn texts(table: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let values = table.column_by_name(column).unwrap().as_string::<i32>();
    values.iter().map(|value| value.map(str::to_owned)).collect()
}

fn flags(table: &RecordBatch, column: &str) -> Vec<Option<bool>> {
    table.column_by_name(column).unwrap().as_boolean().iter().collect()
}

fn names(table: &RecordBatch) -> Vec<String> {
    table.schema().fields().iter().map(|field| field.name().clone()).collect()
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

/// Files in a folder that is deleted after the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[&str]) -> (Self, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = files
            .iter()
            .enumerate()
            .map(|(number, text)| {
                let path = folder.path().join(format!("{number}.csv"));
                fs::write(&path, text).unwrap();
                path
            })
            .collect();
        (Self(folder), paths)
    }
}

#[test]
fn columns_are_found_by_name_and_have_their_types() {
    let table = parse(
        "phone_found,id,Extra,linkedin,phone_number,First Name,last_name,company_name,company_url\n\
         true,007,x,,+4915112345678,Ada,Byron,\"Acme, Inc.\",acme.com\n\
         False,008,,in/b,,Bo,,,\n\
         ,009,,,,,,,\n\
         1,010,,,,,,,\n\
         0,011,,,,,,,\n",
    );
    assert_eq!(
        names(&table),
        [
            "id",
            "first_name",
            "last_name",
            "company_name",
            "company_url",
            "linkedin",
            "phone_number",
            "phone_found",
            "Extra"
        ]
    );
    assert_eq!(texts(&table, "id"), some(&["007", "008", "009", "010", "011"]));
    assert_eq!(texts(&table, "company_name")[0].as_deref(), Some("Acme, Inc."));
    assert_eq!(texts(&table, "phone_number")[..2], [Some("+4915112345678".to_owned()), None]);
    assert_eq!(
        flags(&table, "phone_found"),
        [Some(true), Some(false), None, Some(true), Some(false)]
    );
    assert_eq!(texts(&table, "Extra")[0].as_deref(), Some("x"));
    assert_eq!(table.column_by_name("id").unwrap().null_count(), 0);
}

#[test]
fn null_and_empty_are_different() {
    let table = parse("id,email,email_found\n1,,\n2,\"\",\"\"\n");
    assert_eq!(texts(&table, "email"), [None, Some(String::new())]);
    assert_eq!(flags(&table, "email_found"), [None, None]);
}

#[test]
fn a_byte_order_mark_crlf_and_quoted_newlines_are_read() {
    let table = parse(
        "\u{feff}id,email,email_found\r\n1,\"a\r\nb\",true\r\n\"2\",\"say \"\"hi\"\"\",false",
    );
    assert_eq!(texts(&table, "id"), some(&["1", "2"]));
    assert_eq!(texts(&table, "email"), some(&["a\r\nb", "say \"hi\""]));
    assert_eq!(flags(&table, "email_found"), [Some(true), Some(false)]);
}

#[test]
fn duplicate_ids_are_left_to_the_caller() {
    let table = parse("id,email,email_found\n1,a,true\n1,b,true\n");
    assert_eq!(texts(&table, "id"), some(&["1", "1"]));
}

#[test]
fn a_missing_documented_column_is_null() {
    let table = parse_result(b"id,phone_number\n1,+45\n", "x.csv", Some(BatchKind::Phone)).unwrap();
    assert_eq!(table.num_columns(), 8);
    assert_eq!(flags(&table, "phone_found"), [None]);
    assert_eq!(texts(&table, "linkedin"), [None]);
}

#[test]
fn an_empty_file_is_an_error_and_a_header_alone_is_not() {
    for empty in ["", "\u{feff}", "\n\n"] {
        assert!(error(empty).0.contains("is empty"), "{empty:?}");
    }
    let table = parse(PHONE);
    assert_eq!((table.num_rows(), table.num_columns()), (0, 8));
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_ends() {
    let whole = format!("{PHONE}1,Ada,Byron,\"Acme\nInc\",acme.com,in/ada,+45,true\n");
    // From within the first row on; a cut within "true" does not leave a boolean.
    for end in PHONE.len() + 1..whole.len() - 1 {
        let (message, line) = error(&whole[..end]);
        assert!(line == Some(2) || line == Some(3), "cut at {end}: {message}");
    }
    let (message, line) = error(&whole[..PHONE.len() + 14]);
    assert!(message.contains("ends inside the quoted cell"), "{message}");
    assert_eq!(line, Some(2));
    let (message, _) = error(format!("{PHONE}1,Ada"));
    assert!(message.contains("in the middle of this row, after 2 cells of 8"), "{message}");
}

#[test]
fn a_cell_too_few_or_too_many_is_an_error() {
    let (message, line) = error("id,email,email_found\n1,a,true\n2,true\n3,c,true\n");
    assert!(message.contains("this row has 2 cells, but the header has 3"), "{message}");
    assert_eq!(line, Some(3));
    let (message, line) = error("id,email,email_found\n1,\"a\nb\",true\n2,a,b,true\n");
    assert!(message.contains("4 cells"), "{message}");
    assert_eq!(line, Some(4));
}

#[test]
fn bytes_that_are_no_text_are_an_error_with_their_line() {
    let (message, line) = error(b"id,email,email_found\n1,a,true\n2,J\x81rgen,true\n");
    assert!(message.contains("0x81 is not UTF-8"), "{message}");
    assert_eq!(line, Some(3));
    assert!(error(b"id,email,email_found\n1,\xc3").0.contains("inside a character"));
    let mixed = [b"id,email,email_found\n1,J\xfcrgen,true\n".as_slice(), "2,é,true\n".as_bytes()];
    assert!(error(mixed.concat()).0.contains("0xfc is not UTF-8"));
}

#[test]
fn latin_and_line_ends_of_old_macs_are_read_in_every_block() {
    let mut latin = b"id,email,email_found\r".to_vec();
    let rows = 400_000;
    for n in 0..rows {
        // The first blocks contain ASCII only.
        let name: &[u8] = if n > rows / 2 { b"J\xfcrgen" } else { b"Jan" };
        latin.extend([format!("{n},").as_bytes(), name, b"@example.com,true\r"].concat());
    }
    assert!(latin.len() > 9 << 20, "more than one block");
    let table = parse_result(&latin, "latin.csv", Some(BatchKind::Email)).unwrap();
    assert_eq!(table.num_rows(), rows);
    let emails = table.column_by_name("email").unwrap().as_string::<i32>();
    assert_eq!(emails.value(rows - 1), "J\u{fc}rgen@example.com");
    let cut = parse_result(&latin[..latin.len() - 8], "latin.csv", Some(BatchKind::Email));
    assert_eq!(cut.unwrap_err().facts().line, Some(rows as u64 + 1));
}

#[test]
fn packed_files_are_read_from_disk_as_from_memory() {
    use std::io::Write;
    let text = "id,email,email_found\n1,a,true\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, packed.finish().unwrap()).unwrap();
    let chunks = read_results(std::slice::from_ref(&path), None).unwrap();
    assert_eq!(chunks[0].num_rows(), 1);
    std::fs::write(&path, b"PK\x03\x04").unwrap();
    let error = read_results(&[path], None).unwrap_err().to_string();
    assert!(error.contains("ZIP archive"), "{error}");
    let error = read_results(&["/dev/zero".into()], None).unwrap_err().to_string();
    assert!(error.contains("/dev/zero is not a file"), "{error}");
}

#[test]
fn a_table_of_very_many_columns_is_read_in_linear_time() {
    // Work that is quadratic in their number would take minutes.
    let columns = 300_000;
    let names: Vec<String> = (0..columns).map(|n| format!("c{n}")).collect();
    let cells = vec!["1"; columns].join(",");
    let text = format!("id,{}\nx,{cells}\n", names.join(","));
    let table = parse_result(text.as_bytes(), "wide.csv", Some(BatchKind::DeepResearch)).unwrap();
    assert_eq!((table.num_rows(), table.num_columns()), (1, columns + 1));
}

#[test]
fn a_line_of_separators_does_not_take_all_memory() {
    let line = ",".repeat(2 << 20);
    for (text, line) in [(format!("id{line}\n"), 1), (format!("id,email\n1,a{line}\n"), 2)] {
        let (message, at) = error(&text);
        assert!(message.contains("more than 1048576 cells"), "{message}");
        assert_eq!(at, Some(line));
    }
}

#[test]
fn a_header_without_id_or_with_a_name_twice_is_an_error() {
    assert_eq!(error("email,email_found\na,true\n").1, Some(1));
    assert!(error("id,email,E-Mail,email\n1,a,b,c\n").0.contains("\"email\" twice"));
}

#[test]
fn a_boolean_that_is_none_is_null_and_the_file_is_read() {
    let table = parse("id,email,email_found\n1,a,Y\n2,b,maybe\n3,,n\n4,d,not found\n");
    assert_eq!(flags(&table, "email_found"), [Some(true), None, Some(false), Some(false)]);
    assert_eq!(texts(&table, "email")[..2], some(&["a", "b"]));
}

#[test]
fn a_word_at_the_end_of_the_file_is_whole_if_the_file_wrote_it_before() {
    let table = parse("id,email,email_found\n1,a,Y\n2,b,Y");
    assert_eq!(flags(&table, "email_found"), [Some(true), Some(true)]);
    let table = parse("id,email,email_found\n1,a,\"Y\"");
    assert_eq!(flags(&table, "email_found"), [Some(true)]);
    assert_eq!(flags(&parse("id,email,email_found\n1,,\"\""), "email_found"), [None]);
    for cut in ["t", "tru", "Y", "maybe", "not f"] {
        let (message, line) = error(format!("id,email,email_found\n1,a,true\n2,b,{cut}"));
        assert!(message.contains("ends before the last cell"), "{message}");
        assert_eq!(line, Some(3));
    }
}

#[test]
fn every_separator_is_read_and_spaces_after_it_are_no_value() {
    let plain = parse("id,email,email_found\n1,\"a,b\",true\n2,,false\n");
    for text in [
        "id;email;email_found\n1;a,b;true\n2;;false\n",
        "id\temail\temail_found\r\n1\t\"a,b\"\ttrue\r\n2\t\tfalse\r\n",
        "id|email|email_found\n1|a,b|true\n2||false",
        "sep=;\nid;email;email_found\n1;a,b;true\n2;;false\n",
        "\u{feff}\"sep=,\"\nid,email,email_found\n1,\"a,b\",true\n2,,false\n",
        "id; email; email_found\n1; a,b ; true\n2; ; false\n",
        "id,email,email_found\n1,\"a,b\",true\n2,,false\n\0",
        "id,email,email_found\n1,\"a,b\",true\n2,,false\n\u{1a}",
    ] {
        assert_eq!(parse(text), plain, "{text:?}");
        let (_folder, paths) = Folder::new(&[text]);
        assert_eq!(read_results(&paths, None).unwrap(), std::slice::from_ref(&plain), "{text:?}");
    }
    let (message, _) = error("id;email;email_found\n1;a");
    assert!(message.contains("in the middle of this row, after 2 cells of 3"), "{message}");
}

#[test]
fn cells_missing_at_the_end_are_null_and_empty_ones_too_many_are_ignored() {
    let table = parse("id,email,email_found\n1,a\n2\n3,c,true,\n4,d,true,,\n5\n");
    let own = |value: &str| Some(value.to_owned());
    assert_eq!(texts(&table, "email"), [own("a"), None, own("c"), own("d"), None]);
    assert_eq!(flags(&table, "email_found"), [None, None, Some(true), Some(true), None]);
    // What a failing server writes below the rows is no row.
    let (message, line) = error("id,email,email_found\n1,a,true\nInternal Server Error\n");
    assert!(message.contains("in the middle of this row, after 1 cell of 3"), "{message}");
    assert_eq!(line, Some(3));
    assert!(error("email,email_found,id\na,true\n").0.contains("2 cells"));
}

#[test]
fn text_behind_a_closing_quote_is_an_error() {
    let (message, line) = error("id,email,email_found\n1,\"a\"b,true\n");
    assert!(message.contains("closing quote"), "{message}");
    assert_eq!(line, Some(2));
}

#[test]
fn a_file_of_another_kind_is_an_error() {
    let text = b"id,email,email_found\n1,a,true\n";
    let error = parse_result(text, "x.csv", Some(BatchKind::Phone)).unwrap_err().to_string();
    assert!(error.contains("neither phone_number nor phone_found"), "{error}");
}

#[test]
fn deep_research_columns_get_types_where_nothing_is_lost() {
    let table = parse(
        "id,employees,revenue,public,founded_zip,score,note,phone_hint,big,mixed,gene,signed,empty\n\
         1,10,1.5,TRUE,01234,1,yes,4512345678,123456789012345678,1,1E5,-3,\n\
         2,-200,2,false,90210,0.25,,4512345679,1,x,2E5,+4,\n\
         3,,,,,,no,,,,,,\n",
    );
    let schema = table.schema();
    let kind = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
    assert_eq!(kind("id"), DataType::Utf8);
    assert_eq!(kind("employees"), DataType::Int64);
    assert_eq!(kind("revenue"), DataType::Float64);
    assert_eq!(kind("public"), DataType::Boolean);
    assert_eq!(kind("score"), DataType::Float64);
    assert_eq!(kind("big"), DataType::Int64);
    for text in ["founded_zip", "note", "phone_hint", "mixed", "gene", "signed", "empty"] {
        assert_eq!(kind(text), DataType::Utf8, "{text}");
    }
    let employees = table.column_by_name("employees").unwrap().as_primitive::<Int64Type>();
    assert_eq!(employees.iter().collect::<Vec<_>>(), [Some(10), Some(-200), None]);
    let score = table.column_by_name("score").unwrap().as_primitive::<Float64Type>();
    assert_eq!(score.iter().collect::<Vec<_>>(), [Some(1.0), Some(0.25), None]);
    assert_eq!(flags(&table, "public"), [Some(true), Some(false), None]);
}

#[test]
fn a_type_is_inferred_over_all_files() {
    let (_folder, paths) =
        Folder::new(&["id,size\n1,10\n", "id,size,rank\n2,0010,1\n", "rank,id\n2,3\n"]);
    let chunks = read_results(&paths, None).unwrap();
    let table = arrow::compute::concat_batches(chunks[0].schema_ref(), &chunks).unwrap();
    assert_eq!(names(&table), ["id", "size", "rank"]);
    assert_eq!(texts(&table, "size"), [Some("10".to_owned()), Some("0010".to_owned()), None]);
    let rank = table.column_by_name("rank").unwrap().as_primitive::<Int64Type>();
    assert_eq!(rank.iter().collect::<Vec<_>>(), [None, Some(1), Some(2)]);
}

#[test]
fn files_of_several_kinds_make_one_table_and_keep_their_order() {
    let (_folder, paths) = Folder::new(&[
        "id,phone_number,phone_found\n1,+45,true\n",
        "email_found,id,email,note\ntrue,2,a@b.c,hi\n",
        "id,phone_number,phone_found\n",
        "id,phone_found,phone_number\n3,false,\n",
    ]);
    let chunks = read_results(&paths, None).unwrap();
    let table = arrow::compute::concat_batches(chunks[0].schema_ref(), &chunks).unwrap();
    assert_eq!(names(&table)[6..], ["email", "email_found", "phone_number", "phone_found", "note"]);
    assert_eq!(texts(&table, "id"), some(&["1", "2", "3"]));
    assert_eq!(flags(&table, "phone_found"), [Some(true), None, Some(false)]);
    assert_eq!(texts(&table, "note"), [None, Some("hi".to_owned()), None]);
}

#[test]
fn deep_research_and_person_batches_are_not_mixed_by_guessing() {
    let (_folder, paths) = Folder::new(&["id,phone_found\n1,true\n", "id,news\n2,x\n"]);
    let error = read_results(&paths, None).unwrap_err().to_string();
    assert!(error.contains("1.csv has neither") && error.contains("0.csv has"), "{error}");
}

#[test]
fn a_bad_file_among_many_is_named() {
    let sound = "id,phone_number,phone_found\n1,+45,true\n";
    let mut files = vec![sound; 40];
    files[17] = "id,phone_number,phone_found\n1,+45";
    let (folder, mut paths) = Folder::new(&files);
    match read_results(&paths, None) {
        Err(error) => {
            assert_eq!((error.kind(), error.facts().line), (ErrorKind::Results, Some(2)));
            assert!(error.facts().file.as_ref().unwrap().ends_with("17.csv"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    paths[17] = folder.0.path().join("gone.csv");
    let error = read_results(&paths, None).unwrap_err().to_string();
    assert!(error.contains("there is no file") && error.contains("gone.csv"), "{error}");
    let error = read_results(&[folder.0.path().to_owned()], None).unwrap_err().to_string();
    assert!(error.contains("is a folder"), "{error}");
}

#[test]
fn a_file_cut_at_a_line_end_is_found_by_its_length_or_its_rows() {
    let (_folder, paths) = Folder::new(&["id,phone_number,phone_found\n1,+45,true\n"]);
    let file = ResultFile::from(paths[0].clone());
    let length = fs::metadata(&paths[0]).unwrap().len();
    let known = |bytes, rows| [ResultFile { bytes, rows, ..file.clone() }];
    assert!(read_files(&known(Some(length), Some(1)), None).is_ok());
    let error = read_files(&known(Some(length + 10), None), None).unwrap_err().to_string();
    assert!(error.contains("holds 39 bytes of 49"), "{error}");
    let error = read_files(&known(None, Some(2)), None).unwrap_err().to_string();
    assert!(error.contains("holds 1 rows and held 2 before"), "{error}");
}

#[test]
fn no_files_are_an_empty_table_of_the_kind_that_is_named() {
    let chunks = read_results(&[], Some(BatchKind::PhoneEmail)).unwrap();
    assert_eq!((chunks.len(), chunks[0].num_rows(), chunks[0].num_columns()), (1, 0, 10));
    assert!(read_results(&[], None).unwrap_err().is(ErrorKind::Input));
}

#[test]
fn a_file_larger_than_a_block_is_read_whole() {
    // Longer than a block and a chunk, with cells across every boundary.
    let mut text = String::from("id,phone_number,phone_found,note\n");
    let note = format!("ä\n\"\"{}", "x".repeat(4700));
    let rows = 16_000;
    for row in 0..rows {
        text.push_str(&format!("{row},+45{row:08},{},\"{note}\"\n", row % 3 == 0));
    }
    let (_folder, paths) = Folder::new(&[&text]);
    let chunks = read_results(&paths, None).unwrap();
    assert!(chunks.len() > 1 && text.len() > 70 << 20);
    let mut expected = 0;
    let unescaped = note.replace("\"\"", "\"");
    for chunk in &chunks {
        let ids = texts(chunk, "id");
        let notes = chunk.column_by_name("note").unwrap().as_string::<i32>();
        for (id, own) in ids.iter().zip(notes) {
            assert_eq!(id.as_deref(), Some(expected.to_string().as_str()));
            assert_eq!(own, Some(unescaped.as_str()));
            expected += 1;
        }
    }
    assert_eq!(expected, rows);
    // The line is counted over all blocks.
    let lines = text.lines().count();
    let (_folder, paths) = Folder::new(&[&format!("{text}x,y")]);
    match read_results(&paths, None) {
        Err(error) => assert_eq!(error.facts().line, Some(lines as u64 + 1)),
        Ok(table) => panic!("{table:?}"),
    }
}

/// A cell, and whether it is quoted although that is not necessary.
fn cell() -> impl Strategy<Value = (Option<String>, bool)> {
    let text = prop_oneof![
        4 => "[a-z0-9 @.+-]{0,12}",
        2 => "[\"',;\r\n\u{e4}\u{1f600}a]{0,8}",
        1 => "\\PC{0,20}",
    ];
    (proptest::option::weighted(0.8, text), any::<bool>())
}

fn written((value, quoted): &(Option<String>, bool)) -> String {
    match value {
        None => String::new(),
        Some(text) => {
            let needed = text.is_empty() || text.contains(['"', ',', '\n', '\r']);
            if needed || *quoted {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            }
        }
    }
}

/// The flag in the first column keeps every row from being a blank line.
fn file(rows: &[Vec<(Option<String>, bool)>], crlf: bool, last: bool, bom: bool) -> String {
    let end = if crlf { "\r\n" } else { "\n" };
    let mut lines = vec!["phone_found,id,a,b".to_owned()];
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(written).collect();
        lines.push(format!("{},{}", number % 2 == 0, cells.join(",")));
    }
    let bom = if bom { "\u{feff}" } else { "" };
    format!("{bom}{}{}", lines.join(end), if last { end } else { "" })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_was_written_is_read(
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 3), 0..20),
        crlf: bool, last: bool, bom: bool,
    ) {
        let text = file(&rows, crlf, last, bom);
        let table = parse(&text);
        prop_assert_eq!(table.num_rows(), rows.len());
        for (column, name) in ["id", "a", "b"].into_iter().enumerate() {
            let own: Vec<_> = rows.iter().map(|row| row[column].0.clone()).collect();
            prop_assert_eq!(texts(&table, name), own);
        }
    }

    #[test]
    fn arrow_reads_the_same(
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 3), 0..20),
        crlf: bool, last: bool,
    ) {
        let text = file(&rows, crlf, last, false);
        let fields: Vec<Field> = ["phone_found", "id", "a", "b"]
            .iter()
            .map(|name| Field::new(*name, DataType::Utf8, true))
            .collect();
        let reader = ReaderBuilder::new(Arc::new(Schema::new(fields)))
            .with_header(true)
            .build_buffered(text.as_bytes())
            .unwrap();
        let theirs: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
        let table = parse(&text);
        prop_assert_eq!(table.num_rows(), theirs.iter().map(RecordBatch::num_rows).sum::<usize>());
        for name in ["id", "a", "b"] {
            // arrow-csv does not distinguish an empty text from a null.
            let plain = |value: Option<String>| value.filter(|text| !text.is_empty());
            let ours: Vec<_> = texts(&table, name).into_iter().map(plain).collect();
            let theirs: Vec<_> =
                theirs.iter().flat_map(|batch| texts(batch, name)).map(plain).collect();
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_result(&bytes, "x.csv", None);
        let mut file = b"id,phone_found,x\n".to_vec();
        file.extend(bytes);
        let _ = parse_result(&file, "x.csv", None);
    }

    #[test]
    fn a_shorter_file_never_passes_for_the_whole(
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..6),
        cut in 1_usize..40,
    ) {
        // The answer is the last column, as in the API's own files.
        let mut text = String::from("id,a,b,phone_found\n");
        for row in &rows {
            let cells: Vec<String> = row.iter().map(written).collect();
            text.push_str(&format!("{},true\n", cells.join(",")));
        }
        let end = text.len().saturating_sub(cut);
        prop_assume!(text.is_char_boundary(end) && end > 20);
        // If it is cut after a row's last cell, only the length shows it.
        let whole_rows = text[..end].ends_with(",true")
            || text[..end].ends_with(",true\n")
;
        prop_assume!(!whole_rows);
        prop_assert!(parse_result(&text.as_bytes()[..end], "x.csv", None).is_err());
    }
}
