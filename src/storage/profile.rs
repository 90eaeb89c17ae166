//! Profiles of `~/.aws/credentials` and `~/.aws/config`, which `object_store` does not read.
//!
//! Keys, session token, region and endpoint are used. A profile that gets its keys in another way
//! (SSO, an assumed role, a process) is refused, with the command that exports them as keys.

use std::{
    io,
    path::{Path, PathBuf},
};

use ini::{Ini, ParseOption, Properties};
use object_store::aws::AmazonS3ConfigKey;

use crate::{Error, Result};

/// The contents of a profile.
#[derive(Default)]
pub struct Profile {
    pub settings: Vec<(AmazonS3ConfigKey, String)>,
    /// Whether a key and a secret are among the settings.
    pub has_keys: bool,
}

/// The two configuration files of the AWS tools.
pub struct Files {
    pub credentials: Option<PathBuf>,
    pub config: Option<PathBuf>,
}

impl Files {
    /// The files that the environment names, or else those in `~/.aws`.
    pub fn from_env() -> Self {
        let place = |variable: &str, name: &str| {
            std::env::var_os(variable)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
                .or_else(|| Some(std::env::home_dir()?.join(".aws").join(name)))
        };
        Self {
            credentials: place("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            config: place("AWS_CONFIG_FILE", "config"),
        }
    }
}

const TAKEN: [(&str, AmazonS3ConfigKey); 5] = [
    ("aws_access_key_id", AmazonS3ConfigKey::AccessKeyId),
    ("aws_secret_access_key", AmazonS3ConfigKey::SecretAccessKey),
    ("aws_session_token", AmazonS3ConfigKey::Token),
    ("region", AmazonS3ConfigKey::Region),
    ("endpoint_url", AmazonS3ConfigKey::Endpoint),
];

/// Settings by which a profile gets its keys in a way that is not supported.
const ELSEWHERE: [&str; 5] =
    ["sso_session", "sso_start_url", "role_arn", "credential_process", "login_session"];

/// Reads a profile. `name` is `None` if no profile was named; then `default` is used if it exists.
pub fn read(files: &Files, name: Option<&str>) -> Result<Profile> {
    let wanted = name.unwrap_or("default");
    let credentials = open(files.credentials.as_deref())?;
    let config = open(files.config.as_deref())?;
    let prefixed = format!("profile {wanted}");
    // Both files may describe a profile. Credentials take precedence, as in the AWS tools.
    let sections: Vec<&Properties> = [
        credentials.as_ref().and_then(|file| file.section(Some(wanted))),
        config.as_ref().and_then(|file| file.section(Some(prefixed.as_str()))),
        config.as_ref().filter(|_| wanted == "default").and_then(|file| file.section(Some(wanted))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if sections.is_empty() {
        return match name {
            None => Ok(Profile::default()),
            Some(name) => Err(Error::config(format!(
                "there is no AWS profile {name:?} in ~/.aws/credentials and ~/.aws/config"
            ))),
        };
    }
    let value = |key: &str| sections.iter().find_map(|section| section.get(key));
    let settings: Vec<_> = TAKEN
        .into_iter()
        .filter_map(|(key, setting)| Some((setting, value(key)?.to_owned())))
        .collect();
    let has_keys = value(TAKEN[0].0).is_some() && value(TAKEN[1].0).is_some();
    match ELSEWHERE.into_iter().find(|key| value(key).is_some()) {
        Some(way) if !has_keys => Err(Error::config(format!("the AWS profile {wanted:?} gets its keys by {way}, which is not read here")).hint(format!("run `eval \"$(aws configure export-credentials --profile {wanted} --format env)\"` first"))),
        _ => Ok(Profile { settings, has_keys }),
    }
}

/// Opens a file; `None` if it does not exist.
fn open(path: Option<&Path>) -> Result<Option<Ini>> {
    let Some(path) = path else { return Ok(None) };
    // A backslash or a quote in a secret is meant literally.
    let plain = ParseOption { enabled_quote: false, enabled_escape: false, ..Default::default() };
    match Ini::load_from_file_opt(path, plain) {
        Ok(file) => Ok(Some(file)),
        Err(ini::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(ini::Error::Io(error)) => {
            Err(Error::config(format!("{} cannot be read: {error}", path.display())))
        }
        Err(ini::Error::Parse(error)) => {
            Err(Error::config(format!("{}, line {}: {}", path.display(), error.line, error.msg))
                .hint("correct the file or give the keys as storage options"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn files(credentials: &str, config: &str) -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("credentials"), credentials).unwrap();
        fs::write(path("config"), config).unwrap();
        let files = Files { credentials: Some(path("credentials")), config: Some(path("config")) };
        (folder, files)
    }

    fn value(profile: &Profile, key: AmazonS3ConfigKey) -> Option<&str> {
        profile.settings.iter().find(|(own, _)| *own == key).map(|(_, value)| value.as_str())
    }

    #[test]
    fn keys_come_from_credentials_and_the_region_from_config() {
        let (_folder, files) = files(
            "[default]\naws_access_key_id = A\naws_secret_access_key = s/+\\e\"c\n\
             [work]\naws_access_key_id=W\naws_secret_access_key=x\naws_session_token=t=\n",
            "[default]\nregion = eu-west-1\n# a comment\n[profile work]\nregion = us-east-2\n\
             s3 =\n  max_concurrent_requests = 20\nendpoint_url = https://s3.acme.com\n",
        );
        let default = read(&files, None).unwrap();
        assert!(default.has_keys);
        assert_eq!(value(&default, AmazonS3ConfigKey::SecretAccessKey), Some("s/+\\e\"c"));
        assert_eq!(value(&default, AmazonS3ConfigKey::Region), Some("eu-west-1"));
        let work = read(&files, Some("work")).unwrap();
        assert_eq!(value(&work, AmazonS3ConfigKey::AccessKeyId), Some("W"));
        assert_eq!(value(&work, AmazonS3ConfigKey::Token), Some("t="));
        assert_eq!(value(&work, AmazonS3ConfigKey::Endpoint), Some("https://s3.acme.com"));
    }

    #[test]
    fn a_profile_that_is_not_there_is_an_error_only_if_it_was_asked_for() {
        let none = Files { credentials: Some("/nowhere/credentials".into()), config: None };
        assert!(!read(&none, None).unwrap().has_keys);
        let error = read(&none, Some("work")).err().unwrap().to_string();
        assert!(error.contains("no AWS profile \"work\""), "{error}");
    }

    #[test]
    fn a_profile_with_sso_says_how_to_get_keys() {
        let (_folder, files) = files("", "[profile dev]\nsso_session = corp\nregion = eu-west-1\n");
        let error = read(&files, Some("dev")).err().unwrap().to_string();
        assert!(error.contains("export-credentials --profile dev"), "{error}");
    }

    #[test]
    fn a_broken_file_is_named_with_its_line_and_without_its_secrets() {
        let (_folder, files) = files("[default]\naws_secret_access_key hunter2\n", "");
        let error = read(&files, None).err().unwrap().to_string();
        assert!(error.contains("credentials, line"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
