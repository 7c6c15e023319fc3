//! The tools that hold the API against its document.
