//! Explains why two rows match: the contribution of each field, in a table that adds up and in a
//! sentence.

use super::matches::{Match, Matches, Method};
use crate::{
    calibration::{BOUND, without_relatives},
    linkage::learn::Scorer,
    rules::Operator,
    tables::{Kind, NULL, Texts},
};

/// From this confidence, odds are not distinguished.
const CERTAIN: f64 = 1.0 - 1e-6;

/// The contribution of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    pub field: String,
    pub left: Option<String>,
    pub right: Option<String>,
    /// How the values agree, in a few words.
    pub agreement: String,
    /// The contribution: bits of log-odds if the model was learned, evidence if rules decide.
    pub weight: f64,
}

/// Why a pair of rows matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub left: u32,
    pub right: u32,
    pub confidence: f64,
    pub contributions: Vec<Contribution>,
    pub sentence: String,
    /// Why the pair is not among the matches; `None` if it is.
    pub why_not: Option<String>,
}

impl Matches {
    /// The contribution of each field to a pair with this confidence, by the rules that hold for
    /// it. `scorer` is that of the model, if one was learned.
    pub(super) fn contributions(
        &self,
        found: &Match,
        scorer: Option<&Scorer>,
    ) -> Vec<Contribution> {
        let (left, right) = (found.left as usize, found.right as usize);
        match &self.method {
            Method::Learned { fields, model, .. } => {
                let Some(scorer) = scorer else { return Vec::new() };
                let (parts, score) = model.contributions(fields, scorer, left, right);
                let related = model.are_related(fields, scorer, (found.left, found.right));
                let mut contributions: Vec<Contribution> = parts
                    .into_iter()
                    .zip(fields.iter())
                    .map(|((level, bits), field)| Contribution {
                        field: field.name.clone(),
                        left: text(&field.values.texts, field.values.left[left]),
                        right: text(&field.values.texts, field.values.right[right]),
                        agreement: agreement(field.kind, level).to_owned(),
                        weight: f64::from(bits),
                    })
                    .collect();
                let told: f64 = contributions.iter().map(|part| part.weight).sum();
                let prior = f64::from(model.prior());
                contributions.push(bare("before comparing", "how rare matches are", prior));
                let mut sum = told + prior;
                let mut add = |field, agreement, to: f64| {
                    if (to - sum).abs() > 0.01 {
                        contributions.push(bare(field, agreement, to - sum));
                        sum = to;
                    }
                };
                add("identity", "nothing agrees that says who it is", f64::from(score));
                let calibrated = model.calibration.shift
                    + model.calibration.scale * f64::from(score).clamp(-BOUND, BOUND);
                add("calibration", "how rows compare that cannot match", calibrated);
                let doubted = model.calibration.confidence(f64::from(score));
                if model.calibration.doubt > 0.0 && doubted > 0.0 {
                    add(
                        "labels",
                        "how few sure pairs they show",
                        (doubted / (1.0 - doubted)).log2(),
                    );
                }
                // Above that, a confidence is practically 1, and its odds are not distinguished.
                let (sure, odds) = (found.confidence, |p: f64| (p / (1.0 - p)).log2());
                let alone = if related { without_relatives(sure) } else { sure };
                if alone > 0.0 && alone < CERTAIN {
                    add("other candidates", "what they and other rows leave", odds(alone));
                }
                if related && sure > 0.0 && sure < CERTAIN {
                    add("relatives", "names of which a part differs", odds(sure));
                }
                contributions
            }
            Method::Rules(rules) => {
                // The group with the strongest evidence.
                let mut best: (f64, Vec<Contribution>) = (0.0, Vec::new());
                for (number, group) in rules.groups.iter().enumerate() {
                    if found.rules & 1 << number == 0 {
                        continue;
                    }
                    let mut open = 1.0;
                    let mut parts = Vec::new();
                    for rule in group {
                        let field = &rules.fields[rule.field];
                        let values =
                            if rule.rule.op == Operator::Exact { &field.raw } else { &field.keys };
                        let Some(values) = values else { continue };
                        let (a, b) = (values.left[left], values.right[right]);
                        let alike = rules.holds(rule, a, b).unwrap_or(0.0);
                        let adds = open * rule.weight * alike;
                        open -= adds;
                        parts.push(Contribution {
                            field: field.name.clone(),
                            left: text(&values.texts, a),
                            right: text(&values.texts, b),
                            agreement: match rule.rule.op {
                                Operator::Exact => "exactly the same".to_owned(),
                                Operator::Eq => "the same".to_owned(),
                                Operator::Contains => "one holds the other".to_owned(),
                                Operator::Fuzzy(_) => format!("{alike:.3} alike"),
                            },
                            weight: adds,
                        });
                    }
                    if 1.0 - open > best.0 {
                        best = (1.0 - open, parts);
                    }
                }
                best.1
            }
        }
    }

