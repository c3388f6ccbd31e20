//! Files are private, whole, and never go through a link.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{ErrorKind, Write};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use private_files::{
    Access, Draft, Existing, Held, LockAccess, check_target, create_stream, draft_directory, finish_move, is_shared,
    make_database, make_directory, move_directory, open_lock, open_untrusted, probe_directory, set_mode, write,
    write_all,
};

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        directory.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A directory as the group shares it.
fn shared() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let shared = directory.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o2770)).unwrap();
    (directory, shared)
}

#[test]
fn files_are_for_their_owner_and_in_a_shared_directory_for_its_group() {
    let directory = tempfile::tempdir().unwrap();
    let (_guard, shared) = shared();
    assert!(is_shared(&shared) && !is_shared(directory.path()));
    for (at, access, expected) in [
        (directory.path(), Access::Owner, 0o600),
        (directory.path(), Access::Directory, 0o600),
        (&*shared, Access::Owner, 0o600),
        (&*shared, Access::Directory, 0o660),
    ] {
        for (name, existing) in [("new", Existing::Refuse), ("new", Existing::Replace), ("other", Existing::Replace)] {
            write(&at.join(name), b"text", access, existing).unwrap();
            assert_eq!(mode(&at.join(name)), expected, "{access:?} {existing:?}");
        }
        assert_eq!(names(at), ["new", "other"]);
        names(at).iter().for_each(|name| std::fs::remove_file(at.join(name)).unwrap());
    }
}

#[test]
fn directories_are_made_with_those_above_them() {
    let directory = tempfile::tempdir().unwrap();
    make_directory(&directory.path().join("a/b"), Access::Directory).unwrap();
    assert_eq!([mode(&directory.path().join("a")), mode(&directory.path().join("a/b"))], [0o700; 2]);
    let (_guard, shared) = shared();
    make_directory(&shared.join("a/b"), Access::Directory).unwrap();
    assert_eq!([mode(&shared.join("a")), mode(&shared.join("a/b"))], [0o2770; 2]);
    make_directory(&shared.join("own/b"), Access::Owner).unwrap();
    assert_eq!(mode(&shared.join("own")) & 0o777, 0o700);
    assert_eq!(mode(draft_directory(&shared, ".new").unwrap().path()), 0o2770);
    std::fs::write(shared.join("file"), "").unwrap();
    assert_eq!(make_directory(&shared.join("file"), Access::Owner).unwrap_err().kind(), ErrorKind::NotADirectory);
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    write(&path, b"first", Access::Owner, Existing::Refuse).unwrap();
    let refused = write(&path, b"second", Access::Owner, Existing::Refuse).unwrap_err();
    assert_eq!((refused.kind(), std::fs::read(&path).unwrap()), (ErrorKind::AlreadyExists, b"first".to_vec()));
    assert_eq!(create_stream(&path, Existing::Refuse).unwrap_err().kind(), ErrorKind::AlreadyExists);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    write(&path, b"second", Access::Owner, Existing::Replace).unwrap();
    assert_eq!((std::fs::read(&path).unwrap(), mode(&path)), (b"second".to_vec(), 0o600));
    create_stream(&path, Existing::Replace).unwrap().write_all(b"third").unwrap();
    assert_eq!((std::fs::read(&path).unwrap(), mode(&path)), (b"third".to_vec(), 0o600));
    assert_eq!(names(directory.path()), ["file"]);
}

/// A file that appears while another one is written under its name.
#[test]
fn two_writers_of_one_name_do_not_mix() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let mut draft = Draft::new_in(directory.path(), Access::Owner, Existing::Refuse).unwrap();
    draft.write_all(b"slow").unwrap();
    write(&path, b"quick", Access::Owner, Existing::Refuse).unwrap();
    assert_eq!(draft.persist(&path, Existing::Refuse).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), b"quick");
    assert_eq!(names(directory.path()), ["file"]);
}

