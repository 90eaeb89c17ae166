//! The arguments that all matching commands share: rules or fields, labels, a model, and files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::super::{
    failure::{Failure, Result},
    files,
    submit::delimiter,
};
use lantern::{
    error::Error,
    matching::{
        linkage::learn::Model,
        normalize::PhoneRegion,
        options::Options,
        rules::FieldRule,
        tables::{FieldSpec, Kind, Table},
    },
};

/// How rows are compared; the same for every command that matches.
#[derive(Debug, Clone, Args)]
pub struct Matching {
    /// Rules that must all hold, such as 'domain:eq and company:fuzzy0.85'. If --rule is given several
    /// times, one of them must hold. Without rules, matching learns from the tables
    #[arg(long = "rule", value_name = "RULES", value_parser = group)]
    rules: Vec<Group>,
    /// Field to compare (repeatable): COLUMN, NAME=LEFT:RIGHT or NAME=LEFT:RIGHT:KIND. a+b joins
    /// columns; write a backslash before =, : or + in a name
    #[arg(long = "field", value_name = "FIELD", value_parser = field)]
    fields: Vec<FieldSpec>,
    /// With rules: weight of a field, above 0 and at most 1 (repeatable)
    #[arg(long = "weight", value_name = "FIELD=WEIGHT", value_parser = weight)]
    weights: Vec<(String, f64)>,
    /// Minimum confidence to keep, 0 to 1; by default 0.5 without rules and 0 with rules
    #[arg(long, value_name = "CONFIDENCE")]
    threshold: Option<f64>,
    /// Precision for which to choose the threshold, from labels and calibrated confidences
    #[arg(long, value_name = "PRECISION", conflicts_with = "threshold")]
    at_precision: Option<f64>,
    /// File of pairs with decisions, which are binding; `lantern review` writes such a file
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Model that `lantern match --save-model` wrote
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    model: Option<PathBuf>,
    /// Region of phone numbers without a country code, such as US
    #[arg(long, value_name = "REGION")]
    default_region: Option<PhoneRegion>,
    /// With rules: compare each value only with the 256 values that share the most rare trigrams
    #[arg(long)]
    approximate: bool,
    /// Character that separates the cells of CSV files; by default the one that makes a table of the
    /// first 64 KiB
    #[arg(
        long, value_name = "CHAR", default_value = ",", hide_default_value = true,
        value_parser = delimiter
    )]
    pub delimiter: u8,
}

/// Rules that must all match.
#[derive(Debug, Clone)]
pub struct Group(Vec<FieldRule>);

fn group(text: &str) -> Result<Group, String> {
    let rules = text.split(" and ").map(|rule| rule.trim().parse::<FieldRule>());
    rules.collect::<Result<_, _>>().map(Group).map_err(|error| error.to_string())
}

