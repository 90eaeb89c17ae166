//! The commands that match tables on this machine: nothing is sent, and nothing is spent.

mod arguments;
mod dedupe;
mod describe;
mod evaluate;
mod explain;
mod labels;
mod link;
mod review;
mod work;

pub use self::{
    dedupe::Dedupe, describe::Describe, evaluate::Evaluate, explain::Explain, link::Link,
    review::Review,
};
