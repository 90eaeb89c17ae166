//! Files of every format, in and out, and files that are not tables.

use std::{fs, fs::File, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray},
    compute::concat_batches,
    datatypes::{DataType, Int64Type},
    ipc::{
        reader::{FileReader, StreamReader},
        writer::{FileWriter, StreamWriter},
    },
};
use lantern_server::DirectorySource;
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};

use crate::common::{World, csv_rows, texts};

/// People whose ids are whole numbers, in the second column.
fn numbered() -> RecordBatch {
    let names: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![Some(7), None, Some(8)]));
    RecordBatch::try_from_iter([("name", names), ("person", ids)]).unwrap()
}

fn world() -> World {
    World::new(|config| {
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["7", "8"]));
        let emails: ArrayRef = Arc::new(StringArray::from(vec![Some("g@example.com"), None]));
        let people = RecordBatch::try_from_iter([("id", ids), ("email", emails)]).unwrap();
        config.people = DirectorySource::Table(vec![people]);
    })
}

fn write(path: &Path, batch: &RecordBatch) {
    let file = File::create(path).unwrap();
    let schema = batch.schema();
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => {
            let mut writer = ArrowWriter::try_new(file, schema, None).unwrap();
            writer.write(batch).unwrap();
            writer.close().unwrap();
        }
        "arrows" => {
            let mut writer = StreamWriter::try_new(file, &schema).unwrap();
            writer.write(batch).unwrap();
            writer.finish().unwrap();
        }
        _ => {
            let mut writer = FileWriter::try_new(file, &schema).unwrap();
            writer.write(batch).unwrap();
            writer.finish().unwrap();
        }
    }
}

fn read(path: &Path) -> RecordBatch {
    let file = File::open(path).unwrap();
    let batches: Vec<RecordBatch> = match path.extension().unwrap().to_str().unwrap() {
        "parquet" => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            reader.map(Result::unwrap).collect()
        }
        "arrows" => StreamReader::try_new(file, None).unwrap().map(Result::unwrap).collect(),
        _ => FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect(),
    };
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn submit<'a>(file: &'a str, id: &'a str) -> Vec<&'a str> {
    vec!["submit", file, "--kind", "email", "--id", id, "--max-credits", "100"]
}

#[test]
fn every_format_goes_in_and_comes_out_with_the_ids_in_their_own_type() {
    let world = world();
    for (input, output) in [
        ("in.parquet", "out.parquet"),
        ("in.arrow", "out.arrow"),
        ("in.feather", "out.feather"),
        ("in.arrows", "out.arrows"),
        ("in.ipc", "out.ipc"),
    ] {
        write(&world.path(input), &numbered());
        world.run(&[&submit(input, "person")[..], &["--out", output]].concat()).ok();
        let table = read(&world.path(output));
        let ids = table.column_by_name("person").unwrap();
        assert_eq!(ids.data_type(), &DataType::Int64, "{output}");
        let ids: Vec<_> = ids.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(ids, [Some(7), None, Some(8)], "{output}");
        let status = texts(&table, "status");
        assert_eq!(status.iter().flatten().collect::<Vec<_>>(), ["found", "no_id", "not_found"]);
        assert_eq!(texts(&table, "email")[0].as_deref(), Some("g@example.com"));
    }
    assert_eq!(world.runs(), 1, "the same ids are the same job, whatever the format");
}

#[test]
fn a_format_is_told_by_what_a_file_begins_with() {
    let world = world();
    write(&world.path("x.parquet"), &numbered());
    fs::rename(world.path("x.parquet"), world.path("table.dat")).unwrap();
    world.run(&submit("table.dat", "person")).ok();
    let bytes = fs::read(world.path("table.dat")).unwrap();
    let done = world.with_stdin(&mut world.command(&submit("-", "person")), &bytes);
    assert!(done.ok().contains("found"));
}

#[test]
fn a_column_that_is_not_there_is_answered_with_the_nearest() {
    let world = World::new(|_| ());
    world.write("p.csv", "Person_ID,name\n1,a\n");
    let error = world.run(&submit("p.csv", "person_id")).error(4);
    assert_eq!(
        error,
        "p.csv has no column \"person_id\", only Person_ID, name; did you mean --id Person_ID?"
    );
    write(&world.path("p.parquet"), &numbered());
    let error = world.run(&submit("p.parquet", "zzz")).error(4);
    assert_eq!(error, "p.parquet has no column \"zzz\", only name, person; choose one with --id");
    world.write("two.csv", "id,id\n1,2\n");
    let error = world.run(&submit("two.csv", "id")).error(4);
    assert!(error.contains("more than one column \"id\""), "{error}");
}

