use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use throwaway::nats::Server;

use crate::{assert_gone, owner::Owner, runs};

/// Creates a JetStream stream that is kept in a file.
const CREATE: &str = r#"{"name":"parts","subjects":["part"],"storage":"file"}"#;

#[test]
fn a_server_greets() {
    let server = Server::start().unwrap();
    let greeting = converse(&server.url(), "", "PONG");
    assert!(greeting.starts_with("INFO "), "{greeting}");
    assert!(greeting.contains(r#""jetstream":true"#), "{greeting}");
}

#[test]
fn a_killed_server_comes_back_with_its_port_and_store() {
    let server = Server::start().unwrap();
    let (url, process) = (server.url(), server.process_id().unwrap());
    let create = request("STREAM.CREATE.parts", CREATE);
    converse(&url, &create, r#""name":"parts""#);

    server.kill().unwrap();
    assert!(!runs(process));
    let address = url.strip_prefix("nats://").unwrap();
    TcpStream::connect(address).unwrap_err();

    server.restart().unwrap();
    assert_eq!(server.url(), url);
    let info = request("STREAM.INFO.parts", "");
    converse(&url, &info, r#""name":"parts""#);
}

#[test]
fn two_servers_run_in_parallel_and_leave_nothing() {
    let servers = [Server::start().unwrap(), Server::start().unwrap()];
    assert_ne!(servers[0].url(), servers[1].url());
    for server in servers {
        let directory = server.log_file().parent().unwrap().to_owned();
        let process = server.process_id().unwrap();
        drop(server);
        assert_gone(&directory, &[process]);
    }
}

#[test]
fn nothing_is_left_of_a_killed_owner() {
    let owner = Owner::start(&["nats"]);
    converse(&owner.url, "", "PONG");
    owner.assert_killed_leaves_nothing();
}

#[test]
fn nothing_is_left_when_the_input_closes() {
    Owner::start(&["nats"]).assert_ends_tidily();
}

/// A request to JetStream, in the protocol of NATS.
fn request(subject: &str, body: &str) -> String {
    let length = body.len();
    format!("SUB box 1\r\nPUB $JS.API.{subject} box {length}\r\n{body}\r\n")
}

/// Sends `commands` and reads until a line holds `end`. Returns all lines.
fn converse(url: &str, commands: &str, end: &str) -> String {
    let address = url.strip_prefix("nats://").unwrap();
    let mut connection = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(10));
    connection.set_read_timeout(patience).unwrap();
    let connect = r#"CONNECT {"verbose":false}"#;
    write!(connection, "{connect}\r\n{commands}PING\r\n").unwrap();
    let mut lines = BufReader::new(connection);
    let mut answer = String::new();
    while !answer.contains(end) {
        assert_ne!(lines.read_line(&mut answer).unwrap(), 0, "{answer}");
    }
    answer
}
