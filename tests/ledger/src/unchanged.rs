//! A store under which whatever is refused must have changed nothing.

use redress_ledger::digest::digest;
use redress_ledger::{Reply, Request, Signing, Store, StoreError, StoreFault, Tables};
use redress_model::Timestamp;

/// A store whose every byte is looked at before and after a batch of which nothing was carried
/// out. It is for one client at a time, since others would change it in between.
#[derive(Debug)]
pub struct Unchanged<S>(pub S);

impl<S: Store> Store for Unchanged<S> {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.write(work)
    }

    fn signing(&self) -> Option<&Signing> {
        self.0.signing()
    }

    /// # Panics
    /// When something was changed by what was refused.
    fn submit(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        let before = digest(&self.0)?;
        let submitted = self.0.submit(batch, at);
        let nothing_done = match &submitted {
            Ok(replies) => replies.iter().all(Result::is_err),
            Err(error) => error.fault != StoreFault::OutcomeUnknown,
        };
        if nothing_done {
            assert_eq!(
                digest(&self.0)?,
                before,
                "{submitted:?} has changed something"
            );
        }
        submitted
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.read(work)
    }
}
