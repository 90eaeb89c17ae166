//! Generates companies from a seed.

use std::{collections::HashSet, fmt::Write, sync::Arc};

use arrow::{
    array::{ArrayRef, Float64Builder, Int32Builder, RecordBatch, StringBuilder},
    error::ArrowError,
};

use super::{
    super::{countries::COUNTRIES, schema},
    dice::Dice,
    spelling::{ascii, slug},
};

const TABLE: u64 = 1;

const ROOTS: [&str; 48] = [
    "Bright", "North", "Silver", "Stone", "River", "Clear", "Iron", "Blue", "Green", "Oak", "Red",
    "High", "Black", "White", "Sun", "Star", "Ever", "Sea", "Wind", "Fair", "Gold", "Elm", "Ash",
    "Cedar", "Falcon", "Summit", "Harbor", "Lake", "Maple", "Crest", "Copper", "Amber", "Quartz",
    "Nova", "Alta", "Terra", "Vera", "Luma", "Hexa", "Omni", "Axio", "Cora", "Delta", "Kine",
    "Meri", "Orbi", "Sola", "Tri",
];

const ENDS: [&str; 36] = [
    "water", "field", "gate", "bridge", "ridge", "point", "works", "path", "view", "haven", "ford",
    "wood", "line", "peak", "mark", "well", "land", "crest", "stone", "port", "way", "dale",
    "brook", "shore", "wick", "side", "scape", "tide", "grove", "forge", "vale", "cliff", "nova",
    "tec", "lux", "core",
];

const INDUSTRIES: [&str; 24] = [
    "Software",
    "Information Technology",
    "Manufacturing",
    "Machinery",
    "Logistics",
    "Transportation",
    "Construction",
    "Real Estate",
    "Banking",
    "Insurance",
    "Financial Services",
    "Healthcare",
    "Pharmaceuticals",
    "Biotechnology",
    "Energy",
    "Utilities",
    "Retail",
    "Consumer Goods",
    "Food Production",
    "Media",
    "Telecommunications",
    "Education",
    "Consulting",
    "Hospitality",
];

/// Industries by the beginnings of words in a company's name, in any of the languages.
const TELLING: &[(&str, &str)] = &[
    ("Software", "soft analytics labs security"),
    ("Information Technology", "info data syst sist tech tecn tekn"),
    ("Logistics", "logist freight"),
    ("Transportation", "trans trasp scheep mari"),
    (
        "Machinery",
        "masch masz mecc verkst manuf indust seisak kogyo impianti ingen engin engen robot werk",
    ),
    ("Manufacturing", "aero elektr denki optics instrum ceram"),
    ("Healthcare", "health sa zorg haelsa"),
    ("Pharmaceuticals", "pharma farma seiyaku"),
    ("Biotechnology", "bio"),
    ("Energy", "energ solar"),
    ("Insurance", "insurance versich verzek assur assic segur ubezp"),
    ("Financial Services", "capital finance"),
    ("Media", "media medien studios"),
    ("Real Estate", "real property fast"),
    ("Construction", "bau bouw bygg bat const costr budow kensetsu gebaeude"),
    ("Consulting", "cons konsult advies berat dorad partners assoc"),
    ("Food Production", "food alim agro brew wine bodeg tuin fish pastoral"),
    ("Consumer Goods", "textil moda cosm meble"),
    ("Retail", "handel shoji trading export"),
    ("Hospitality", "viajes"),
];

/// The industry that a line of business implies, if any.
fn told(trade: &str) -> Option<&'static str> {
    let word = ascii(trade).to_lowercase();
    let tells = |stems: &str| stems.split(' ').any(|stem| word.starts_with(stem));
    TELLING.iter().find(|(_, stems)| tells(stems)).map(|&(industry, _)| industry)
}

/// Suffixes that companies append to a domain if their name alone is taken, as short names are.
const DOMAIN_ENDS: [&str; 5] = ["group", "hq", "global", "online", "company"];

