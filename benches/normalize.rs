use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lantern::matching::normalize::*;
use std::hint::black_box;
fn names() -> Vec<String> {
    let a = [
        "Apex",
        "Northern",
        "Blue Ridge",
        "Smith",
        "Müller",
        "Global Data",
        "First National",
        "Johnson",
        "Pacific",
        "Summit Health",
        "Riverside",
        "Quantum",
        "Delta",
        "Silver Oak",
        "Evergreen",
    ];
    let b = [
        "Technologies",
        "Mfg",
        "Solutions",
        "Bank",
        "& Sons",
        "Partners",
        "Intl",
        "Consulting",
        "Logistics",
        "Foods",
    ];
    let c = [
        "Inc.",
        "LLC",
        "GmbH & Co. KG",
        "Ltd",
        "",
        "Corp",
        "S.A.",
        "Pty Ltd",
        "Co., Ltd.",
        "Group",
    ];
    let mut v = vec![];
    for x in a {
        for y in b {
            for z in c {
                v.push(format!("{x} {y} {z}").trim().to_string());
            }
        }
    }
    v
}
fn bench(c: &mut Criterion) {
    let names = names();
    let mut g = c.benchmark_group("normalize");
    g.throughput(Throughput::Elements(names.len() as u64));
    g.bench_function("company_key", |b| {
        b.iter(|| {
            let mut n = 0;
            for x in &names {
                n += company_key(black_box(x)).map_or(0, |k| k.len());
            }
            n
        })
    });
    g.finish();
}
criterion_group!(benches, bench);
criterion_main!(benches);
