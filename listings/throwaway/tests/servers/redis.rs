use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use throwaway::redis::Server;

use crate::{assert_gone, owner::Owner, runs};

#[test]
fn a_server_answers_and_writes_nothing_to_disk() {
    let server = Server::start().unwrap();
    assert_eq!(ask(&server.url(), "PING"), "+PONG");
    assert_eq!(ask(&server.url(), "SET part 1"), "+OK");
    server.stop().unwrap();
    let directory = server.log_file().parent().unwrap().to_owned();
    let files = std::fs::read_dir(directory).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["redis.log"]);
}

#[test]
fn a_server_is_for_this_machine_only() {
    let server = Server::start().unwrap();
    let port = server.url().rsplit_once(':').unwrap().1.to_owned();
    let listeners = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let six = std::fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    let port = format!("{:04X}", port.parse::<u16>().unwrap());
    let own = |table: &str| {
        let local = table.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let (local, state) = (words.nth(1)?, words.nth(1)?);
            (state == "0A").then(|| local.to_owned())
        });
        let ours = local.filter(|local| local.ends_with(&port));
        ours.collect::<Vec<_>>()
    };
    assert_eq!(own(&listeners), [format!("0100007F:{port}")]);
    assert_eq!(own(&six), [""; 0]);
}

#[test]
fn a_killed_server_comes_back_with_its_port_and_nothing_else() {
    let server = Server::start().unwrap();
    let (url, process) = (server.url(), server.process_id().unwrap());
    assert_eq!(ask(&url, "SET part 1"), "+OK");

    server.kill().unwrap();
    assert!(!runs(process));
    TcpStream::connect(address(&url)).unwrap_err();

    server.restart().unwrap();
    assert_eq!(server.url(), url);
    assert_eq!(ask(&url, "EXISTS part"), ":0");
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
    let owner = Owner::start(&["redis"]);
    assert_eq!(ask(&owner.url, "PING"), "+PONG");
    owner.assert_killed_leaves_nothing();
}

#[test]
fn nothing_is_left_when_the_input_closes() {
    Owner::start(&["redis"]).assert_ends_tidily();
}

fn address(url: &str) -> &str {
    url.strip_prefix("redis://").unwrap()
}

/// Sends a command and returns the first line of the answer.
fn ask(url: &str, command: &str) -> String {
    let mut connection = TcpStream::connect(address(url)).unwrap();
    let patience = Some(Duration::from_secs(10));
    connection.set_read_timeout(patience).unwrap();
    write!(connection, "{command}\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
