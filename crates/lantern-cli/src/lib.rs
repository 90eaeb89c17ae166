//! The `lantern` command: the library's jobs, its ledger, local matching and the local server, for
//! shells and schedulers. There is one file per subcommand. What the commands do is implemented in
//! [`lantern::jobs`] and [`lantern_server`].

mod budget;
mod completions;
mod connection;
mod credits;
mod crm;
mod erase;
pub mod face;
mod failure;
mod files;
mod forecast;
mod format;
mod jobs;
pub mod logging;
mod map;
mod matching;
mod output;
pub mod progress_bar;
mod report;
mod resolve;
mod results;
mod serve;
mod shell;
mod signals;
mod status;
mod submit;
mod suppress;
mod wait;

use std::ffi::OsString;

use clap::{ArgAction, Parser, Subcommand};

use self::{
    connection::Connection,
    failure::{EXIT_CODES, Exit, Failure, Result},
    output::Output,
    signals::Signals,
};
use lantern::process::runtime;

/// The Lantern API for data teams: a table goes in, answers come back as a table, and no credit is
/// ever spent twice.
#[derive(Debug, Parser)]
#[command(name = "lantern", version, after_help = EXIT_CODES, subcommand_required = true)]
struct Arguments {
    /// Print JSON instead of text; an error is one JSON object on standard error
    #[arg(long, global = true)]
    json: bool,
    /// Log each step to standard error (-v), or each call (-vv); LANTERN_LOG sets the level in detail
    #[arg(long, short, global = true, action = ArgAction::Count)]
    verbose: u8,
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Submit(Box<submit::Submit>),
    Jobs(jobs::Jobs),
    Status(status::Status),
    Results(results::Results),
    Resolve(resolve::Resolve),
    Budget(budget::Budgets),
    Suppress(suppress::Suppress),
    Forget(erase::Forget),
    Purge(erase::Purge),
    Credits(credits::Credits),
    Crm(crm::Crm),
    Map(Box<map::MapCalls>),
    Match(Box<matching::Link>),
    Dedupe(Box<matching::Dedupe>),
    Explain(Box<matching::Explain>),
    Describe(matching::Describe),
    Review(Box<matching::Review>),
    Evaluate(Box<matching::Evaluate>),
    Serve(Box<serve::Serve>),
    Completions(completions::Completions),
}

/// What every command uses.
struct Session {
    connection: Connection,
    output: Output,
    signals: Signals,
}

/// Runs the command that `arguments` name, beginning with the program's own name, and returns its
/// exit code. It listens for Ctrl-C and SIGTERM itself, and never ends the process.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Wrong usage is reported before `--json` could be parsed.
    let json = arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let output = Output { json, told: false };
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => match run(arguments) {
            Ok(()) => 0,
            Err(failure) => output.fail(&failure),
        },
        Err(usage) if json && usage.use_stderr() => {
            let text = usage.render().to_string();
            // The error comes first, and the usage follows after an empty line.
            let what: Vec<_> =
                text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            output.fail(&Failure::usage(what.join(" ").trim_start_matches("error: ")))
        }
        Err(usage) => {
            // A closed pipe must not change how the command fails.
            let _ = usage.print();
            if usage.use_stderr() { Exit::Usage as u8 } else { 0 }
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let told = match arguments.verbose {
        0 => logging::init_from_env(),
        1 => logging::init("info"),
        _ => logging::init("debug"),
    }?;
    let Arguments { connection, json, command, .. } = arguments;
    let work = async {
        let mut session =
            Session { connection, output: Output { json, told }, signals: Signals::new()? };
        match command {
            Command::Submit(submit) => submit.run(&mut session).await,
            Command::Jobs(jobs) => jobs.run(&session).await,
            Command::Status(status) => status.run(&mut session).await,
            Command::Results(results) => results.run(&mut session).await,
            Command::Resolve(resolve) => resolve.run(&session).await,
            Command::Budget(budget) => budget.run(&session).await,
            Command::Forget(forget) => forget.run(&session).await,
            Command::Purge(purge) => purge.run(&session).await,
            Command::Suppress(suppress) => suppress.run(&session).await,
            Command::Credits(credits) => credits.run(&mut session).await,
            Command::Crm(crm) => crm.run(&mut session).await,
            Command::Map(map) => map.run(&mut session).await,
            Command::Match(link) => link.run(&mut session).await,
            Command::Dedupe(dedupe) => dedupe.run(&mut session).await,
            Command::Explain(explain) => explain.run(&mut session).await,
            Command::Describe(describe) => describe.run(&mut session).await,
            Command::Review(review) => review.run(&mut session).await,
            Command::Evaluate(evaluate) => evaluate.run(&mut session).await,
            Command::Serve(serve) => serve.run(&mut session).await,
            Command::Completions(completions) => {
                completions.print(&session.output, <Arguments as clap::CommandFactory>::command())
            }
        }
    };
    runtime::block_on(async { Ok(work.await) }, || Ok(()))?
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_key_is_not_shown_by_debug() {
        let words = ["lantern", "jobs", "--api-key", "hunter2"];
        let arguments = Arguments::try_parse_from(words).unwrap();
        assert!(!format!("{arguments:?}").contains("hunter2"));
    }
}
