//! OpenAPI schemas of match rules. They are written by hand because rules can be read from more
//! forms than a derived schema can express.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{ArrayBuilder, OneOfBuilder, Schema},
    },
};

use super::{FieldRule, MatchRules, RuleGroup};

/// The mode of a list of rules.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
enum SimpleMode {
    Simple,
}

/// The mode of groups of rules.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
enum GroupedMode {
    Grouped,
}

/// The mode of a language model.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
enum AiMode {
    Ai,
}

/// Rules that must all hold.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct SimpleRules {
    mode: Option<SimpleMode>,
    #[schema(min_items = 1)]
    rules: Vec<FieldRule>,
    /// Minimum confidence, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f64>,
}

/// Groups of rules.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct GroupedRules {
    mode: Option<GroupedMode>,
    #[schema(min_items = 1)]
    groups: Vec<RuleGroup>,
    /// Whether one matching group is enough; otherwise all groups must match.
    #[schema(default = true)]
    any: Option<bool>,
    /// Minimum confidence, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f64>,
}

/// A language model scores each pair and explains the score.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct AiRules {
    mode: AiMode,
    /// Minimum confidence, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f64>,
    instructions: Option<String>,
}

impl PartialSchema for MatchRules {
    fn schema() -> RefOr<Schema> {
        let list = ArrayBuilder::new()
            .items(FieldRule::schema())
            .min_items(Some(1))
            .description(Some("Rules that must all hold"));
        let mut forms = OneOfBuilder::new().item(list);
        for name in [SimpleRules::name(), GroupedRules::name(), AiRules::name()] {
            forms = forms.item(Ref::from_schema_name(name));
        }
        forms.into()
    }
}

impl ToSchema for MatchRules {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in [
            (SimpleRules::name(), SimpleRules::schema()),
            (GroupedRules::name(), GroupedRules::schema()),
            (AiRules::name(), AiRules::schema()),
        ] {
            schemas.push((name.into_owned(), schema));
        }
        SimpleRules::schemas(schemas);
        GroupedRules::schemas(schemas);
        AiRules::schemas(schemas);
    }
}
