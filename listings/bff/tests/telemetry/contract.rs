//! What the shop sends is what the registry says, no more and no less.
