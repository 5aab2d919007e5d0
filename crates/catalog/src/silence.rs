//! Why a registry does not say what an image is.

/// Why a registry does not say what an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It cannot be reached.
    NotReached,
    /// It did not answer in time.
    TimedOut,
    /// It wants to know who asks.
    SignIn,
    /// It has no such image.
    NotThere,
    /// It was asked too often.
    TooManyRequests,
    /// It refuses, for another reason.
    Refused,
    /// What it says is not what registries say.
    Garbled,
    /// There was no time left to ask it.
    NotAsked,
}

impl Silence {
    /// Stable, in kebab case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotReached => "not-reached",
            Self::TimedOut => "timed-out",
            Self::SignIn => "sign-in",
            Self::NotThere => "not-there",
            Self::TooManyRequests => "too-many-requests",
            Self::Refused => "refused",
            Self::Garbled => "garbled",
            Self::NotAsked => "not-asked",
        }
    }

    /// Whether the registry would say the same about any other image now.
    #[must_use]
    pub fn is_about_registry(self) -> bool {
        matches!(self, Self::NotReached | Self::TimedOut | Self::TooManyRequests)
    }
}