/// Splits at a character, unless a backslash precedes it.
fn split(text: &str, sign: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in text.chars() {
        let part = match parts.last_mut() {
            Some(part) => part,
            None => break,
        };
        if escaped {
            if !"\\:+=".contains(letter) || letter != sign && letter != '\\' {
                part.push('\\');
            }
            part.push(letter);
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == sign {
            parts.push(String::new());
        } else {
            part.push(letter);
        }
    }
    if escaped && let Some(part) = parts.last_mut() {
        part.push('\\');
    }
    parts
}

fn field(text: &str) -> Result<FieldSpec, String> {
    let halves = split(text, '=');
    let (name, columns) = match &halves[..] {
        [name] => (name.clone(), name.clone()),
        [name, columns] => (name.clone(), columns.clone()),
        _ => return Err("write NAME=LEFT:RIGHT, with at most one =".to_owned()),
    };
    let parts = split(&columns, ':');
    let (left, right, kind) = match &parts[..] {
        [one] => (one, one, None),
        [left, right] => (left, right, None),
        [left, right, kind] => (left, right, Some(kind)),
        _ => return Err("write NAME=LEFT:RIGHT:KIND".to_owned()),
    };
    let kind =
        kind.map(|kind| kind.parse::<Kind>()).transpose().map_err(|error| error.to_string())?;
    if name.is_empty() || left.is_empty() || right.is_empty() {
        return Err("a field has a name and columns, as company=company:account_name".to_owned());
    }
    Ok(FieldSpec { name, kind, left: split(left, '+'), right: split(right, '+') })
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let wrong = || "write FIELD=WEIGHT, as company=0.5".to_owned();
    let (field, weight) = text.rsplit_once('=').ok_or_else(wrong)?;
    Ok((field.to_owned(), weight.parse().map_err(|_| wrong())?))
}

impl Matching {
    /// The groups of rules; empty if a model is learned.
    pub fn groups(&self) -> Vec<Vec<FieldRule>> {
        self.rules.iter().map(|group| group.0.clone()).collect()
    }

    pub fn weights(&self) -> Result<BTreeMap<String, f64>> {
        if self.rules.is_empty() && !self.weights.is_empty() {
            return Err(Failure::usage(
                "--weight belongs to rules; without --rule, weights are learned",
            ));
        }
        Ok(self.weights.iter().cloned().collect())
    }

    /// The options without labels, which are read together with the tables.
    pub fn options(&self, ids: [Option<&str>; 2]) -> Result<Options> {
        let model = self.model.as_deref().map(read_model).transpose()?;
        Ok(Options {
            fields: self.fields.clone(),
            ids: ids.into_iter().flatten().map(str::to_owned).collect(),
            threshold: self.threshold,
            at_precision: self.at_precision,
            default_region: self.default_region,
            approximate: self.approximate,
            model,
            ..Options::default()
        })
    }
}

/// Which matches of a row a command keeps.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeptMatches {
    pub top: Option<usize>,
    pub one_to_one: bool,
    /// Whether a group of many equal rows pairs only its first row with each of the others.
    pub spanning: bool,
}

impl KeptMatches {
    /// What is kept of duplicates.
    pub fn of_duplicates() -> Self {
        Self { spanning: true, ..Self::default() }
    }
}

/// The options that say which matches of a row are kept.
#[derive(Debug, Clone, Copy, Args)]
pub struct Choice {
    /// With two tables: maximum number of matches to keep per left row, or all [default: 1]
    #[arg(long, value_name = "N", value_parser = top)]
    top: Option<Top>,
    /// With two tables: match each right row to at most one left row
    #[arg(long)]
    one_to_one: bool,
}

/// Maximum number of matches per row; `None` for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Top(Option<usize>);

fn top(text: &str) -> Result<Top, String> {
    match (text, text.parse()) {
        ("all", _) => Ok(Top(None)),
        (_, Ok(count)) if count > 0 => Ok(Top(Some(count))),
        _ => Err("write a number of at least 1, or all".to_owned()),
    }
}

impl Choice {
    /// What is kept of two tables, or of duplicates.
    pub fn kept(self, pair: bool) -> Result<KeptMatches> {
        let Self { top, one_to_one } = self;
        if !pair {
            if top.is_some() || one_to_one {
                return Err(Failure::usage(
                    "--top and --one-to-one need two tables; of duplicates, all pairs are kept",
                ));
            }
            return Ok(KeptMatches::of_duplicates());
        }
        // An assignment chooses among all pairs.
        let top = if one_to_one { None } else { top.map_or(Some(1), |Top(most)| most) };
        Ok(KeptMatches { top, one_to_one, spanning: false })
    }
}

fn read_model(path: &Path) -> Result<Model> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::input(format!("the model {} cannot be read: {error}", path.display()))
    })?;
    Ok(Model::from_json(&text).map_err(Error::from)?)
}

/// Two tables, or one.
#[derive(Debug, Clone, Args)]
pub struct Tables {
    /// Left table, or the only table: a CSV, Excel, Parquet or Arrow file, recognized by its
    /// content; - is standard input
    left: PathBuf,
    /// Right table; without it, the command is about duplicates in the left table
    right: Option<PathBuf>,
    /// Column that identifies the rows of the left table; it is not compared
    #[arg(long, visible_alias = "id", value_name = "COLUMN")]
    pub left_id: Option<String>,
    /// Column that identifies the rows of the right table; it is not compared
    #[arg(long, value_name = "COLUMN", requires = "right")]
    pub right_id: Option<String>,
}

