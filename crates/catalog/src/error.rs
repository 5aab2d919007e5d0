//! What can go wrong here, each with a stable code. Words for people hang on the codes.

use std::path::PathBuf;

/// Why something of the catalog could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such product and version.
    #[error("{product} {version} is not in the catalog")]
    UnknownProduct {
        /// Product as asked for.
        product: String,
        /// Version as asked for.
        version: String,
    },
    /// The product has no such module.
    #[error("{product} has no module {module}; it has {known:?}")]
    UnknownModule {
        /// Product.
        product: String,
        /// Module as asked for.
        module: String,
        /// The modules it has.
        known: Vec<String>,
    },
    /// No module was chosen.
    #[error("no module was chosen")]
    NoModule,
    /// The folder holds neither the archive nor its unpacked folder.
    #[error("{folder} holds neither {name}.tar.gz nor a folder {name}")]
    SourceMissing {
        /// Folder that was named.
        folder: PathBuf,
        /// `REPOSITORY-COMMIT`.
        name: String,
    },
    /// A file or folder could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// An archive ends too early.
    #[error("{archive} ends too early")]
    ArchiveTruncated {
        /// Which archive.
        archive: PathBuf,
    },
    /// An archive is no gzipped tar, or is damaged.
    #[error("{archive} is damaged: {detail}")]
    ArchiveDamaged {
        /// Which archive.
        archive: PathBuf,
        /// What the reader says.
        detail: String,
    },
    /// An archive names a path that leaves its folder, an absolute path or a link.
    #[error("{archive} holds the path {path:?}, which is refused: {reason}")]
    ArchivePath {
        /// Which archive.
        archive: PathBuf,
        /// The path in it.
        path: String,
        /// `climbs`, `absolute`, `link`, `kind` or `twice`.
        reason: &'static str,
    },
    /// An archive unpacks to more than is allowed.
    #[error("{archive} unpacks to more than {limit} bytes or entries")]
    ArchiveTooLarge {
        /// Which archive.
        archive: PathBuf,
        /// The limit it went over.
        limit: u64,
    },
    /// A path that the combination names is not in the source.
    #[error("{source_name} does not hold {path}")]
    PathMissing {
        /// `REPOSITORY-COMMIT`.
        source_name: String,
        /// The path.
        path: String,
    },
    /// What was read is not what was pinned.
    #[error("{path} of {source_name} has the git id {found}, not {wanted}")]
    WrongHash {
        /// `REPOSITORY-COMMIT`.
        source_name: String,
        /// The path that was hashed.
        path: String,
        /// Pinned id.
        wanted: String,
        /// Id of what was read.
        found: String,
    },
    /// The server does not give the archive, after all tries.
    #[error("{url}: {detail}")]
    Download {
        /// Address without query.
        url: String,
        /// HTTP status, if there was an answer.
        status: Option<u16>,
        /// What happened last.
        detail: String,
        /// How often it was tried.
        tries: u32,
    },
    /// A registry does not say what an image is.
    #[error("{image}: {detail}")]
    Registry {
        /// The image, in full.
        image: String,
        /// Why not.
        why: crate::silence::Silence,
        /// HTTP status, if there was an answer.
        status: Option<u16>,
        /// What happened.
        detail: String,
    },
    /// A product list cannot be understood.
    #[error("{list}, line {line}: {detail}")]
    ListBroken {
        /// Path of the list.
        list: String,
        /// Line, from 1; 0 if it is not known.
        line: usize,
        /// What the reader says.
        detail: String,
    },
    /// A group of a product list needs one that the list does not have, or itself.
    #[error("{list}: group {group} needs {needs}, which is {problem}")]
    ListGroup {
        /// Path of the list.
        list: String,
        /// The group.
        group: String,
        /// What it needs.
        needs: String,
        /// `missing` or `circular`.
        problem: &'static str,
    },
    /// Services of a product list have no chart.
    #[error("{list} names services without a chart: {services:?}")]
    ServiceWithoutChart {
        /// Path of the list.
        list: String,
        /// The services.
        services: Vec<String>,
    },
    /// There is no such service in the selection.
    #[error("no service {service}")]
    UnknownService {
        /// As asked for.
        service: String,
    },
    /// A chart cannot be put together.
    #[error("chart {chart}: {detail}")]
    Chart {
        /// Path of the chart.
        chart: String,
        /// What is wrong.
        detail: String,
    },
    /// A values file cannot be understood.
    #[error("{file}: {detail}")]
    Values {
        /// Path of the file.
        file: String,
        /// What the reader says.
        detail: String,
    },
    /// A file of the master data or configuration cannot be read. One such file ends DIGIT's master data service.
    #[error("{file}, line {line}, column {column}: {detail}")]
    DataBroken {
        /// Path of the file in its repository.
        file: String,
        /// Line, from 1; 0 if it is not known.
        line: usize,
        /// Column, from 1; 0 if it is not known.
        column: usize,
        /// What the reader says.
        detail: String,
    },
    /// A file of the master data or configuration is larger than is read.
    #[error("{file} has {size} bytes; {limit} are read")]
    DataTooLarge {
        /// Path of the file in its repository.
        file: String,
        /// Its bytes.
        size: u64,
        /// The bytes that are read.
        limit: u64,
    },
    /// A file that services read, or a part of one that is edited, is not there.
    #[error("{file} is not there{}", if services.is_empty() { String::new() } else { format!("; read by {services:?}") })]
    DataMissing {
        /// Path of the file in its repository, or the master as `tenant/module/name`.
        file: String,
        /// The services that read it.
        services: Vec<String>,
    },
    /// What was said about the city cannot be written into the master data.
    #[error("{field} is refused: {reason}")]
    City {
        /// `state`, `city`, `languages` or `logo`.
        field: &'static str,
        /// `empty`, `too-long`, `characters`, `locale`, `twice`, `address`, `kind` or `too-large`.
        reason: &'static str,
    },
    /// Objects refer to something that nothing in the plan makes.
    #[error("nothing answers these references: {references:?}")]
    Unresolved {
        /// The references.
        references: Vec<crate::references::Reference>,
    },
    /// Services need each other, so that none can be first.
    #[error("these services need each other: {services:?}")]
    Circular {
        /// The services, and those that need them.
        services: Vec<String>,
    },
    /// A patch does not fit the chart any more.
    #[error("patch {patch} does not fit {file}: its text was found {found} times instead of once")]
    PatchMisfit {
        /// The patch's id.
        patch: &'static str,
        /// The file it changes.
        file: String,
        /// How often the text was found.
        found: usize,
    },
}

