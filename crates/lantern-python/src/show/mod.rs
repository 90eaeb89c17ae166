//! Displays jobs and answers: as a progress bar, or as HTML in notebooks.

pub mod html;
pub mod progress;