    /// The explanation of a pair in words; `why_not` if it does not match.
    pub(super) fn sentence(
        &self,
        pair: &Match,
        why_not: Option<&str>,
        contributions: &[Contribution],
    ) -> String {
        let (left, right, confidence) = (pair.left, pair.right, pair.confidence);
        let rows = match (self.right.is_some(), why_not.is_some()) {
            (true, false) => format!("Left row {left} and right row {right} match"),
            (true, true) => format!("Left row {left} and right row {right} do not match"),
            (false, false) => format!("Rows {right} and {left} are the same"),
            (false, true) => format!("Rows {right} and {left} are not the same"),
        };
        if let Some(why_not) = why_not {
            let reasons = reasons(contributions);
            let end = if reasons.is_empty() { String::new() } else { format!(" {reasons}.") };
            return format!("{rows} (confidence {confidence:.3}): {why_not}.{end}");
        }
        let mut sentence = format!("{rows} with confidence {confidence:.3}");
        let reasons = reasons(contributions);
        if reasons.starts_with(AGAINST) {
            sentence += "; ";
        } else if !reasons.is_empty() {
            sentence += ": ";
        }
        sentence += &reasons;
        sentence.push('.');
        sentence
    }
}

const AGAINST: &str = "against it: ";

/// The strongest evidence for a match, and the evidence against it, in words.
pub fn reasons(contributions: &[Contribution]) -> String {
    let mut said: Vec<&Contribution> =
        contributions.iter().filter(|part| part.left.is_some() && part.right.is_some()).collect();
    said.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    let part = |part: &&Contribution| {
        let (a, b) = (part.left.as_deref().unwrap_or(""), part.right.as_deref().unwrap_or(""));
        if a == b {
            format!("{} is {} ('{a}')", part.field, part.agreement)
        } else {
            format!("{} is {} ('{a}' and '{b}')", part.field, part.agreement)
        }
    };
    let mut reasons: Vec<String> =
        said.iter().filter(|part| part.weight >= 0.0).take(4).map(&part).collect();
    let against: Vec<String> =
        said.iter().filter(|part| part.weight < 0.0).take(3).map(&part).collect();
    if !against.is_empty() {
        reasons.push(format!("{AGAINST}{}", against.join("; ")));
    }
    reasons.join("; ")
}

fn bare(field: &str, agreement: &str, weight: f64) -> Contribution {
    Contribution {
        field: field.to_owned(),
        left: None,
        right: None,
        agreement: agreement.to_owned(),
        weight,
    }
}

pub(super) fn text(texts: &Texts, value: u32) -> Option<String> {
    (value != NULL).then(|| texts.get(value).to_owned())
}

/// The meaning of a level.
pub fn agreement(kind: Kind, level: u8) -> &'static str {
    let levels = kind.comparison().levels();
    levels.get(usize::from(level)).map_or("not known", |level| level.says)
}
