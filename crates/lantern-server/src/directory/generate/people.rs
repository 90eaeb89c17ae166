//! Generates people from a seed, at the given companies.

use std::{collections::HashSet, fmt::Write, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder},
    error::ArrowError,
};

use super::{
    super::{countries::COUNTRIES, schema, table::Table},
    dice::Dice,
    spelling::slug,
};

const TABLE: u64 = 2;

/// Shares of people who have an e-mail address, and a phone number.
const WITH_EMAIL: f64 = 0.70;
const WITH_PHONE: f64 = 0.40;

/// Share of people who live in the country of their company and have a name of that country.
const AT_HOME: f64 = 0.92;
const LOCAL_NAME: f64 = 0.90;

const ROLES: [&str; 24] = [
    "Sales",
    "Marketing",
    "Engineering",
    "Product",
    "Finance",
    "Operations",
    "Human Resources",
    "Procurement",
    "Customer Success",
    "Data",
    "Information Technology",
    "Legal",
    "Supply Chain",
    "Research",
    "Quality",
    "Business Development",
    "Communications",
    "Security",
    "Design",
    "Accounting",
    "Partnerships",
    "Strategy",
    "Compliance",
    "Facilities",
];

/// Ranks, and the percentage of people who hold them; `{}` is the role.
const RANKS: [(&str, u32); 10] = [
    ("Chief {} Officer", 3),
    ("VP {}", 6),
    ("Director of {}", 10),
    ("Head of {}", 12),
    ("{} Manager", 24),
    ("Senior {} Specialist", 13),
    ("{} Specialist", 12),
    ("{} Analyst", 10),
    ("{} Lead", 6),
    ("{} Associate", 4),
];

/// Generates `count` people, with the columns of [`schema::people`].
pub(in crate::directory) fn people(
    seed: u64,
    count: usize,
    companies: &Table,
) -> Result<RecordBatch, ArrowError> {
    let text = |bytes: usize| StringBuilder::with_capacity(count, count * bytes);
    let (mut id, mut first, mut last, mut title) = (text(8), text(7), text(9), text(22));
    let (mut company_id, mut company_name, mut company_url) = (text(7), text(28), text(20));
    let (mut email, mut phone, mut linkedin) = (text(24), text(6), text(22));
    let (mut country, mut city) = (text(10), text(9));
    let mut taken: HashSet<u64> = HashSet::with_capacity(count * 2);
    let mut scratch = String::new();

    for row in 0..count {
        let mut dice = Dice::of(seed, TABLE, row);
        // A few companies are large, and most are small.
        let company = match companies.len() {
            0 => None,
            many => Some((dice.unit().powf(1.6) * many as f64) as usize),
        };
        let at = |column| company.and_then(|company| companies.text(column, company));
        let known = at("country")
            .and_then(|name| COUNTRIES.iter().position(|country| country.name == name));
        let anywhere = dice.weighted(COUNTRIES.iter().map(|country| country.share));
        let home = &COUNTRIES[match known {
            Some(known) if dice.chance(AT_HOME) => known,
            _ => anywhere,
        }];
        let origin = if dice.chance(LOCAL_NAME) {
            home
        } else {
            &COUNTRIES[dice.weighted(COUNTRIES.iter().map(|country| country.share))]
        };
        let (first_name, last_name) =
            (dice.pick(&origin.first_names), dice.pick(&origin.last_names));

        // Writing to a builder cannot fail.
        let _ = write!(id, "P{:07}", row + 1);
        id.append_value("");
        first.append_value(first_name);
        last.append_value(last_name);
        let rank = RANKS[dice.weighted(RANKS.iter().map(|rank| rank.1))].0;
        title.append_value(rank.replace("{}", dice.pick(&ROLES)));
        company_id.append_option(at("id"));
        company_name.append_option(at("name"));
        let domain = at("domain");
        company_url.append_option(domain);

        match domain {
            Some(domain) if dice.chance(WITH_EMAIL) => {
                address(&mut dice, company.unwrap_or(0), first_name, last_name, &mut scratch);
                unique(&mut taken, &mut scratch, domain, |second, address| {
                    let _ = write!(address, "{second}");
                });
                let _ = write!(email, "{scratch}@{domain}");
                email.append_value("");
            }
            _ => email.append_null(),
        }
        if dice.chance(WITH_PHONE) {
            scratch.clear();
            let pattern = dice.pick(&home.phones);
            dice.fill_number(pattern, &mut scratch);
            phone.append_value(&scratch);
        } else {
            phone.append_null();
        }
        scratch.clear();
        slug(first_name, "-", &mut scratch);
        scratch.push('-');
        slug(last_name, "-", &mut scratch);
        if dice.chance(0.6) {
            scratch.push('-');
            dice.hex(&mut scratch);
        }
        unique(&mut taken, &mut scratch, "linkedin", |_, slug| {
            slug.push('-');
            dice.hex(slug);
        });
        linkedin.append_value(&scratch);
        country.append_value(home.name);
        city.append_value(home.cities[dice.below(home.cities.len())].name);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(id.finish()),
        Arc::new(first.finish()),
        Arc::new(last.finish()),
        Arc::new(title.finish()),
        Arc::new(company_id.finish()),
        Arc::new(company_name.finish()),
        Arc::new(company_url.finish()),
        Arc::new(email.finish()),
        Arc::new(phone.finish()),
        Arc::new(linkedin.finish()),
        Arc::new(country.finish()),
        Arc::new(city.finish()),
    ];
    RecordBatch::try_new(schema::people(), columns)
}

/// The part before the `@`. Each company has a pattern, from which a few of its people deviate.
fn address(dice: &mut Dice, company: usize, first: &str, last: &str, into: &mut String) {
    into.clear();
    let habit = Dice::of(0, 3, company).below(20);
    let pattern = if dice.chance(0.95) { habit } else { dice.below(20) };
    let initial = |name: &str, into: &mut String| {
        let begin = into.len();
        slug(name, "", into);
        into.truncate(begin + 1);
    };
    match pattern {
        0..=9 => {
            slug(first, "", into);
            into.push('.');
            slug(last, "", into);
        }
        10..=13 => {
            initial(first, into);
            slug(last, "", into);
        }
        14 | 15 => {
            initial(first, into);
            into.push('.');
            slug(last, "", into);
        }
        16 => slug(first, "", into),
        17 => {
            slug(first, "", into);
            into.push('_');
            slug(last, "", into);
        }
        18 => {
            slug(last, "", into);
            into.push('.');
            slug(first, "", into);
        }
        _ => {
            slug(first, "", into);
            initial(last, into);
        }
    }
}

/// Changes `text` by `again` until it is unique within `scope`.
///
/// Two texts with the same 64-bit hash count as equal, which only costs a suffix.
fn unique(
    taken: &mut HashSet<u64>,
    text: &mut String,
    scope: &str,
    mut again: impl FnMut(usize, &mut String),
) {
    let plain = text.len();
    let mut second = 2;
    while !taken.insert(hash(text, scope)) {
        text.truncate(plain);
        again(second, text);
        second += 1;
    }
}

/// FNV-1a, which gives the same result on every machine.
fn hash(text: &str, scope: &str) -> u64 {
    text.bytes().chain([0]).chain(scope.bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
