//! See the README of the house: this room is being built.
