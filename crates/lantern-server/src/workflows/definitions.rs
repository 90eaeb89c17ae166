//! Reads the file of workflows, in TOML or JSON.
//!
//! ```toml
//! [[workflow]]
//! id = "new-lead"
//!
//! [[workflow.step]]
//! do = "enrich"
//!
//! [[workflow.step]]
//! do = "match"
//! object = "contact"
//! rules = ["email:eq"]
//!
//! [[workflow.step]]
//! do = "push"
//! to = "crm"
//!
//! [[workflow.step]]
//! do = "route"
//! pool = "default"
//!
//! [[workflow.step]]
//! do = "push"
//! to = "webhook"
//! url = "https://hooks.example.com/lantern"
//! ```

use std::{collections::HashMap, path::Path};

use serde::Deserialize;
use url::Url;

use lantern::{
    api::{matching::MatchObject, rules::FieldRule, salesforce::MergePolicy},
    error::{Error, Result},
};

/// One step.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Step {
    /// Fills in what the directory knows.
    Enrich,
    /// Looks for the matching record. Its id is available to the following steps as `matched_id`.
    Match { object: MatchObject, rules: Vec<FieldRule> },
    /// Converts the record, which must be a lead in the CRM.
    Convert {
        #[serde(default)]
        merge_policy: MergePolicy,
    },
    /// Assigns the record to the next user of a pool.
    Route { pool: String },
    /// Passes the record on.
    Push {
        to: Target,
        #[serde(default)]
        url: Option<String>,
    },
}

/// Where a record is pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    Crm,
    Webhook,
}

/// How often a push is attempted, and the delay before the second attempt, which then doubles.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    #[serde(default = "attempts")]
    pub attempts: u32,
    #[serde(default = "base_ms")]
    pub base_ms: u64,
}

const fn attempts() -> u32 {
    5
}

const fn base_ms() -> u64 {
    1000
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: attempts(), base_ms: base_ms() }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workflow {
    pub id: String,
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub retry: Retry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    workflow: Vec<Workflow>,
}

/// Workflows by id.
#[derive(Debug)]
pub(crate) struct Definitions(HashMap<String, Workflow>);

impl Definitions {
    /// Reads the file. Without one there is a workflow `default`, which enriches.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            let default = Workflow {
                id: "default".to_owned(),
                steps: vec![Step::Enrich],
                retry: Retry::default(),
            };
            return Ok(Self(HashMap::from([("default".to_owned(), default)])));
        };
        let unusable = |reason: String| {
            Error::config(format!("the workflows {} cannot be used: {reason}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let json = path.extension().is_some_and(|extension| extension == "json");
        let file: File = if json {
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?
        } else {
            toml::from_str(&text).map_err(|error| unusable(happened(&error, &text)))?
        };
        let mut workflows = HashMap::new();
        for workflow in file.workflow {
            let id = workflow.id.clone();
            if id.trim().is_empty() || workflow.steps.is_empty() {
                return Err(unusable(format!("workflow {id:?} has no id or no step")));
            }
            let aimless = workflow.steps.iter().any(|step| match step {
                Step::Push { url: Some(url), .. } => {
                    !Url::parse(url).is_ok_and(|url| url.scheme().starts_with("http"))
                }
                Step::Push { to, url: None } => *to == Target::Webhook,
                _ => false,
            });
            let ruleless =
                |step: &Step| matches!(step, Step::Match { rules, .. } if rules.is_empty());
            if workflow.steps.iter().any(ruleless) {
                return Err(unusable(format!(
                    "workflow {id:?} has no rules to match by; give at least one, such as email:eq"
                )));
            }
            if aimless {
                return Err(unusable(format!(
                    "workflow {id:?} pushes to a webhook without an http(s) url"
                )));
            }
            if workflows.insert(id.clone(), workflow).is_some() {
                return Err(unusable(format!("workflow {id:?} is defined twice")));
            }
        }
        Ok(Self(workflows))
    }

    pub fn get(&self, id: &str) -> Option<&Workflow> {
        self.0.get(id)
    }
}

/// What is wrong with a file, and in which line. The line is not quoted, because it may hold a key,
/// or be one of another file.
fn happened(error: &toml::de::Error, text: &str) -> String {
    let Some(span) = error.span() else { return error.message().to_owned() };
    let before = &text.as_bytes()[..span.start.min(text.len())];
    let line = before.split(|byte| *byte == b'\n').count();
    format!("line {line}: {}", error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Definitions> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Definitions::read(Some(&path))
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "[[workflow]]\nid = \"a\"\n[[workflow.step]]\ndo = \"route\"\npool = \"p\"\n";
        let json = r#"{"workflow": [{"id": "a", "step": [{"do": "route", "pool": "p"}]}]}"#;
        for (name, text) in [("w.toml", toml), ("w.json", json)] {
            let workflows = read(name, text).unwrap();
            assert!(
                matches!(&workflows.get("a").unwrap().steps[..], [Step::Route { pool }] if pool == "p")
            );
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_not_quoted() {
        for text in ["[default]\nkey = pass-word\n", "\npass-word\n", "a = 1\nb: pass-word"] {
            let error = read("w.toml", text).unwrap_err().to_string();
            assert!(!error.contains("pass-word"), "{error}");
            assert!(error.contains("line "), "{error}");
        }
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused_by_name() {
        for (text, says) in [
            ("workflow = 1", "w.toml"),
            ("[[workflow]]\nid = \"a\"\nstep = []\n", "no step"),
            ("[[workflow]]\nid = \"a\"\n[[workflow.step]]\ndo = \"dance\"\n", "dance"),
            (
                "[[workflow]]\nid = \"a\"\n[[workflow.step]]\ndo = \"push\"\nto = \"webhook\"\n",
                "without an http(s) url",
            ),
            (
                "[[workflow]]\nid = \"a\"\n[[workflow.step]]\ndo = \"match\"\nobject = \"account\"\nrules = []\n",
                "has no rules to match by",
            ),
        ] {
            let error = read("w.toml", text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