/// Sizes, and the percentage of companies that have them.
const SIZES: [(&str, u32); 7] = [
    ("1-10", 22),
    ("11-50", 28),
    ("51-200", 22),
    ("201-500", 12),
    ("501-1000", 8),
    ("1001-5000", 6),
    ("5001+", 2),
];

/// Generates `count` companies, with the columns of [`schema::companies`].
pub(in crate::directory) fn companies(seed: u64, count: usize) -> Result<RecordBatch, ArrowError> {
    let text = || StringBuilder::with_capacity(count, count * 16);
    let (mut id, mut name, mut domain, mut linkedin) = (text(), text(), text(), text());
    let (mut country, mut city, mut state, mut postal) = (text(), text(), text(), text());
    let (mut industry, mut size) = (text(), text());
    let mut founded = Int32Builder::with_capacity(count);
    let (mut lat, mut lon) =
        (Float64Builder::with_capacity(count), Float64Builder::with_capacity(count));
    let mut taken: HashSet<String> = HashSet::with_capacity(count);

    for row in 0..count {
        let mut dice = Dice::of(seed, TABLE, row);
        let home = &COUNTRIES[dice.weighted(COUNTRIES.iter().map(|country| country.share))];
        let place = &home.cities[dice.below(home.cities.len())];
        let trade = dice.pick(&home.trades);
        let brand = match dice.below(10) {
            0 | 1 => dice.pick(&home.last_names).to_owned(),
            2 => format!("{} & {}", dice.pick(&home.last_names), dice.pick(&home.last_names)),
            _ => format!("{}{}", dice.pick(&ROOTS), dice.pick(&ENDS)),
        };
        let says = dice.chance(0.8);
        let full = if says { format!("{brand} {trade}") } else { brand.clone() };
        let top = dice.pick(&home.domains);

        // Never the brand alone, which would usually be the domain of a real company.
        let mut label = String::new();
        slug(&full, "-", &mut label);
        let end = dice.pick(&DOMAIN_ENDS);
        if !says {
            label.push('-');
            label.push_str(end);
        }
        let mut address = format!("{label}.{top}");
        let mut second = 2;
        while taken.contains(&address) {
            address = format!("{label}{second}.{top}");
            second += 1;
        }
        let own_label = address.split('.').next().unwrap_or(&label);

        // Writing to a builder cannot fail.
        let _ = write!(id, "C{:06}", row + 1);
        id.append_value("");
        let _ = write!(name, "{full} {}", dice.pick(&home.legal_forms));
        name.append_value("");
        linkedin.append_value(own_label);
        domain.append_value(&address);
        country.append_value(home.name);
        city.append_value(place.name);
        state.append_value(place.region);
        let mut code = String::new();
        dice.fill_digits(place.postal, &mut code);
        postal.append_value(code);
        let any = dice.pick(&INDUSTRIES);
        industry.append_value(told(trade).filter(|_| says).unwrap_or(any));
        size.append_value(SIZES[dice.weighted(SIZES.iter().map(|size| size.1))].0);
        founded.append_value(2024 - (dice.unit().powi(2) * 120.0) as i32);
        // Within about ten kilometres of the centre, with a precision of one metre.
        let near = |centre: f64, dice: &mut Dice| {
            ((centre + (dice.unit() - 0.5) * 0.2) * 1e5).round() / 1e5
        };
        lat.append_value(near(place.lat, &mut dice));
        lon.append_value(near(place.lon, &mut dice));
        taken.insert(address);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(id.finish()),
        Arc::new(name.finish()),
        Arc::new(domain.finish()),
        Arc::new(linkedin.finish()),
        Arc::new(country.finish()),
        Arc::new(city.finish()),
        Arc::new(state.finish()),
        Arc::new(postal.finish()),
        Arc::new(industry.finish()),
        Arc::new(size.finish()),
        Arc::new(founded.finish()),
        Arc::new(lat.finish()),
        Arc::new(lon.finish()),
    ];
    RecordBatch::try_new(schema::companies(), columns)
}
