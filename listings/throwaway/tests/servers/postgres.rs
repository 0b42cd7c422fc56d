use std::{fs, sync::LazyLock, thread};

use throwaway::{
    ClientError, StartError,
    postgres::{Durability, Options, Server},
};

use crate::{assert_gone, children, runs, wait_until};

/// As the tests of other listings hold theirs.
static SHARED: LazyLock<Server> =
    LazyLock::new(|| Server::start(Durability::Fast).unwrap());

#[test]
fn a_server_answers() {
    let answer = SHARED.psql("postgres", "SELECT 1").unwrap();
    assert_eq!(answer, "1");
    let user = SHARED.psql("postgres", "SELECT current_user").unwrap();
    assert_eq!(user, SHARED.superuser());
}

#[test]
fn text_is_unicode() {
    let answer = SHARED.psql("postgres", "SELECT upper('é')").unwrap();
    assert_eq!(answer, "É");
}

#[test]
fn a_refusal_says_why() {
    let refusal = SHARED.psql("postgres", "SELECT 1 / 0").unwrap_err();
    assert!(matches!(refusal, ClientError::Refused { .. }));
    assert!(
        refusal.to_string().contains("division by zero"),
        "{refusal}"
    );
}

#[test]
fn a_database_is_a_copy_of_its_template() {
    SHARED.create_database("model", None).unwrap();
    let fill = "CREATE TABLE part (name text); INSERT INTO part VALUES ('nut')";
    SHARED.psql("model", fill).unwrap();

    let first = SHARED.new_database(Some("model")).unwrap();
    let second = SHARED.new_database(Some("model")).unwrap();
    assert_ne!(first, second);
    SHARED.psql(&first, "DELETE FROM part").unwrap();
    assert_eq!(
        SHARED.psql(&second, "SELECT name FROM part").unwrap(),
        "nut"
    );
}

#[test]
fn any_name_will_do() {
    let name = "Köln & \"1/2\" ?";
    SHARED.create_database(name, None).unwrap();
    let answer = SHARED.psql(name, "SELECT current_database()").unwrap();
    assert_eq!(answer, name);
}

#[test]
fn two_servers_run_in_parallel_and_leave_nothing() {
    let start = || Options::new(Durability::Fast).tcp().start().unwrap();
    let other = thread::spawn(start);
    let (one, other) = (start(), other.join().unwrap());

    one.create_database("only_here", None).unwrap();
    let count = "SELECT count(*) FROM pg_database WHERE datname = 'only_here'";
    assert_eq!(one.psql("postgres", count).unwrap(), "1");
    assert_eq!(other.psql("postgres", count).unwrap(), "0");
    assert_ne!(one.tcp_url("postgres"), other.tcp_url("postgres"));

    for server in [one, other] {
        let directory = server.socket_directory().to_owned();
        let process = server.process_id().unwrap();
        let processes = [children(process), vec![process]].concat();
        assert!(processes.len() > 3, "{processes:?}");
        drop(server);
        assert_gone(&directory, &processes);
    }
}

#[test]
fn committed_data_survives_a_kill() {
    // Should a process survive, it ends the busy loop below.
    let options = Options::new(Durability::Real).tcp();
    let options = options.setting("statement_timeout", "40s");
    let server = options.start().unwrap();
    let (url, tcp_url) = (server.url("postgres"), server.tcp_url("postgres"));
    let fill = "CREATE TABLE part AS SELECT generate_series(1, 1000) AS number";
    server.psql("postgres", fill).unwrap();
    let process = server.process_id().unwrap();

    let cut_off = thread::scope(|scope| {
        // Without a pause in which it could notice that the server is gone.
        let busy = "DO 'BEGIN LOOP END LOOP; END'";
        let client = scope.spawn(|| server.psql("postgres", busy).unwrap_err());
        let count = "SELECT count(*) FROM pg_stat_activity
                     WHERE state = 'active' AND query LIKE 'DO %'";
        wait_until("busy", || server.psql("postgres", count).unwrap() == "1");
        let processes = [children(process), vec![process]].concat();
        server.kill().unwrap();
        assert!(!processes.iter().any(|process| runs(*process)));
        client.join().unwrap()
    });
    assert!(matches!(cut_off, ClientError::Refused { .. }), "{cut_off}");
    assert_eq!(server.process_id(), None);
    server.psql("postgres", "SELECT 1").unwrap_err();

    server.restart().unwrap();
    let count = "SELECT count(*) FROM part";
    assert_eq!(server.psql("postgres", count).unwrap(), "1000");
    assert_eq!(server.url("postgres"), url);
    assert_eq!(server.tcp_url("postgres"), tcp_url);
    let log = fs::read_to_string(server.log_file()).unwrap();
    assert!(log.contains("was not properly shut down"), "{log}");
}

#[test]
fn a_stopped_server_starts_again() {
    let server = Server::start(Durability::Fast).unwrap();
    server.psql("postgres", "CREATE TABLE part ()").unwrap();
    server.stop().unwrap();
    server.psql("postgres", "TABLE part").unwrap_err();
    server.restart().unwrap();
    server.restart().unwrap();
    server.psql("postgres", "TABLE part").unwrap();
    let log = fs::read_to_string(server.log_file()).unwrap();
    assert!(!log.contains("was not properly shut down"), "{log}");
}

#[test]
fn durability_is_what_it_says() {
    let show = "SELECT current_setting('fsync'),
                       current_setting('synchronous_commit')";
    assert_eq!(SHARED.psql("postgres", show).unwrap(), "off|off");
    let real = Server::start(Durability::Real).unwrap();
    assert_eq!(real.psql("postgres", show).unwrap(), "on|on");
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let options = Options::new(Durability::Fast);
    let error = options
        .setting("shared_buffers", "many")
        .start()
        .unwrap_err();
    assert!(matches!(error, StartError::Ended { .. }), "{error:?}");
    assert!(error.to_string().contains("shared_buffers"), "{error}");
}

#[test]
fn a_killed_server_leaves_nothing() {
    let server = Server::start(Durability::Fast).unwrap();
    let directory = server.socket_directory().to_owned();
    let status = server.data_directory().join("postmaster.pid");
    // The line with the key and the number of its shared memory.
    let status = fs::read_to_string(status).unwrap();
    let line = status.lines().nth(6).unwrap();
    let number = line.split_whitespace().next_back().unwrap().to_owned();
    assert!(shared_memory().contains(&number));

    server.kill().unwrap();
    drop(server);
    assert_gone(&directory, &[]);
    assert!(!shared_memory().contains(&number));
}

/// The numbers of all segments of shared memory.
fn shared_memory() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let number = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    table.lines().filter_map(number).collect()
}
