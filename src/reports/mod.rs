//! Answers of the API as tables: the routing log, and the use of credits by day.

pub mod credit_usage;
pub mod routing_log;
