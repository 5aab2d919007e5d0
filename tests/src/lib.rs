//! What the end-to-end tests share: a control plane, the window driver, Helm as the judge.
