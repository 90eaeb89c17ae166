//! Every kind of error and every advice, in the words of Rust and of the shell. The words of Python are
//! in `tests/python/test_errors.py`.

use std::collections::BTreeSet;

use lantern::error::{AdviceKind, ErrorKind, Face, RustFace, Setting, samples};

use super::ShellFace;

/// Kind; in Rust; in a shell.
const ERRORS: &[(ErrorKind, &str, &str)] = &[];

/// Advice; in Rust; in a shell.
const ADVICE: &[(AdviceKind, &str, &str)] = &[];

#[test]
fn every_kind_of_error_is_rendered_for_rust_and_shell() {
    for (kind, rust, shell) in ERRORS {
        let error = samples::error(*kind);
        assert_eq!(error.kind(), *kind);
        assert_eq!(error.to_string(), *rust, "{kind:?}");
        assert_eq!(error.to_text(&ShellFace), *shell, "{kind:?}");
    }
    let shown: BTreeSet<_> = ERRORS.iter().map(|(kind, ..)| kind.name()).collect();
    let all = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(shown, all, "every kind is in the table");
}

#[test]
fn every_advice_is_rendered_for_rust_and_shell() {
    for (kind, rust, shell) in ADVICE {
        let advice = samples::advice(*kind);
        assert_eq!(advice.kind(), *kind);
        assert_eq!(RustFace.advice(&advice), *rust, "{kind:?}");
        assert_eq!(ShellFace.advice(&advice), *shell, "{kind:?}");
    }
    let shown: BTreeSet<_> = ADVICE.iter().map(|(kind, ..)| kind.name()).collect();
    let all = AdviceKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(shown, all, "every advice is in the table");
}

#[test]
fn advice_begins_in_lower_case_and_has_no_full_stop() {
    for kind in AdviceKind::ALL {
        let advice = samples::advice(*kind);
        for text in [RustFace.advice(&advice), ShellFace.advice(&advice)] {
            assert!(!text.ends_with('.'), "{text}");
            let method = text.contains("::") || text.starts_with('`');
            assert!(method || text.starts_with(char::is_lowercase), "{text}");
        }
    }
}

#[test]
fn a_shell_is_told_no_argument_of_python_and_no_method_of_rust() {
    let advice = AdviceKind::ALL.iter().map(|kind| ShellFace.advice(&samples::advice(*kind)));
    let errors = ErrorKind::ALL.iter().map(|kind| samples::error(*kind).to_text(&ShellFace));
    for text in advice.chain(errors) {
        for foreign in ["job.", "lantern.", "::", "=", "max_credits", "batch_size"] {
            assert!(!text.contains(foreign), "{foreign} in {text}");
        }
    }
    for setting in Setting::ALL {
        assert!(ShellFace.setting(*setting).starts_with("--"));
    }
}