#[test]
fn links_and_devices_are_neither_followed_nor_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = directory.path().join("elsewhere");
    for target in [elsewhere.clone(), directory.path().join("nothing"), "/dev/null".into()] {
        let link = directory.path().join("link");
        std::fs::write(&elsewhere, "kept").unwrap();
        symlink(&target, &link).unwrap();
        for existing in [Existing::Refuse, Existing::Replace] {
            write(&link, b"x", Access::Owner, existing).unwrap_err();
            create_stream(&link, existing).unwrap_err();
            assert!(link.is_symlink() && !directory.path().join("nothing").exists());
        }
        open_lock(&link, LockAccess::Directory).unwrap_err();
        make_database(&link).unwrap_err();
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "kept");
        std::fs::remove_file(&link).unwrap();
    }
    let refused = write(Path::new("/dev/null"), b"x", Access::Owner, Existing::Replace).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    write(directory.path(), b"x", Access::Owner, Existing::Replace).unwrap_err();
}

#[test]
fn files_that_belong_together_are_written_together() {
    let directory = tempfile::tempdir().unwrap();
    let files = [("a", b"1".to_vec()), ("b", b"2".to_vec())];
    std::fs::write(directory.path().join("b"), "old").unwrap();
    let (name, error) = write_all(directory.path(), &files, Access::Owner, Existing::Refuse).unwrap_err();
    assert_eq!((name, error.kind()), ("b", ErrorKind::AlreadyExists));
    assert_eq!(names(directory.path()), ["b"], "not one of them");
    write_all(directory.path(), &files, Access::Owner, Existing::Replace).unwrap();
    assert_eq!(std::fs::read(directory.path().join("b")).unwrap(), b"2");
    let unwritable = [("c", b"1".to_vec()), ("none/d", b"2".to_vec())];
    write_all(directory.path(), &unwritable, Access::Owner, Existing::Refuse).unwrap_err();
    assert_eq!(names(directory.path()), ["a", "b"], "c is removed again");
}

#[test]
fn a_draft_that_is_given_up_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for existing in [Existing::Refuse, Existing::Replace] {
        let mut draft = Draft::new_in(directory.path(), Access::Owner, existing).unwrap();
        draft.write_all(b"half").unwrap();
        assert!(!directory.path().join("file").exists());
        drop(draft);
        assert!(names(directory.path()).is_empty(), "{existing:?}");
    }
}

#[test]
fn locks_are_regular_files_that_stay() {
    let (_guard, shared) = shared();
    for (access, expected) in [(LockAccess::Everyone, 0o666), (LockAccess::Directory, 0o660)] {
        let path = shared.join(format!("{expected:o}"));
        open_lock(&path, access).unwrap().write_all(b"holder").unwrap();
        open_lock(&path, access).unwrap();
        assert_eq!((mode(&path), std::fs::read(&path).unwrap()), (expected, b"holder".to_vec()));
    }
    let fifo = shared.join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    assert_eq!(open_lock(&fifo, LockAccess::Everyone).unwrap_err().kind(), ErrorKind::InvalidInput, "not waited for");
}

#[test]
fn a_database_is_made_once_and_private() {
    let (_guard, shared) = shared();
    let directory = tempfile::tempdir().unwrap();
    for (at, expected) in [(directory.path(), 0o600), (&*shared, 0o660)] {
        let path = at.join("db");
        make_database(&path).unwrap();
        std::fs::write(&path, "content").unwrap();
        make_database(&path).unwrap();
        assert_eq!((mode(&path), std::fs::read_to_string(&path).unwrap().as_str()), (expected, "content"));
    }
}

