//! A [`Disk`] as a file system of SQLite.
//!
//! It is SQLite's own for this machine, but that files are opened, deleted and looked for on a
//! disk of ours. What is unsafe is here and nowhere else: each function turns the pointers that
//! SQLite gives into values, as <https://sqlite.org/c3ref/io_methods.html> has them, and asks
//! the disk.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, LazyLock, Mutex, Once};

use redress_ledger_sqlite::Files;
use rusqlite::ffi;

use crate::disk::{Disk, Event, Failed, Fault};
use crate::locks::{Exclusive, Level, SLOTS};

/// The name of the file system.
pub const VFS: &str = "redress-disk";

/// A ledger's files on it.
pub const FILES: Files = Files {
    vfs: Some(VFS),
    write_wal_again,
};

/// The same for C.
const NAME: &CStr = c"redress-disk";

/// The longest name of a file.
const NAME_BYTES_MAX: c_int = 1_024;

/// One region of shared memory, as words so that it is aligned.
type Region = Box<[u64]>;

/// A disk that is mounted, with what its programs share.
#[derive(Default)]
struct Mounted {
    disk: Arc<Disk>,
    /// Regions of shared memory by file, and who uses them. SQLite writes to them through
    /// pointers, from several connections at a time, as it does to a file that is mapped.
    shared: Mutex<BTreeMap<String, Shared>>,
}

#[derive(Default)]
struct Shared {
    users: Vec<u64>,
    regions: Vec<*mut u64>,
    words: usize,
}

// SAFETY: the pointers are those of boxes that this process allocated and frees once, when
// nobody uses them any more; what SQLite does to the memory between, it orders by its own locks.
unsafe impl Send for Shared {}

impl Drop for Shared {
    fn drop(&mut self) {
        for region in self.regions.drain(..) {
            let words = ptr::slice_from_raw_parts_mut(region, self.words);
            // SAFETY: `region` came out of `Box::into_raw` with so many words, and was not
            // freed before, since only this drains the list.
            drop(unsafe { Box::from_raw(words) });
        }
    }
}

/// The disks by the path of the file on them.
static MOUNTED: LazyLock<Mutex<BTreeMap<String, Arc<Mounted>>>> = LazyLock::new(Mutex::default);

/// A disk below a path, until this is dropped. The files on it are the one of that path, and
/// those that SQLite makes beside it.
#[derive(Debug)]
pub struct Mount(String);

impl Mount {
    /// Mounts a disk.
    #[must_use]
    pub fn new(path: &str, disk: Arc<Disk>) -> Self {
        register();
        let shared = Mutex::default();
        let mounted = Arc::new(Mounted { disk, shared });
        MOUNTED.lock().unwrap().insert(path.to_owned(), mounted);
        Self(path.to_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        MOUNTED.lock().unwrap().remove(&self.0);
    }
}

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: with no name it gives the default file system, which lives as long as the
        // process; it is only read, and copied.
        let default = unsafe { *ffi::sqlite3_vfs_find(ptr::null()) };
        let own = ffi::sqlite3_vfs {
            szOsFile: c_int::try_from(size_of::<Opened>()).unwrap(),
            mxPathname: NAME_BYTES_MAX,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            ..default
        };
        // SAFETY: SQLite keeps the pointer for as long as the process lives, and so does what
        // was leaked.
        let result = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(own)), 0) };
        assert_eq!(result, ffi::SQLITE_OK);
    });
}

/// Writes the bytes of a WAL as they are seen once more.
fn write_wal_again(ledger: &Path) -> io::Result<()> {
    let mounted = ledger.to_str().and_then(|path| {
        let mounted = MOUNTED.lock().unwrap();
        mounted.get(path).map(Arc::clone)
    });
    let disk = &mounted.ok_or(ErrorKind::NotFound)?.disk;
    let name = place_name("-wal");
    if !disk.exists(&name) {
        return Ok(());
    }
    let mut bytes = vec![0; disk.length(&name)];
    disk.read(&name, 0, &mut bytes);
    let write = Event::Write {
        name: name.clone(),
        at: 0,
        bytes: bytes.into(),
    };
    let made = disk
        .make(write)
        .and_then(|()| disk.make(Event::Sync { name }));
    made.map_err(|failed| match failed.0 {
        Fault::Io => io::Error::other("the disk failed"),
        Fault::Full | Fault::Short => ErrorKind::StorageFull.into(),
    })
}