impl Error {
    /// A stable name for what went wrong.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownProduct { .. } => "unknown-product",
            Self::UnknownModule { .. } => "unknown-module",
            Self::NoModule => "no-module",
            Self::SourceMissing { .. } => "source-missing",
            Self::Io { .. } => "source-unreadable",
            Self::ArchiveTruncated { .. } => "archive-truncated",
            Self::ArchiveDamaged { .. } => "archive-damaged",
            Self::ArchivePath { .. } => "archive-path",
            Self::ArchiveTooLarge { .. } => "archive-too-large",
            Self::PathMissing { .. } => "source-path-missing",
            Self::WrongHash { .. } => "wrong-hash",
            Self::Download { .. } => "download-failed",
            Self::Registry { .. } => "registry-failed",
            Self::ListBroken { .. } => "list-broken",
            Self::ListGroup { .. } => "list-group",
            Self::ServiceWithoutChart { .. } => "service-without-chart",
            Self::UnknownService { .. } => "unknown-service",
            Self::Chart { .. } => "chart-broken",
            Self::Values { .. } => "values-broken",
            Self::DataBroken { .. } => "data-broken",
            Self::DataTooLarge { .. } => "data-too-large",
            Self::DataMissing { .. } => "data-missing",
            Self::City { .. } => "city-refused",
            Self::Unresolved { .. } => "unresolved",
            Self::Circular { .. } => "services-circular",
            Self::PatchMisfit { .. } => "patch-misfit",
        }
    }

    /// What the message for people is told, by name.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let path = |p: &std::path::Path| p.display().to_string();
        match self {
            Self::UnknownProduct { product, version } => {
                vec![("product", product.clone()), ("version", version.clone())]
            }
            Self::UnknownModule { product, module, known } => {
                vec![("product", product.clone()), ("module", module.clone()), ("known", known.join(", "))]
            }
            Self::NoModule => vec![],
            Self::SourceMissing { folder, name } => vec![("folder", path(folder)), ("name", name.clone())],
            Self::Io { path: p, error } => vec![("path", path(p)), ("detail", error.to_string())],
            Self::ArchiveTruncated { archive } => vec![("archive", path(archive))],
            Self::ArchiveDamaged { archive, detail } => vec![("archive", path(archive)), ("detail", detail.clone())],
            Self::ArchivePath { archive, path: p, reason } => {
                vec![("archive", path(archive)), ("path", p.clone()), ("reason", (*reason).to_owned())]
            }
            Self::ArchiveTooLarge { archive, limit } => vec![("archive", path(archive)), ("limit", limit.to_string())],
            Self::PathMissing { source_name, path: p } => vec![("source", source_name.clone()), ("path", p.clone())],
            Self::WrongHash { source_name, path: p, wanted, found } => vec![
                ("source", source_name.clone()),
                ("path", p.clone()),
                ("wanted", wanted.clone()),
                ("found", found.clone()),
            ],
            Self::Download { url, status, detail, tries } => vec![
                ("url", url.clone()),
                ("status", status.map(|s| s.to_string()).unwrap_or_default()),
                ("detail", detail.clone()),
                ("tries", tries.to_string()),
            ],
            Self::Registry { image, why, status, detail } => vec![
                ("image", image.clone()),
                ("why", why.code().to_owned()),
                ("status", status.map(|s| s.to_string()).unwrap_or_default()),
                ("detail", detail.clone()),
            ],
            Self::ListBroken { list, line, detail } => {
                vec![("list", list.clone()), ("line", line.to_string()), ("detail", detail.clone())]
            }
            Self::ListGroup { list, group, needs, problem } => vec![
                ("list", list.clone()),
                ("group", group.clone()),
                ("needs", needs.clone()),
                ("problem", (*problem).to_owned()),
            ],
            Self::ServiceWithoutChart { list, services } => {
                vec![("list", list.clone()), ("services", services.join(", "))]
            }
            Self::UnknownService { service } => vec![("service", service.clone())],
            Self::Chart { chart, detail } => vec![("chart", chart.clone()), ("detail", detail.clone())],
            Self::Values { file, detail } => vec![("file", file.clone()), ("detail", detail.clone())],
            Self::DataBroken { file, line, column, detail } => vec![
                ("file", file.clone()),
                ("line", line.to_string()),
                ("column", column.to_string()),
                ("detail", detail.clone()),
            ],
            Self::DataTooLarge { file, size, limit } => {
                vec![("file", file.clone()), ("size", size.to_string()), ("limit", limit.to_string())]
            }
            Self::DataMissing { file, services } => {
                vec![("file", file.clone()), ("services", services.join(", "))]
            }
            Self::City { field, reason } => {
                vec![("field", (*field).to_owned()), ("reason", (*reason).to_owned())]
            }
            Self::Unresolved { references } => {
                let of = |r: &crate::references::Reference| format!("{} {} ({})", r.kind.as_str(), r.name, r.by);
                vec![("references", references.iter().map(of).collect::<Vec<_>>().join(", "))]
            }
            Self::Circular { services } => vec![("services", services.join(", "))],
            Self::PatchMisfit { patch, file, found } => {
                vec![("patch", (*patch).to_owned()), ("file", file.clone()), ("found", found.to_string())]
            }
        }
    }
}