#[test]
fn a_float_column_is_refused_with_advice() {
    let world = World::new(|_| ());
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0]));
    write(&world.path("f.parquet"), &RecordBatch::try_from_iter([("id", floats)]).unwrap());
    let error = world.run(&submit("f.parquet", "id")).error(4);
    assert!(error.starts_with("f.parquet: column \"id\" has type Float64"), "{error}");
    assert!(error.contains("nullable integer"), "{error}");
}

#[test]
fn a_byte_order_mark_line_ends_of_windows_and_quoted_cells_are_read() {
    let world = World::new(|_| ());
    world.write("w.csv", "\u{feff}id;note\r\n0002;\"two\r\nlines; quoted\"\r\n\"0004\";x\r\n");
    let arguments = [&submit("w.csv", "id")[..], &["--delimiter", ";", "--out", "-"]].concat();
    let rows = csv_rows(&world.run(&arguments).ok());
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["id", "0002", "0004"]);
    assert!(rows[1..].iter().all(|row| row[1] == "found"), "{rows:?}");
    let arguments = [&submit("w.csv", "id")[..], &["--out", "-"]].concat();
    assert_eq!(csv_rows(&world.run(&arguments).ok()), rows, "the delimiter is found");
    let bar = [&submit("w.csv", "id")[..], &["--delimiter", "|"]].concat();
    let error = world.run(&bar).error(4);
    assert!(
        error.contains("not separated by '|', but probably by ';'; try --delimiter ';'"),
        "{error}"
    );
}

#[test]
fn what_is_no_table_is_said_in_one_sentence() {
    let world = World::new(|_| ());
    write(&world.path("whole.parquet"), &numbered());
    let whole = fs::read(world.path("whole.parquet")).unwrap();
    let cases: [(&str, &[u8], &str); 12] = [
        ("empty.csv", b"", "is empty"),
        ("empty.parquet", b"", "is empty"),
        ("cut.parquet", &whole[..whole.len() / 2], "cannot be read"),
        ("cut.arrow", b"ARROW1\0\0", "cannot be read"),
        ("text.parquet", b"id\n1\n", "does not begin like a .parquet file"),
        ("zip.csv", b"PK\x03\x04....", "Excel"),
        ("packed.csv", b"\x1f\x8b\x08....", "gzip"),
        ("short.csv", b"id,name\n1,a\n2\n", "line 3 has 1 cells and its header 2"),
        ("mixed.csv", b"id\n\xc3\xbc\n\xc3\xa4\n\xe9\n", "line 4 has the byte 0xe9"),
        ("quote.csv", b"id,name\n\"1,a\n2,b\"\n", "line 2"),
        ("open.csv", b"id,name\n1,\"a\n2,b\n3,c\n", "a quote in line 2 is never closed"),
        ("open-id.csv", b"name,id\na,\"1\nb,2\n", "line 2 holds a line break"),
    ];
    for (name, bytes, said) in cases {
        world.write(name, bytes);
        let error = world.run(&submit(name, "id")).error(4);
        assert!(error.starts_with(name) && error.contains(said), "{said:?}: {error}");
    }
    let error = world.run(&submit("nowhere.csv", "id")).error(4);
    assert!(error.starts_with("nowhere.csv cannot be read: No such file"), "{error}");
    let error = world.run(&submit(".", "id")).error(4);
    assert!(error.contains("is a folder"), "{error}");
    assert_eq!((world.runs(), world.jobs().len()), (0, 0), "nothing was sent for any of them");
}

#[test]
fn a_result_that_cannot_be_written_is_said_before_anything_is_paid() {
    let world = World::new(|_| ());
    world.people_csv(2);
    fs::create_dir(world.path("folder.csv")).unwrap();
    for (out, said) in [
        ("out.xlsx", "has no known extension"),
        ("out", "has no known extension"),
        ("nowhere/out.csv", "nowhere/out.csv cannot be written"),
        ("folder.csv", "folder.csv cannot be written"),
    ] {
        let error =
            world.run(&[&submit("people.csv", "id")[..], &["--out", out]].concat()).error(4);
        assert!(error.contains(said), "{error}");
    }
    let both = [&submit("people.csv", "id")[..], &["--json", "--out", "-"]].concat();
    assert_eq!(world.run(&both).code, Some(2));
    assert_eq!(world.runs(), 0);
    let left = fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with(".lantern")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_its_file_is_replaced() {
    let world = World::new(|_| ());
    world.people_csv(2);
    let file = world.write("old.csv", "old");
    std::os::unix::fs::symlink(&file, world.path("link.csv")).unwrap();
    world.run(&[&submit("people.csv", "id")[..], &["--out", "link.csv"]].concat()).ok();
    assert!(world.path("link.csv").is_symlink());
    assert_eq!(csv_rows(&fs::read_to_string(file).unwrap()).len(), 3);
}