/// Everything below a directory with its content; links with where they lead.
fn tree(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in names(directory) {
        let path = directory.join(&name);
        if path.is_symlink() {
            found.push((name, path.read_link().unwrap().display().to_string()));
        } else if path.is_dir() {
            found.extend(tree(&path).into_iter().map(|(below, content)| (format!("{name}/{below}"), content)));
        } else {
            found.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    found
}

#[test]
fn a_directory_moves_whole_within_and_across_file_systems() {
    let here = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    for target in [here.path().join("parent/to"), memory.path().join("parent/to")] {
        let from = here.path().join("from");
        std::fs::create_dir_all(from.join("sub")).unwrap();
        std::fs::write(from.join("db"), "1").unwrap();
        std::fs::write(from.join("sub/card"), "2").unwrap();
        symlink("/nowhere", from.join("link")).unwrap();
        let before = tree(&from);
        std::fs::create_dir_all(target.join("in the way")).unwrap();
        assert_eq!(move_directory(&from, &target).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
        assert_eq!(tree(&from), before, "nothing is lost");
        std::fs::remove_dir(target.join("in the way")).unwrap();
        move_directory(&from, &target).unwrap();
        assert_eq!((tree(&target), from.exists()), (before, false));
        assert_eq!(names(target.parent().unwrap()), ["to"], "no draft is left");
    }
}

/// The program was killed when the copy had its name and the original was still there.
#[test]
fn a_move_that_was_cut_short_is_finished() {
    let directory = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| directory.path().join(name));
    for path in [&from, &to] {
        std::fs::create_dir_all(path.join("sub")).unwrap();
        std::fs::write(path.join("db"), "1").unwrap();
    }
    finish_move(&from, &to).unwrap();
    assert!(from.exists(), "without a marker nothing is removed");
    for path in [&from, &to] {
        write(&path.join(".esimctl-move"), b"once", Access::Owner, Existing::Refuse).unwrap();
    }
    finish_move(&from, &to).unwrap();
    assert_eq!((from.exists(), names(&to)), (false, vec!["db".to_owned(), "sub".to_owned()]));
    finish_move(&from, &to).unwrap();
}

/// Others can write into the new place: what they put there removes nothing.
#[test]
fn a_forged_marker_removes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let [from, to] = ["from", "to"].map(|name| directory.path().join(name));
    let [at_from, at_to] = [&from, &to].map(|path| path.join(".esimctl-move"));
    for path in [&from, &to] {
        std::fs::create_dir(path).unwrap();
    }
    let forge = |forged: &dyn Fn(&Path)| {
        forged(&at_to);
        finish_move(&from, &to).unwrap();
        assert!(at_to.symlink_metadata().is_ok());
        std::fs::remove_file(&at_to).unwrap();
    };
    let private = |path: &Path, text: &str| write(path, text.as_bytes(), Access::Owner, Existing::Refuse).unwrap();
    let victim = directory.path().join("victim");
    std::fs::create_dir(&victim).unwrap();
    forge(&|path| private(path, victim.to_str().unwrap()));
    private(&at_from, "once");
    forge(&|path| private(path, "another"));
    forge(&|path| symlink(&at_from, path).unwrap());
    forge(&|path| std::fs::hard_link(&at_from, path).unwrap());
    forge(&|path| {
        private(path, "once");
        set_mode(path, 0o660).unwrap();
    });
    if rustix::process::geteuid().is_root() {
        forge(&|path| {
            private(path, "once");
            chown(path, Some(4321), None).unwrap();
        });
    }
    private(&directory.path().join("empty"), "");
    std::fs::rename(directory.path().join("empty"), &at_from).unwrap();
    forge(&|path| private(path, ""));
    assert!(victim.exists() && at_from.exists());
}

/// Names that lead elsewhere, or to files that have another name.
#[test]
fn permissions_of_what_is_elsewhere_stay() {
    let directory = tempfile::tempdir().unwrap();
    let [target, link, second, fifo] = ["target", "link", "second", "fifo"].map(|name| directory.path().join(name));
    std::fs::write(&target, "x").unwrap();
    assert!(set_mode(&target, 0o600).unwrap() || mode(&target) == 0o600);
    symlink(&target, &link).unwrap();
    assert!(!set_mode(&link, 0o644).unwrap());
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    assert!(!set_mode(&fifo, 0o666).unwrap());
    std::fs::hard_link(&target, &second).unwrap();
    assert!(!set_mode(&second, 0o644).unwrap());
    assert_eq!(mode(&target), 0o600);
    std::fs::remove_file(&second).unwrap();
    assert!(set_mode(&target, 0o640).unwrap());
    assert_eq!(mode(&target), 0o640);
    if rustix::process::geteuid().is_root() {
        chown(&target, Some(4321), None).unwrap();
        assert!(!set_mode(&target, 0o666).unwrap(), "another user's");
        assert_eq!(mode(&target), 0o640);
    }
}

/// The name is given to something else after it was looked at.
#[test]
fn what_is_held_is_changed_and_not_what_has_its_name_now() {
    let directory = tempfile::tempdir().unwrap();
    let [entry, aside, secret] = ["entry", "aside", "secret"].map(|name| directory.path().join(name));
    for path in [&entry, &secret] {
        write(path, b"x", Access::Owner, Existing::Refuse).unwrap();
    }
    let held = Held::at(directory.path()).unwrap().entry("entry".as_ref()).unwrap();
    std::fs::rename(&entry, &aside).unwrap();
    symlink(&secret, &entry).unwrap();
    assert!(held.set_mode(0o660).unwrap());
    assert_eq!((mode(&secret), mode(&aside)), (0o600, 0o660));
}

#[test]
fn targets_are_checked_before_and_when_the_file_gets_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let [file, link] = ["file", "link"].map(|name| directory.path().join(name));
    std::fs::write(&file, "kept").unwrap();
    symlink(&file, &link).unwrap();
    assert_eq!(check_target(&file, Existing::Refuse).unwrap_err().kind(), ErrorKind::AlreadyExists);
    check_target(&file, Existing::Replace).unwrap();
    check_target(&directory.path().join("none"), Existing::Refuse).unwrap();
    // A link that appeared while the file was written.
    let draft = Draft::new_in(directory.path(), Access::Owner, Existing::Replace).unwrap();
    assert_eq!(draft.persist(&link, Existing::Replace).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(link.is_symlink());
    // Of files that belong together none is replaced if one cannot be.
    let files = [("file", b"new".to_vec()), ("link", b"new".to_vec())];
    write_all(directory.path(), &files, Access::Owner, Existing::Replace).unwrap_err();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
}

#[test]
fn a_fifo_of_somebody_else_is_not_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(open_untrusted(&fifo).unwrap_err().kind()));
    let kind = is_done.recv_timeout(std::time::Duration::from_secs(60)).expect("it waits for a writer");
    assert_eq!(kind, ErrorKind::InvalidInput);
}

