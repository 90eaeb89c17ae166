//! How jobs and answers are shown: a bar, and HTML in notebooks.

pub mod html;
pub mod progress;