impl Tables {
    pub fn one(table: PathBuf, id: Option<String>) -> Self {
        Self { left: table, right: None, left_id: id, right_id: None }
    }

    pub fn two(tables: [PathBuf; 2], left_id: Option<String>, right_id: Option<String>) -> Self {
        let [left, right] = tables;
        Self { left, right: Some(right), left_id, right_id }
    }

    pub fn ids(&self) -> [Option<&str>; 2] {
        let right = if self.right.is_some() { &self.right_id } else { &None };
        [self.left_id.as_deref(), right.as_deref()]
    }

    /// Whether there are two tables.
    pub fn is_pair(&self) -> bool {
        self.right.is_some()
    }

    /// Reads the files.
    pub fn read(&self, delimiter: u8) -> Result<(Table, Option<Table>)> {
        if self.left == Path::new("-") && self.right.as_deref() == Some(Path::new("-")) {
            return Err(Failure::usage(
                "standard input cannot be both tables; name a file for one of them",
            ));
        }
        let left = files::read_table(&self.left, delimiter, side(&self.right))?;
        let right = match &self.right {
            Some(path) => Some(files::read_table(path, delimiter, "right")?),
            None => None,
        };
        for (table, id) in [(Some(&left), &self.left_id), (right.as_ref(), &self.right_id)] {
            if let (Some(table), Some(id)) = (table, id) {
                table.column(id).map_err(Error::from)?;
            }
        }
        Ok((left, right))
    }
}

fn side(right: &Option<PathBuf>) -> &'static str {
    if right.is_some() { "left" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_name_columns_of_both_sides_and_a_kind() {
        let spec = field("who=full name:first+last:person").unwrap();
        assert_eq!(spec.name, "who");
        assert_eq!(spec.left, ["full name"]);
        assert_eq!(spec.right, ["first", "last"]);
        assert_eq!(spec.kind, Some(Kind::Person));
        assert_eq!(
            field("company").unwrap(),
            FieldSpec::new("company", None, "company", "company")
        );
        for text in ["a=b=c", "=b", "a=b:c:d:e", "a=b:c:fax", "a=:b"] {
            assert!(field(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_backslash_keeps_a_sign_of_a_name() {
        let spec = field(r"ratio=a\:b:c\+d").unwrap();
        assert_eq!((&spec.left[0][..], &spec.right[0][..]), ("a:b", "c+d"));
        let spec = field(r"x\=y=a").unwrap();
        assert_eq!(spec.name, "x=y");
        assert_eq!(field(r"path\to").unwrap().name, r"path\to");
    }

    #[test]
    fn a_row_keeps_its_best_match_unless_more_are_asked_for() {
        let choice = |top, one_to_one| Choice { top, one_to_one };
        let kept = choice(None, false).kept(true).unwrap();
        assert_eq!((kept.top, kept.one_to_one, kept.spanning), (Some(1), false, false));
        assert_eq!(choice(Some(top("3").unwrap()), false).kept(true).unwrap().top, Some(3));
        assert_eq!(choice(Some(top("all").unwrap()), false).kept(true).unwrap().top, None);
        let kept = choice(None, true).kept(true).unwrap();
        assert_eq!((kept.top, kept.one_to_one), (None, true));
        // Of duplicates, all pairs are kept.
        let kept = choice(None, false).kept(false).unwrap();
        assert_eq!((kept.top, kept.spanning), (None, true));
        assert!(choice(None, true).kept(false).is_err());
        assert!(choice(Some(top("2").unwrap()), false).kept(false).is_err());
        assert!(top("0").is_err() && top("-1").is_err() && top("every").is_err());
    }

    #[test]
    fn rules_of_a_group_are_joined_by_and() {
        assert_eq!(group("domain:eq and company:fuzzy0.85").unwrap().0.len(), 2);
        assert!(group("domain:eq and company").is_err());
    }
}
