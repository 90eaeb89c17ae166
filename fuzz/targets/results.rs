//! Result files: the first byte is the kind of the batch. Read in one piece and from a file, whose
//! blocks are other ones, they say the same.

use std::io::Write;

use lantern::{
    api::agents::BatchKind,
    results::{parse_result, read_results, settle},
};

use super::{first, readable};

pub fn run(bytes: &[u8]) {
    let (kind, file) = first(bytes);
    let kind = match kind % 5 {
        4 => None,
        place => Some(BatchKind::ALL[usize::from(place)]),
    };
    let whole = parse_result(file, "a.csv", kind);
    if let Err(error) = &whole {
        readable(error);
    }
    let mut on_disk = tempfile::NamedTempFile::new().expect("there is room");
    on_disk.write_all(file).expect("there is room");
    let path = on_disk.path().to_owned();
    let read = read_results(std::slice::from_ref(&path), kind);
    match (&whole, &read) {
        (Ok(whole), Ok(read)) => {
            let rows: usize = read.iter().map(arrow::array::RecordBatch::num_rows).sum();
            assert_eq!(whole.num_rows(), rows);
            if let Some(first) = read.first() {
                assert_eq!(whole.schema().fields(), first.schema().fields());
            }
        }
        (Err(_), Err(error)) => readable(error),
        (whole, read) => panic!("in memory {whole:?}, from a file {read:?}"),
    }
    if let Some(kind) = kind {
        let asked: Vec<String> = ["1", "2", "P1", "007"].map(str::to_owned).to_vec();
        if let Err(error) = settle(&path, "a.csv", kind, &asked) {
            readable(&error);
        }
    }
}
