//! Routing: `POST /v1/routing/assign`, and the pools that it assigns from.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Call, Effect, Invalid, LimitClass, check,
    lenient::answer,
    metering::{Metering, metered, number},
    string_enum::string_enum,
};

string_enum! {
    /// The kind of record that is assigned.
    RoutedObject, "object" {
        Lead = "lead", Contact = "contact", Opportunity = "opportunity", Account = "account",
    }
}

/// Assigns a record to the next user of a pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assign {
    pub object: RoutedObject,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub sf_id: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub pool: String,
    /// Whether inactive users are skipped. True by default.
    #[serde(default = "yes")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub exclude_inactive: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_rules: Option<ResetRules>,
}

const fn yes() -> bool {
    true
}

/// Why a record is assigned again, and to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetRules {
    /// The reason, such as `bad_fit` or `user_request`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub reason: String,
    /// The user who is put at the top of the order for the next assignment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_user_at_top: Option<String>,
}

impl Call for Assign {
    type Response = Assigned;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/routing/assign".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("sf_id", &self.sf_id, "give the record's Salesforce id")?;
        check::required("pool", &self.pool, "name the pool")?;
        match &self.reset_rules {
            Some(reset) => {
                check::required("reset_rules", &reset.reason, "give a reason, such as bad_fit")
            }
            None => Ok(()),
        }
    }
}

answer! {
    /// The outcome of an assignment.
    #[derive(Default)]
    pub struct Assigned {
        #[serde(default)]
        pub success: Option<bool>,
        /// Id of the user who got the record.
        #[serde(default)]
        pub assigned_to: Option<String>,
        /// The number of this assignment in its pool, from 1.
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub sequence: Option<f64>,
        /// Number of active users in the pool.
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub pool_size: Option<f64>,
        /// When the record was assigned, as an ISO 8601 time.
        #[serde(default)]
        pub timestamp: Option<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(Assigned);

/// `GET /v1/routing/pools`: lists all pools. Only the local server has this call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPools {}

impl Call for ListPools {
    type Response = Pools;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/routing/pools".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

answer! {
    /// All pools.
    #[derive(Default)]
    pub struct Pools {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub pools: Vec<Pool>,
    }
}

answer! {
    /// A group of users who are assigned records in turn.
    #[derive(Default)]
    pub struct Pool {
        #[serde(default)]
        pub success: Option<bool>,
        pub pool: String,
        /// The users, in the order of their turns.
        #[serde(default)]
        pub users: Vec<PoolUser>,
        /// Number of records that were assigned from this pool.
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub sequence: Option<f64>,
    }
}

answer! {
    /// A user of a pool.
    #[derive(Default)]
    pub struct PoolUser {
        pub id: String,
        #[serde(default)]
        pub name: Option<String>,
        #[serde(default)]
        pub active: Option<bool>,
        /// Number of records of this pool that the user was assigned.
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub assigned: Option<f64>,
    }
}

/// `PUT /v1/routing/pools/{pool}`: creates a pool or changes its users. Only the local server has
/// this call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutPool {
    /// Part of the path, not of the body.
    #[serde(skip)]
    pub pool: String,
    /// User ids in the order of their turns.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub users: Vec<String>,
}

impl Call for PutPool {
    type Response = Pool;
    const METHOD: Method = Method::PUT;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Idempotent;

    fn path(&self) -> String {
        format!("/v1/routing/pools/{}", check::path_part(&self.pool))
    }

    fn unanswered(&self) -> Option<Pool> {
        let user = |id: &String| PoolUser { id: id.clone(), ..PoolUser::default() };
        let users = self.users.iter().map(user).collect();
        Some(Pool { success: Some(true), pool: self.pool.clone(), users, ..Pool::default() })
    }

    fn check(&self) -> Result<(), Invalid> {
        check::name_in_path("pool", &self.pool)?;
        if self.users.is_empty() {
            return Err(Invalid::new("users", "users is empty").hint("give at least one user"));
        }
        let mut seen = std::collections::HashSet::new();
        match self.users.iter().find(|user| user.trim().is_empty() || !seen.insert(*user)) {
            Some(user) => {
                Err(Invalid::new("users", format!("users holds {user:?} twice or empty"))
                    .hint("give each user once"))
            }
            None => Ok(()),
        }
    }
}

/// `DELETE /v1/routing/pools/{pool}`: deletes a pool. Only the local server has this call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletePool {
    /// Part of the path, not of the body.
    #[serde(skip)]
    pub pool: String,
}

impl Call for DeletePool {
    type Response = Deleted;
    const METHOD: Method = Method::DELETE;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Idempotent;

    fn path(&self) -> String {
        format!("/v1/routing/pools/{}", check::path_part(&self.pool))
    }

    fn unanswered(&self) -> Option<Deleted> {
        Some(Deleted { success: Some(true), ..Deleted::default() })
    }

    fn check(&self) -> Result<(), Invalid> {
        check::name_in_path("pool", &self.pool)
    }
}

answer! {
    /// The answer to a deletion.
    #[derive(Default)]
    pub struct Deleted {
        #[serde(default)]
        pub success: Option<bool>,
        /// Whether the pool existed.
        #[serde(default)]
        pub deleted: Option<bool>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_cannot_lead_out_of_its_path() {
        let path = |pool: &str| DeletePool { pool: pool.into() }.path();
        assert_eq!(path("emea east"), "/v1/routing/pools/emea%20east");
        assert_eq!(path("a/../../x?y#z"), "/v1/routing/pools/a%2F..%2F..%2Fx%3Fy%23z");
        for pool in ["", " ", ".", ".."] {
            assert!(DeletePool { pool: pool.into() }.check().is_err(), "{pool:?}");
        }
    }

    #[test]
    fn a_user_has_one_turn() {
        let put = |users: &[&str]| {
            let users = users.iter().map(|&user| user.to_owned()).collect();
            PutPool { pool: "p".into(), users }.check()
        };
        assert!(put(&["a", "b"]).is_ok());
        assert!(put(&[]).is_err() && put(&["a", "a"]).is_err() && put(&["a", ""]).is_err());
    }
}
