//! How fast result files become Arrow: 1,000 phone-email files of 1,000 rows (142 MB).
//!
//! `cargo bench -p lantern-benches --bench results` measures with criterion. With `LANTERN_BENCH_ONCE=1` the files are
//! read once, and time, table size and peak memory are printed: the peak of a process can only be
//! told for one thing that it does.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use criterion::{Criterion, Throughput};
use lantern::results::read_results;
use rand::{RngExt, SeedableRng, rngs::StdRng};

const FILES: usize = 1_000;
const ROWS: usize = 1_000;

const FIRST: [&str; 16] = [
    "Ada",
    "Søren",
    "María José",
    "Jürgen",
    "Chloé",
    "Nguyễn",
    "Olivia",
    "Liam",
    "Noah",
    "Emma",
    "Sophia",
    "Mateo",
    "Łukasz",
    "Priya",
    "Kenji",
    "Fatima",
];
const LAST: [&str; 16] = [
    "Byron",
    "Kjærgaard",
    "García Márquez",
    "Müller",
    "Dupont",
    "Van Anh",
    "Smith",
    "Johnson",
    "O'Connor",
    "Williams",
    "Brown",
    "Rossi",
    "Kowalski",
    "Ramanathan",
    "Nakamura",
    "Al-Sayed",
];
const MAILBOX: [&str; 16] = [
    "ada.byron",
    "s.kjaergaard",
    "mj.garcia",
    "jurgen.muller",
    "chloe.dupont",
    "vananh",
    "olivia.smith",
    "l.johnson",
    "noah.oconnor",
    "emma.williams",
    "sophia.brown",
    "m.rossi",
    "lukasz.kowalski",
    "priya.r",
    "kenji.nakamura",
    "fatima.alsayed",
];
const COMPANY: [&str; 8] = [
    "Northwind Logistics",
    "\"Acme, Inc.\"",
    "Blue Ridge Analytics",
    "Contoso Pharmaceuticals",
    "\"Hansen, Berg & Sons\"",
    "Initech",
    "Globex Renewable Energy",
    "Umbrella Data Systems",
];
const DOMAIN: [&str; 8] = [
    "northwind-logistics.com",
    "acme.com",
    "blueridgeanalytics.io",
    "contoso-pharma.com",
    "hansenberg.dk",
    "initech.net",
    "globex-renewables.eu",
    "umbrelladatasystems.com",
];

/// Rows as the API writes them: about 70 % with an e-mail address, 40 % with a phone.
fn file(number: usize) -> String {
    let mut random = StdRng::seed_from_u64(number as u64);
    let mut text = String::from(
        "id,first_name,last_name,company_name,company_url,linkedin,email,email_found,phone_number,\
         phone_found\n",
    );
    for row in 0..ROWS {
        let (first, last) = (FIRST[random.random_range(0..16)], LAST[random.random_range(0..16)]);
        let company = random.random_range(0..8);
        let id = 10_000_000 + number * ROWS + row;
        let slug = format!("{}-{}-{:06x}", first, last, random.random_range(0..0xff_ffff))
            .to_lowercase()
            .replace([' ', '\''], "-");
        let domain = DOMAIN[company];
        let _ = write!(
            text,
            "{id},{first},{last},{},www.{domain},linkedin.com/in/{slug},",
            COMPANY[company]
        );
        if random.random_bool(0.7) {
            let _ = write!(text, "{}@{domain},true,", MAILBOX[random.random_range(0..16)]);
        } else {
            text.push_str(",false,");
        }
        if random.random_bool(0.4) {
            let _ =
                writeln!(text, "+1{},true", random.random_range(2_000_000_000_u64..9_999_999_999));
        } else {
            text.push_str(",false\n");
        }
    }
    text
}

/// Writes the files once; they stay under `target` for the next run.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench-results");
    fs::create_dir_all(&folder).expect("the folder can be made");
    (0..FILES)
        .map(|number| {
            let path = folder.join(format!("{number:04}.csv"));
            if !path.exists() {
                fs::write(&path, file(number)).expect("the file can be written");
            }
            path
        })
        .collect()
}

fn once(files: &[PathBuf]) {
    let start = Instant::now();
    let chunks = read_results(files, None).expect("the files are sound");
    let time = start.elapsed();
    let rows: usize = chunks.iter().map(|chunk| chunk.num_rows()).sum();
    let table: usize = chunks.iter().map(|chunk| chunk.get_array_memory_size()).sum();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
    println!(
        "{rows} rows in {} chunks, {time:?}, table {:.1} MB, {peak}",
        chunks.len(),
        table as f64 / 1e6
    );
}

fn main() {
    let files = files();
    if std::env::var_os("LANTERN_BENCH_ONCE").is_some() {
        return once(&files);
    }
    let bytes =
        files.iter().filter_map(|path| fs::metadata(path).ok()).map(|about| about.len()).sum();
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("results");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("read 1,000 phone-email files of 1,000 rows", |bencher| {
        bencher.iter(|| read_results(&files, None).expect("the files are sound"));
    });
    group.finish();
    criterion.final_summary();
}
