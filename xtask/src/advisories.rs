//! The advisory database lives on GitHub, which a closed network may not reach.

use std::path::PathBuf;
use std::process::Stdio;

use crate::shell;

/// Checks every dependency against the advisory database: freshly fetched if that works,
/// else a copy fetched before. Without either the remark says that nothing was checked,
/// or, if `required`, the check fails.
pub fn check(required: bool) -> Result<Option<String>, String> {
    println!("$ cargo deny fetch db");
    let fetched = shell::cargo(&["deny", "fetch", "db"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if fetched || database_is_present() {
        shell::execute(&mut shell::cargo(&[
            "deny",
            "check",
            "--disable-fetch",
            "advisories",
        ]))?;
        let remark = if fetched {
            None
        } else {
            Some("against a copy fetched earlier".into())
        };
        return Ok(remark);
    }
    let remark = "NOT CHECKED: the advisory database cannot be fetched from this machine";
    println!("{remark}");
    if required {
        Err(remark.into())
    } else {
        Ok(Some(remark.into()))
    }
}

fn database_is_present() -> bool {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let Some(databases) = home.map(|home| home.join("advisory-dbs")) else {
        return false;
    };
    // A failed fetch leaves an empty repository behind; a database has crates in it.
    let Ok(entries) = std::fs::read_dir(databases) else {
        return false;
    };
    entries
        .filter_map(Result::ok)
        .any(|entry| entry.path().join("crates").is_dir())
}
