//! Go's `fmt.Sprintf`: `printf` and whatever formats like it.
