//! What ends a batch from outside: Ctrl-C, or a service that is told to stop.
//!
//! The row under way is decided to its end, so that the batch can say how far it came. Whoever
//! does not want to wait for that asks twice.

#[cfg(unix)]
pub(super) use self::unix::Stop;

#[cfg(not(unix))]
pub(super) use self::other::Stop;

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};
    use std::thread;

    use nix::sys::signal::{SigSet, Signal, raise};

    /// Whether somebody has asked the batch to end.
    pub(in crate::batch) struct Stop {
        shared: Arc<Shared>,
    }

    #[derive(Default)]
    struct Shared {
        /// Rows are being decided; before, the system ends the program at once.
        deciding: AtomicBool,
        /// What came first.
        asked: OnceLock<Signal>,
    }

    fn signals() -> SigSet {
        let mut set = SigSet::empty();
        set.add(Signal::SIGINT);
        set.add(Signal::SIGTERM);
        set
    }

    /// Ends this program as the signal would have, so that a shell or a service sees why.
    fn end(signal: Signal) {
        // Where this fails, the program goes on to its end.
        let _ = signals().thread_unblock().and_then(|()| raise(signal));
    }

    impl Stop {
        /// Begins to listen, before the program has another thread: each takes over which
        /// signals its parent leaves to the listener.
        pub(in crate::batch) fn listen() -> Self {
            let shared = Arc::new(Shared::default());
            let heard = Arc::clone(&shared);
            if signals().thread_block().is_ok() {
                thread::spawn(move || {
                    while let Ok(signal) = signals().wait() {
                        let first = heard.asked.set(signal).is_ok();
                        if !first || !heard.deciding.load(Ordering::SeqCst) {
                            end(signal);
                        }
                    }
                });
            }
            Self { shared }
        }

        /// From now on the row under way is decided to its end.
        pub(in crate::batch) fn after_a_row(&self) {
            self.shared.deciding.store(true, Ordering::SeqCst);
        }

        /// Whether the batch is to end here.
        pub(in crate::batch) fn is_asked(&self) -> bool {
            self.shared.asked.get().is_some()
        }

        /// Ends the program as what came would have.
        pub(in crate::batch) fn end(&self) {
            if let Some(signal) = self.shared.asked.get() {
                end(*signal);
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    /// Where there are no signals, the system ends the program, and the next run goes on.
    pub(in crate::batch) struct Stop;

    impl Stop {
        pub(in crate::batch) const fn listen() -> Self {
            Self
        }

        pub(in crate::batch) const fn after_a_row(&self) {}

        pub(in crate::batch) const fn is_asked(&self) -> bool {
            false
        }

        pub(in crate::batch) const fn end(&self) {}
    }
}
