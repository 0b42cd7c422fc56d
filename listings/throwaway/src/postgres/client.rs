//! What a client needs, and the client programs of PostgreSQL itself.

use std::{fmt::Write as _, process::Command, sync::atomic::Ordering};

use super::{SUPERUSER, Server};
use crate::ClientError;

impl Server {
    /// The URL of `database` through the Unix socket, for libpq and for sqlx.
    pub fn url(&self, database: &str) -> String {
        let directory = self.socket_directory().as_os_str();
        format!(
            "postgres://{SUPERUSER}@localhost:{}/{}?host={}",
            self.port,
            percent_encode(database.as_bytes()),
            percent_encode(directory.as_encoded_bytes()),
        )
    }

    /// The URL of `database` over TCP, if the server listens there.
    pub fn tcp_url(&self, database: &str) -> Option<String> {
        let database = percent_encode(database.as_bytes());
        self.options.tcp.then(|| {
            format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
        })
    }

    /// Makes a database, empty or as a copy of `template`, to which nobody
    /// may be connected.
    ///
    /// # Errors
    /// When the server refuses, or does not run.
    pub fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), ClientError> {
        let mut command = self.client("createdb");
        command.arg("--maintenance-db").arg(self.url("postgres"));
        if let Some(template) = template {
            command.arg("--template").arg(template);
        }
        command.args(["--", name]);
        run(command).map(drop)
    }

    /// Makes a database with a name that no other one of this server has, and
    /// returns the name.
    ///
    /// # Errors
    /// When the server refuses, or does not run.
    pub fn new_database(
        &self,
        template: Option<&str>,
    ) -> Result<String, ClientError> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("throwaway_{number}");
        self.create_database(&name, template)?;
        Ok(name)
    }

    /// Runs `sql` through `psql`, in one transaction. Returns a line a row,
    /// with `|` between the columns.
    ///
    /// # Errors
    /// When the server refuses, or does not run.
    pub fn psql(
        &self,
        database: &str,
        sql: &str,
    ) -> Result<String, ClientError> {
        let mut command = self.client("psql");
        command
            .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"])
            .args(["--set", "ON_ERROR_STOP=1", "--command", sql])
            .arg(self.url(database));
        run(command).map(|rows| rows.trim_end().to_owned())
    }

    fn client(&self, name: &str) -> Command {
        self.home.command(&self.programs.join(name))
    }
}

fn run(mut command: Command) -> Result<String, ClientError> {
    let output = command.output().map_err(|cause| {
        let program = command.get_program().into();
        ClientError::Run { program, cause }
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(ClientError::Refused {
        message: message.trim_end().to_owned(),
    })
}

/// `%2F` for `/`, and so on for all that has a meaning in a URL.
fn percent_encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_url_is_encoded() {
        assert_eq!(percent_encode(b"/tmp/a-1_b"), "%2Ftmp%2Fa-1_b");
        assert_eq!(percent_encode("é?".as_bytes()), "%C3%A9%3F");
    }
}
