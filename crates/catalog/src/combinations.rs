//! The pinned combinations: which charts, which list, which environment, by commit and by git id.
//!
//! Branches drift: on DIGIT's main branch no list resolves. Each combination here was rendered and checked as a whole,
//! and what is read from a source is compared with these ids before it is used.

use crate::Error;

/// A file or folder of a repository at a commit, with the git ids that it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Repository, without owner.
    pub repository: &'static str,
    /// Commit, 40 hex digits.
    pub commit: &'static str,
    /// Path in it; empty: all of it.
    pub path: &'static str,
    /// Git id of the tree (folder) or blob (file) at that path.
    pub id: &'static str,
    /// The id of the same in git's format of SHA-256 (`git init --object-format=sha256`): of what the archive holds, as
    /// servers pack one commit differently from time to time.
    pub sha256: &'static str,
}

impl Pin {
    /// `REPOSITORY-COMMIT`: the name of the archive and of the folder in it.
    #[must_use]
    pub fn source_name(&self) -> String {
        format!("{}-{}", self.repository, self.commit)
    }
}

/// What DIGIT's services read when they start, beside the charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataPins {
    /// Master data, the whole repository.
    pub masters: Pin,
    /// What is persisted, indexed and shown, and how; the whole repository.
    pub configuration: Pin,
}

/// Where charts and list of a combination come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there are as many of them as combinations")]
pub enum Origin {
    /// eGov's repository at pinned commits.
    Pinned {
        /// The folder of all charts.
        charts: Pin,
        /// The product list.
        list: Pin,
        /// The environment's values.
        environment: Pin,
        /// Master data and configuration, which the charts' services read. Read apart from the charts, by
        /// [`open_data`](crate::open_data).
        data: DataPins,
    },
    /// Charts of our own, inside this program.
    Embedded,
}

/// One tested combination of charts, list and images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combination {
    /// Product.
    pub product: &'static str,
    /// Version.
    pub version: &'static str,
    /// Where it comes from.
    pub origin: Origin,
}

const CHARTS: Pin = Pin {
    repository: "DIGIT-DevOps",
    commit: "747949622b814c31cc04eb00b98ab52d1bb8e2f8",
    path: "deploy-as-code/helm/charts",
    id: "c76f7849edd4917d4888d19707404d3b749e78c2",
    sha256: "849be89057d162d28be3d46a2772eebc1050b28550797ac6f60d72b17c42ca10",
};

const ENVIRONMENT: Pin = Pin {
    repository: "DIGIT-DevOps",
    commit: "747949622b814c31cc04eb00b98ab52d1bb8e2f8",
    path: "deploy-as-code/helm/environments/egov-demo.yaml",
    id: "0273e0433bd275eb90679ec9d2e58ae12dc11bc8",
    sha256: "5f18d6501cdc0d0074488a5016d4e615117b9706e5330c7963dc861188c3602d",
};

/// The heads of the branches that the environment names, at the time of the charts' commit.
const DATA: DataPins = DataPins {
    masters: Pin {
        repository: "egov-mdms-data",
        commit: "8a29400b2aaf74d26eb764f7ec45d607a46fb41c",
        path: "",
        id: "2d8a2b5cbaa6cf95117393c63d13d70475ace249",
        sha256: "12dd2d538ef14e100a753125ae2cab805c1d8b985f553b669fd0fefe574b5f98",
    },
    configuration: Pin {
        repository: "configs",
        commit: "42becc2f9c21e42a9cb7bca967789c4c23a7d7ef",
        path: "",
        id: "bd8c9ab6db93b67c13bf74e876834c27d30f5812",
        sha256: "29823f139ffdac231bdbacfb353dc5a05accf527e7408277290d815fe12a1889",
    },
};

/// DIGIT v2.9.2: 35 services, one module.
pub const DIGIT: Combination = Combination {
    product: "DIGIT",
    version: "v2.9.2",
    origin: Origin::Pinned {
        charts: CHARTS,
        list: Pin {
            repository: "DIGIT-DevOps",
            commit: "1fcdd5ce90447cb5f826c70b6afbecaf6d3c2186",
            path: "config-as-code/product-release-charts/DIGIT/dependancy_chart-digit-v2.9.2.yaml",
            id: "56b71f0c63c05a4fec4ec1c4a22cf41b0d82fd80",
            sha256: "2eda9ebd47190bebbbd6a53eeb1035f034ac593cf91471aaab21a15f95760379",
        },
        environment: ENVIRONMENT,
        data: DATA,
    },
};

/// URBAN v2.9: 62 services, ten modules.
pub const URBAN: Combination = Combination {
    product: "URBAN",
    version: "v2.9",
    origin: Origin::Pinned {
        charts: CHARTS,
        list: Pin {
            repository: "DIGIT-DevOps",
            commit: "d07352fa0b4cfeb672dbc62cbf18d07fa6590f2a",
            path: "config-as-code/product-release-charts/URBAN/dependancy_chart-digit-v2.9.yaml",
            id: "e83f6e2e6be2111a3220f678a5a14c78f2f56d6d",
            sha256: "219890ec40abcffb554c51ad8bc2fe50c3ca577dfa61d1d18dcda638a0757cf0",
        },
        environment: ENVIRONMENT,
        data: DATA,
    },
};

/// The practice product: a few tiny charts of our own in DIGIT's form, for which no network is needed.
pub const PRACTICE: Combination = Combination { product: "practice", version: "v1", origin: Origin::Embedded };

/// All combinations, the recommended one first.
pub const ALL: [Combination; 3] = [DIGIT, URBAN, PRACTICE];

/// The combination of a product and version.
///
/// # Errors
/// [`Error::UnknownProduct`] if there is none.
pub fn find(product: &str, version: &str) -> Result<Combination, Error> {
    ALL.into_iter()
        .find(|c| c.product == product && c.version == version)
        .ok_or_else(|| Error::UnknownProduct { product: product.to_owned(), version: version.to_owned() })
}
