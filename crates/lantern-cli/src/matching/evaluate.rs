//! `lantern evaluate`

use std::{ffi::OsString, path::PathBuf};

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Session,
        failure::Result,
        files::{self, Target},
        format::{self, Column},
    },
    arguments::{Choice, Matching, Tables},
    background::{attended, matched},
    link::target,
};
use lantern::{
    error::Error,
    matching::{
        evaluate::{
            Bin, ClusterMeasures, CostlyError, Interval, Point, Truth, blocking,
            calibration::calibration, clusters, curve::curve, errors, judged,
        },
        labels::{self, Rows, table::LabelledTables},
        results::cluster,
    },
};

/// Match, and measure the result against known pairs
///
/// If the file of known pairs has no column `decision`, it must contain every pair that matches. If it
/// has one, it contains reviewed pairs, and nothing is assumed about other pairs.
#[derive(Debug, Args)]
pub struct Evaluate {
    #[command(flatten)]
    tables: Tables,
    /// File of known pairs, with the columns left and right (row numbers) or left_id and right_id, and
    /// optionally decision
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Whether the file of known pairs contains every pair that matches [default: yes, unless it has
    /// decisions]
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    complete: Option<bool>,
    /// Number of the most costly errors to print
    #[arg(long, value_name = "N", default_value_t = 5)]
    errors: usize,
    /// File for precision, recall and F1 at each threshold: .csv, .parquet, .arrow or .feather; - is CSV
    /// on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    matching: Matching,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err("write yes or no".to_owned()),
    }
}

struct Measured {
    at: Point,
    points: Vec<Point>,
    clusters: Option<ClusterMeasures>,
    calibration_error: Option<f64>,
    calibration: Vec<Bin>,
    blocking: Option<Interval>,
    errors: Vec<CostlyError>,
    warning: Option<String>,
}

impl Evaluate {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let target = target(self.out.as_ref(), session)?;
        let kept = self.choice.kept(self.tables.is_pair())?;
        let matches = matched(session, &self.tables, &self.matching, kept).await?;
        let (tables, path, delimiter) = (self.tables, self.truth, self.matching.delimiter);
        let (count, complete) = (self.errors, self.complete);
        let to_stdout = target == Some(Target::Stdout);
        let measured = attended(session, move |_| {
            let known = files::read_table(&path, delimiter, "")?;
            let [left_id, right_id] = tables.ids();
            let about = LabelledTables {
                left: &matches.left,
                right: matches.right.as_ref(),
                left_id,
                right_id,
            };
            let decided = labels::table::has_decisions(&known);
            // Without decisions, every pair of the file matches.
            let given = labels::read(&known, &about, (!decided).then_some(true), Rows::OfFile)
                .and_then(labels::ReadLabels::known)
                .map_err(|error| Error::from(error).within(path.display()))?;
            let (pairs, warning) = given;
            let complete = complete.unwrap_or(!decided);
            let truth = Truth::of(&matches, &pairs, complete).map_err(Error::from)?;
            let judged = judged(&matches, &truth);
            let curve = curve(&matches, &truth, &judged);
            let clusters = truth
                .entities
                .as_ref()
                .map(|entities| clusters::measure(&cluster::clusters(&matches), entities));
            if let Some(target) = target {
                let batch = curve.table().map_err(Error::from)?;
                target.write(&batch.schema(), &[batch])?;
            }
            let calibrated = calibration(&judged);
            Ok(Measured {
                at: curve.at,
                points: curve.points,
                clusters,
                calibration_error: calibrated.error,
                calibration: calibrated.bins,
                blocking: blocking::recall(&matches, &truth),
                errors: errors::costly(&matches, &truth, count).map_err(Error::from)?,
                warning,
            })
        })
        .await?;
        if let Some(warning) = &measured.warning {
            session.output.note(&format!("note: {warning}"));
        }
        if to_stdout {
            session.output.note(&measured.text());
            return Ok(());
        }
        session.output.print(|| measured.text(), || measured.json())
    }
}

fn shown(share: Option<Interval>) -> String {
    match share {
        Some(of) => format!("{:.3}  ({:.3} to {:.3})", of.value, of.low, of.high),
        None => "not known".to_owned(),
    }
}

impl Measured {
    fn text(&self) -> String {
        let mut rows = vec![
            ("threshold", format!("{:.3}", self.at.threshold)),
            (
                "matches",
                format!(
                    "{} known, {} true",
                    format::count(self.at.matches),
                    format::count(self.at.hits)
                ),
            ),
            ("precision", shown(self.at.precision)),
            ("recall", shown(self.at.recall)),
            ("F1", shown(self.at.f1)),
            ("compared", format!("{} of the true pairs", shown(self.blocking))),
        ];
        if let Some(error) = self.calibration_error {
            rows.push(("calibration", format!("{error:.3} off on average")));
        }
        if let Some(of) = &self.clusters {
            rows.push((
                "clusters",
                format!(
                    "{} of {} entities exactly",
                    format::count(of.exact),
                    format::count(of.entities)
                ),
            ));
            rows.push(("pairwise F1", format!("{:.3}", of.pairwise_f1())));
            rows.push(("B-cubed F1", format!("{:.3}", of.b_cubed_f1())));
        }
        let mut text = format::pairs(rows);
        let steps = self.points.iter().filter(|point| {
            let tenths = point.threshold * 10.0;
            (tenths - tenths.round()).abs() < 1e-9 && point.matches > 0
        });
        let columns = [
            Column::Right("THRESHOLD"),
            Column::Right("MATCHES"),
            Column::Left("PRECISION"),
            Column::Left("RECALL"),
            Column::Left("F1"),
        ];
        let table = steps.map(|point| {
            vec![
                format!("{:.1}", point.threshold),
                format::count(point.matches),
                shown(point.precision),
                shown(point.recall),
                shown(point.f1),
            ]
        });
        text += &format!("\n\n{}", format::table(&columns, table));
        for error in &self.errors {
            text += &format!(
                "\n{} ({:.1} bits): {}",
                error.mistake.name().replace('_', " "),
                error.cost,
                error.explanation.sentence
            );
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        let errors: Vec<_> = self
            .errors
            .iter()
            .map(|error| {
                json!({
                    "mistake": error.mistake,
                    "cost": error.cost,
                    "left": error.explanation.left,
                    "right": error.explanation.right,
                    "confidence": error.explanation.confidence,
                    "sentence": error.explanation.sentence,
                })
            })
            .collect();
        json!({
            "at": self.at,
            "thresholds": self.points,
            "clusters": self.clusters,
            "calibration_error": self.calibration_error,
            "calibration": self.calibration,
            "blocking_recall": self.blocking,
            "errors": errors,
            "warnings": self.warning.iter().collect::<Vec<_>>(),
        })
    }
}
