//! The forms of rules as OpenAPI schemas: what the reader takes is more than a derive can say.

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
    /// The least confidence.
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
    /// Whether one group is enough; otherwise all must hold.
    #[schema(default = true)]
    any: Option<bool>,
    /// The least confidence.
    #[schema(minimum = 0, maximum = 1)]
    threshold: Option<f64>,
}

/// A language model scores, and explains in words.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct AiRules {
    mode: AiMode,
    /// The least confidence.
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
