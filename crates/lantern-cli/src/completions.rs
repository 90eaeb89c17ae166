//! `lantern completions`

use clap::Args;
use clap_complete::{Shell, generate};

use super::{failure::Result, output::Output};

/// Print a script that completes commands and options in a shell
///
/// For bash: lantern completions bash > ~/.local/share/bash-completion/completions/lantern
#[derive(Debug, Args)]
pub struct Completions {
    shell: Shell,
}

impl Completions {
    pub fn print(&self, output: &Output, mut command: clap::Command) -> Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut command, "lantern", &mut script);
        output.raw(&String::from_utf8_lossy(&script))
    }
}
