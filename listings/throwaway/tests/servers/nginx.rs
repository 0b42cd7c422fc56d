use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use throwaway::{StartError, free_port, nginx::Server};

use crate::{assert_gone, owner::Owner, runs};

fn site(port: u16) -> String {
    format!("server {{ listen 127.0.0.1:{port}; return 200 \"here\\n\"; }}\n")
}

#[test]
fn a_server_serves_its_site_and_nothing_else() {
    let port = free_port().unwrap();
    let server = Server::start(&site(port)).unwrap();
    assert!(ask(port).starts_with("HTTP/1.1 200 OK"), "{}", ask(port));
    assert!(ask(port).ends_with("here\n"), "{}", ask(port));
    server.stop().unwrap();
    TcpStream::connect(("127.0.0.1", port)).unwrap_err();
}

#[test]
fn a_killed_server_comes_back() {
    let port = free_port().unwrap();
    let server = Server::start(&site(port)).unwrap();
    let process = server.process_id().unwrap();
    server.kill().unwrap();
    assert!(!runs(process));
    TcpStream::connect(("127.0.0.1", port)).unwrap_err();
    server.restart().unwrap();
    assert!(ask(port).ends_with("here\n"), "{}", ask(port));
}

#[test]
fn a_bad_site_is_told() {
    let refused = Server::start("server { lisen 80; }").unwrap_err();
    assert!(matches!(refused, StartError::Ended { .. }), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("unknown directive \"lisen\""), "{said}");
}

#[test]
fn a_server_leaves_nothing() {
    let server = Server::start(&site(free_port().unwrap())).unwrap();
    let directory = server.log_file().parent().unwrap().to_owned();
    let process = server.process_id().unwrap();
    drop(server);
    assert_gone(&directory, &[process]);
}

#[test]
fn nothing_is_left_of_a_killed_owner() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, site(free_port().unwrap())).unwrap();
    let path = file.path().to_str().unwrap();
    Owner::start(&["nginx", path]).assert_killed_leaves_nothing();
}

#[test]
fn nothing_is_left_when_the_input_closes() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, site(free_port().unwrap())).unwrap();
    let path = file.path().to_str().unwrap();
    Owner::start(&["nginx", path]).assert_ends_tidily();
}

fn ask(port: u16) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let patience = Some(Duration::from_secs(10));
    connection.set_read_timeout(patience).unwrap();
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}
