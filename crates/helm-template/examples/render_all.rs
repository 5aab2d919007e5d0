//! Renders every chart below a folder from cold files and prints how long it took, in milliseconds.
//!
//! ```text
//! render_all CHARTS [VALUES-FILE]... [--only NAME,NAME,...]
//! ```
//!
//! Values files are layered as `-f` does, with `--set name=FOLDER` and a tag, as DIGIT's charts want it. One line a
//! chart, then `total: N charts, M templates, T ms`.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use helm_template::{Capabilities, Chart, FreshDraw, NoLookup, Release, RenderContext, Result, Values};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(charts) = arguments.next() else {
        println!("usage: render_all CHARTS [VALUES-FILE]... [--only NAME,NAME,...]");
        return ExitCode::from(2);
    };
    let mut files = Vec::new();
    let mut only: Option<Vec<String>> = None;
    while let Some(argument) = arguments.next() {
        if argument == "--only" {
            only = arguments.next().map(|names| names.split(',').map(ToOwned::to_owned).collect());
        } else {
            files.push(PathBuf::from(argument));
        }
    }
    let mut folders = Vec::new();
    find(Path::new(&charts), &mut folders);
    folders.retain(|folder| only.as_ref().is_none_or(|only| only.contains(&name_of(folder))));
    folders.sort();

    let start = Instant::now();
    let environment = match layered(&files) {
        Ok(values) => values,
        Err(error) => {
            println!("{error}");
            return ExitCode::from(2);
        }
    };
    let (mut rendered, mut templates, mut failed) = (0, 0, 0);
    for folder in &folders {
        let one = Instant::now();
        match render(folder, &environment) {
            Ok(count) => {
                rendered += 1;
                templates += count;
                println!("{:8.2} ms  {}", one.elapsed().as_secs_f64() * 1e3, name_of(folder));
            }
            Err(error) => {
                failed += 1;
                println!("  failed     {}: {error}", name_of(folder));
            }
        }
    }
    println!("total: {rendered} charts, {templates} templates, {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    ExitCode::from(u8::from(failed > 0))
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("Chart.yaml").is_file() {
        found.push(folder.to_path_buf());
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            find(&entry.path(), found);
        }
    }
}

fn layered(files: &[PathBuf]) -> Result<Values> {
    let mut values = Values::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| helm_template::Error::Read {
            path: file.display().to_string(),
            reason: error.to_string(),
        })?;
        helm_template::merge_values(&mut values, helm_template::parse_values(&text)?);
    }
    Ok(values)
}

fn render(folder: &Path, environment: &Values) -> Result<usize> {
    let chart = Chart::from_dir(folder)?;
    let name = name_of(folder);
    let mut values = environment.clone();
    let own = folder.join(format!("{name}-values.yaml"));
    if own.is_file() {
        helm_template::merge_values(&mut values, layered(&[own])?);
    }
    helm_template::set_value(&mut values, &format!("name={name},image.tag=v1"))?;
    if !chart.metadata()?.dependencies.is_empty() {
        helm_template::set_value(&mut values, "initContainers.dbMigration.image.tag=v1")?;
    }
    let release = Release { name: "release-name".into(), namespace: "default".into(), revision: 1, install: true };
    let capabilities = Capabilities { kube_version: "v1.34.0".into(), api_versions: ["v1".to_owned()].into() };
    let context = RenderContext {
        release: &release,
        capabilities: &capabilities,
        now: jiff::Timestamp::now(),
        draw: &FreshDraw,
        lookup: &NoLookup,
    };
    Ok(helm_template::render_templates(&chart, &values, &context)?.len())
}
