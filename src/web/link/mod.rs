//! The page of a prompt that is answered by a link: plain HTML, one question at a time, without a script.

pub mod form;
mod linked;
pub mod pages;
mod posted;
pub(in crate::web) mod screens;
pub mod view;