/// What is behind a file that SQLite opened. SQLite allocates it and knows of its beginning.
#[repr(C)]
struct Opened {
    base: ffi::sqlite3_file,
    file: *mut File,
}

struct File {
    mounted: Arc<Mounted>,
    name: String,
    who: u64,
    level: Level,
}

impl File {
    fn disk(&self) -> &Disk {
        &self.mounted.disk
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// The disk that a file is on, and its name there, which is the same wherever it is mounted.
///
/// # Safety
/// `name` is null or a text that ends in a zero.
unsafe fn place(name: *const c_char) -> Option<(Arc<Mounted>, String)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: it is not null, so it is a text that ends in a zero, as the caller says.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let mounted = MOUNTED.lock().unwrap();
    mounted.iter().find_map(|(path, found)| {
        let rest = name.strip_prefix(path.as_str())?;
        let is_here = ["", "-wal", "-journal"].contains(&rest);
        is_here.then(|| (Arc::clone(found), place_name(rest)))
    })
}

/// The name on a disk of the ledger's file with this ending.
fn place_name(ending: &str) -> String {
    format!("ledger{ending}")
}

/// The file behind a pointer of SQLite's.
///
/// # Safety
/// `file` was opened by [`open`] and not closed yet, and no other call uses it meanwhile:
/// SQLite holds a connection's mutex, or the connection is used by one thread.
unsafe fn of<'f>(file: *mut ffi::sqlite3_file) -> &'f mut File {
    // SAFETY: as the caller says, it is an `Opened` whose `file` came out of `Box::into_raw`.
    unsafe { &mut *(*file.cast::<Opened>()).file }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    static HOLDERS: AtomicU64 = AtomicU64::new(1);
    let opened = file.cast::<Opened>();
    // SAFETY: SQLite gives memory of `szOsFile` bytes; without methods it closes nothing.
    unsafe { (*opened).base.pMethods = ptr::null() };
    let who = HOLDERS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: SQLite gives a name that ends in a zero, or null for a file of its own.
    let (mounted, name) = match unsafe { place(name) } {
        Some(place) => place,
        // A file that nobody else sees and that need not last has a disk of its own.
        None if flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0 => {
            (Arc::new(Mounted::default()), "scratch".to_owned())
        }
        None => return ffi::SQLITE_CANTOPEN,
    };
    let own = File {
        mounted,
        name: name.clone(),
        who,
        level: Level::None,
    };
    if !own.disk().exists(&name) {
        if flags & ffi::SQLITE_OPEN_CREATE == 0 {
            return ffi::SQLITE_CANTOPEN;
        }
        if let Err(failed) = own.disk().make(Event::Create { name }) {
            return code(failed, ffi::SQLITE_CANTOPEN);
        }
    }
    if !flags_out.is_null() {
        // SAFETY: it is not null, so SQLite gives room for one number.
        unsafe { *flags_out = flags };
    }
    // SAFETY: as above; both fields are written before SQLite reads them.
    unsafe {
        (*opened).file = Box::into_raw(Box::new(own));
        (*opened).base.pMethods = &raw const METHODS;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: SQLite gives a name that ends in a zero.
    let Some((mounted, name)) = (unsafe { place(name) }) else {
        return ffi::SQLITE_IOERR_DELETE_NOENT;
    };
    if !mounted.disk.exists(&name) {
        return ffi::SQLITE_IOERR_DELETE_NOENT;
    }
    let synced = sync_folder != 0;
    made(
        mounted.disk.make(Event::Delete { name, synced }),
        ffi::SQLITE_IOERR_DELETE,
    )
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    _: c_int,
    found: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name that ends in a zero.
    let place = unsafe { place(name) };
    let exists = place.is_some_and(|(mounted, name)| mounted.disk.exists(&name));
    // SAFETY: SQLite gives room for one number.
    unsafe { *found = c_int::from(exists) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes what it opened once; the box is taken back and not used again.
    let own = unsafe { Box::from_raw((*file.cast::<Opened>()).file) };
    own.disk()
        .locks(&own.name, |locks| locks.release(own.who, Level::None));
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    out: *mut c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let (count, at) = (
        usize::try_from(count).unwrap(),
        usize::try_from(at).unwrap(),
    );
    // SAFETY: SQLite gives room for so many bytes, which nobody else uses meanwhile.
    let out = unsafe { slice::from_raw_parts_mut(out.cast::<u8>(), count) };
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    if own.disk().read(&own.name, at, out) < count {
        return ffi::SQLITE_IOERR_SHORT_READ;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let (count, at) = (
        usize::try_from(count).unwrap(),
        usize::try_from(at).unwrap(),
    );
    // SAFETY: SQLite gives so many bytes, which do not change meanwhile.
    let bytes = unsafe { slice::from_raw_parts(bytes.cast::<u8>(), count) };
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let (name, bytes) = (own.name.clone(), bytes.into());
    made(
        own.disk().make(Event::Write { name, at, bytes }),
        ffi::SQLITE_IOERR_WRITE,
    )
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: ffi::sqlite3_int64) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let (name, length) = (own.name.clone(), usize::try_from(length).unwrap());
    made(
        own.disk().make(Event::Truncate { name, length }),
        ffi::SQLITE_IOERR_TRUNCATE,
    )
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let name = own.name.clone();
    made(
        own.disk().make(Event::Sync { name }),
        ffi::SQLITE_IOERR_FSYNC,
    )
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    size: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let length = own.disk().length(&own.name);
    // SAFETY: SQLite gives room for one number.
    unsafe { *size = i64::try_from(length).unwrap() };
    ffi::SQLITE_OK
}

fn level(number: c_int) -> Level {
    match number {
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        ffi::SQLITE_LOCK_PENDING => Level::Pending,
        ffi::SQLITE_LOCK_EXCLUSIVE => Level::Exclusive,
        _ => Level::None,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, to: c_int) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let to = level(to);
    if own.level >= to {
        return ffi::SQLITE_OK;
    }
    let who = own.who;
    let taken = own.disk().locks(&own.name, |locks| locks.take(who, to));
    if taken.is_err() {
        return ffi::SQLITE_BUSY;
    }
    own.level = to;
    ffi::SQLITE_OK
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, to: c_int) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let (who, to) = (own.who, level(to));
    own.disk().locks(&own.name, |locks| locks.release(who, to));
    own.level = own.level.min(to);
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, found: *mut c_int) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let reserved = own.disk().locks(&own.name, |locks| locks.is_reserved());
    // SAFETY: SQLite gives room for one number.
    unsafe { *found = c_int::from(reserved) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// SQLite's own for a machine like this one.
unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4_096
}

/// SQLite's own for a machine like this one: a write that is torn harms no byte beside it.
unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    number: c_int,
    bytes: c_int,
    extend: c_int,
    region: *mut *mut c_void,
) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let (number, bytes) = (
        usize::try_from(number).unwrap(),
        usize::try_from(bytes).unwrap(),
    );
    let mut all = own.mounted.shared.lock().unwrap();
    let shared = all.entry(own.name.clone()).or_default();
    if !shared.users.contains(&own.who) {
        shared.users.push(own.who);
    }
    shared.words = bytes / size_of::<u64>();
    while shared.regions.len() <= number && extend != 0 {
        let fresh: Region = vec![0; shared.words].into();
        shared.regions.push(Box::into_raw(fresh).cast());
    }
    let found = shared.regions.get(number).copied();
    // SAFETY: SQLite gives room for one pointer.
    unsafe { *region = found.unwrap_or(ptr::null_mut()).cast() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let first = usize::try_from(first).unwrap();
    let slots = first..(first + usize::try_from(count).unwrap()).min(SLOTS);
    let who = own.who;
    let exclusive = match flags & ffi::SQLITE_SHM_EXCLUSIVE {
        0 => Exclusive::No,
        _ => Exclusive::Yes,
    };
    let taken = own.disk().locks(&own.name, |locks| {
        if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
            locks.release_slots(who, slots);
            return Ok(());
        }
        locks.take_slots(who, slots, exclusive)
    });
    match taken {
        Ok(()) => ffi::SQLITE_OK,
        Err(_) => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: the file is open.
    let own = unsafe { of(file) };
    let mut all = own.mounted.shared.lock().unwrap();
    if let Some(shared) = all.get_mut(&own.name) {
        shared.users.retain(|who| *who != own.who);
        if shared.users.is_empty() {
            all.remove(&own.name);
        }
    }
    ffi::SQLITE_OK
}

fn made(result: Result<(), Failed>, io: c_int) -> c_int {
    match result {
        Ok(()) => ffi::SQLITE_OK,
        Err(failed) => code(failed, io),
    }
}

const fn code(failed: Failed, io: c_int) -> c_int {
    match failed.0 {
        Fault::Io => io,
        Fault::Full | Fault::Short => ffi::SQLITE_FULL,
    }
}