#[test]
fn errors_name_no_file_that_the_user_has_not_named() {
    let nowhere = Path::new("/no/such/directory/file");
    for existing in [Existing::Refuse, Existing::Replace] {
        let error = write(nowhere, b"x", Access::Owner, existing).unwrap_err();
        assert_eq!(error.to_string(), "No such file or directory (os error 2)", "{existing:?}");
    }
    for error in [draft_directory(nowhere, ".new").unwrap_err(), probe_directory(nowhere).unwrap_err()] {
        assert_eq!(error.to_string(), "No such file or directory (os error 2)");
    }
}

/// The test is its own child: that begins a file and is killed in the middle.
#[test]
fn a_killed_program_leaves_nothing() {
    use std::io::BufRead;
    const IN: &str = "PRIVATE_FILES_KILLED_IN";
    if let Some(directory) = std::env::var_os(IN) {
        let mut draft = Draft::new_in(Path::new(&directory), Access::Owner, Existing::Refuse).unwrap();
        draft.write_all(b"half").unwrap();
        println!("\nready");
        std::thread::sleep(std::time::Duration::from_secs(600));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["a_killed_program_leaves_nothing", "--exact", "--nocapture"])
        .env(IN, directory.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(names(directory.path()).is_empty(), "{:?}", names(directory.path()));
}
