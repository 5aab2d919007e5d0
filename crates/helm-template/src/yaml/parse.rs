//! YAML tokens to the events of one document, as go-yaml v2 parses them.

use super::build::{Builder, Properties};
use super::scan::{Kind, Mark, Problem, Scanned, Scanner, Token};

/// Why there is no document.
pub(super) enum Stop {
    Syntax(Problem),
    Meaning(String),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Syntax(problem)
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Meaning(message)
    }
}

type Parsed<T> = Result<T, Stop>;

pub(super) struct Parser<'b> {
    scanner: Scanner,
    builder: &'b mut Builder,
    tag_directives: Vec<(String, String)>,
}

impl<'b> Parser<'b> {
    pub(super) fn new(text: &str, builder: &'b mut Builder) -> Self {
        Self { scanner: Scanner::new(text), builder, tag_directives: Vec::new() }
    }

    fn kind(&mut self) -> Scanned<Kind> {
        Ok(self.scanner.peek()?.kind)
    }

    fn start(&mut self) -> Scanned<Mark> {
        Ok(self.scanner.peek()?.start)
    }

    /// What the parser did not want; `at` is where it stands.
    fn problem<T>(&mut self, context: Mark, message: &str) -> Parsed<T> {
        let at = self.start()?;
        Err(Stop::Syntax(Problem { message: message.to_owned(), at, context, scanner: false }))
    }

    /// The line of the token that was taken last, from 1.
    pub(super) fn line(&self) -> usize {
        self.scanner.taken_line + 1
    }

    fn empty(&mut self) -> Parsed<()> {
        Ok(self.builder.scalar("", true, &Properties::default())?)
    }

    /// The first document of the text.
    pub(super) fn document(&mut self) -> Parsed<()> {
        match self.kind()? {
            Kind::StreamEnd => return Ok(()),
            Kind::VersionDirective | Kind::TagDirective | Kind::DocumentStart => {
                self.directives()?;
                if self.kind()? != Kind::DocumentStart {
                    return self.problem(Mark::default(), "did not find expected <document start>");
                }
                self.scanner.take()?;
                match self.kind()? {
                    Kind::VersionDirective
                    | Kind::TagDirective
                    | Kind::DocumentStart
                    | Kind::DocumentEnd
                    | Kind::StreamEnd => self.empty()?,
                    _ => self.node(true, false)?,
                }
            }
            _ => self.node(true, false)?,
        }
        // The document's end is wherever it is; what stands there must be a token.
        self.scanner.peek()?;
        Ok(())
    }

    fn directives(&mut self) -> Parsed<()> {
        let mut versions = 0;
        loop {
            match self.kind()? {
                Kind::VersionDirective => {
                    versions += 1;
                    if versions > 1 {
                        return self.problem(Mark::default(), "found duplicate %YAML directive");
                    }
                    if self.scanner.peek()?.text != "1.1" {
                        return self.problem(Mark::default(), "found incompatible YAML document");
                    }
                    self.scanner.take()?;
                }
                Kind::TagDirective => {
                    let Token { text, suffix, .. } = self.scanner.peek()?.clone();
                    if self.tag_directives.iter().any(|(handle, _)| *handle == text) {
                        return self.problem(Mark::default(), "found duplicate %TAG directive");
                    }
                    self.tag_directives.push((text, suffix));
                    self.scanner.take()?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn full_tag(&mut self, handle: &str, suffix: &str, start: Mark, at: Mark) -> Parsed<String> {
        if handle.is_empty() {
            return Ok(suffix.to_owned());
        }
        let known = self.tag_directives.iter().find(|(known, _)| known == handle).map(|(_, prefix)| prefix.as_str());
        let prefix = known.or(match handle {
            "!" => Some("!"),
            "!!" => Some("tag:yaml.org,2002:"),
            _ => None,
        });
        match prefix {
            Some(prefix) => Ok(format!("{prefix}{suffix}")),
            None => Err(Stop::Syntax(Problem {
                message: "found undefined tag handle".to_owned(),
                at,
                context: start,
                scanner: false,
            })),
        }
    }

    fn properties(&mut self) -> Parsed<Properties> {
        let mut properties = Properties::default();
        let start = self.start()?;
        // An anchor and a tag, in any order, each once.
        for _ in 0..2 {
            match self.kind()? {
                Kind::Anchor if properties.anchor.is_empty() => properties.anchor = self.scanner.take()?.text,
                Kind::Tag if properties.tag.is_empty() => {
                    let token = self.scanner.take()?;
                    properties.tag = self.full_tag(&token.text, &token.suffix, start, token.start)?;
                }
                _ => break,
            }
        }
        Ok(properties)
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parsed<()> {
        crate::stack::with_stack(|| self.node_here(block, indentless))
    }

    fn node_here(&mut self, block: bool, indentless: bool) -> Parsed<()> {
        if self.kind()? == Kind::Alias {
            let name = self.scanner.take()?.text;
            return Ok(self.builder.alias(&name)?);
        }
        let start = self.start()?;
        let properties = self.properties()?;
        match self.kind()? {
            Kind::BlockEntry if indentless => {
                self.builder.open_list(properties)?;
                self.indentless_sequence()
            }
            kind @ (Kind::Plain | Kind::Quoted | Kind::Block) => {
                let text = self.scanner.take()?.text;
                let implicit = (properties.tag.is_empty() && kind == Kind::Plain) || properties.tag == "!";
                Ok(self.builder.scalar(&text, implicit, &properties)?)
            }
            Kind::FlowSequenceStart => {
                self.builder.open_list(properties)?;
                self.flow_sequence()
            }
            Kind::FlowMappingStart => {
                self.builder.open_map(properties)?;
                self.flow_mapping()
            }
            Kind::BlockSequenceStart if block => {
                self.builder.open_list(properties)?;
                self.block_sequence()
            }
            Kind::BlockMappingStart if block => {
                self.builder.open_map(properties)?;
                self.block_mapping()
            }
            _ if !properties.anchor.is_empty() || !properties.tag.is_empty() => {
                let implicit = properties.tag.is_empty();
                Ok(self.builder.scalar("", implicit, &properties)?)
            }
            _ => self.problem(start, "did not find expected node content"),
        }
    }

    fn node_unless(&mut self, ends: &[Kind], block: bool, indentless: bool) -> Parsed<()> {
        if ends.contains(&self.kind()?) { self.empty() } else { self.node(block, indentless) }
    }

    fn indentless_sequence(&mut self) -> Parsed<()> {
        while self.kind()? == Kind::BlockEntry {
            self.scanner.take()?;
            self.node_unless(&[Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd], true, false)?;
        }
        Ok(self.builder.close()?)
    }

    fn block_sequence(&mut self) -> Parsed<()> {
        let start = self.scanner.take()?.start;
        loop {
            match self.kind()? {
                Kind::BlockEntry => {
                    self.scanner.take()?;
                    self.node_unless(&[Kind::BlockEntry, Kind::BlockEnd], true, false)?;
                }
                Kind::BlockEnd => {
                    self.scanner.take()?;
                    return Ok(self.builder.close()?);
                }
                _ => return self.problem(start, "did not find expected '-' indicator"),
            }
        }
    }

    fn block_mapping(&mut self) -> Parsed<()> {
        const ENDS: [Kind; 3] = [Kind::Key, Kind::Value, Kind::BlockEnd];
        let start = self.scanner.take()?.start;
        loop {
            match self.kind()? {
                Kind::Key => {
                    self.scanner.take()?;
                    self.node_unless(&ENDS, true, true)?;
                    if self.kind()? == Kind::Value {
                        self.scanner.take()?;
                        self.node_unless(&ENDS, true, true)?;
                    } else {
                        self.empty()?;
                    }
                }
                Kind::BlockEnd => {
                    self.scanner.take()?;
                    return Ok(self.builder.close()?);
                }
                _ => return self.problem(start, "did not find expected key"),
            }
        }
    }

    fn flow_sequence(&mut self) -> Parsed<()> {
        let start = self.scanner.take()?.start;
        let mut first = true;
        loop {
            if self.kind()? == Kind::FlowSequenceEnd {
                break;
            }
            if !first {
                if self.kind()? != Kind::FlowEntry {
                    return self.problem(start, "did not find expected ',' or ']'");
                }
                self.scanner.take()?;
            }
            first = false;
            match self.kind()? {
                Kind::FlowSequenceEnd => break,
                Kind::Key => {
                    self.scanner.take()?;
                    self.builder.open_map(Properties::default())?;
                    if matches!(self.kind()?, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd) {
                        // go-yaml drops the token it finds instead of a key.
                        self.scanner.take()?;
                        self.empty()?;
                    } else {
                        self.node(false, false)?;
                    }
                    if self.kind()? == Kind::Value {
                        self.scanner.take()?;
                        self.node_unless(&[Kind::FlowEntry, Kind::FlowSequenceEnd], false, false)?;
                    } else {
                        self.empty()?;
                    }
                    self.builder.close()?;
                }
                _ => self.node(false, false)?,
            }
        }
        self.scanner.take()?;
        Ok(self.builder.close()?)
    }

    fn flow_mapping(&mut self) -> Parsed<()> {
        const ENDS: [Kind; 2] = [Kind::FlowEntry, Kind::FlowMappingEnd];
        let start = self.scanner.take()?.start;
        let mut first = true;
        loop {
            if self.kind()? == Kind::FlowMappingEnd {
                break;
            }
            if !first {
                if self.kind()? != Kind::FlowEntry {
                    return self.problem(start, "did not find expected ',' or '}'");
                }
                self.scanner.take()?;
            }
            first = false;
            match self.kind()? {
                Kind::FlowMappingEnd => break,
                Kind::Key => {
                    self.scanner.take()?;
                    self.node_unless(&[Kind::Value, Kind::FlowEntry, Kind::FlowMappingEnd], false, false)?;
                    if self.kind()? == Kind::Value {
                        self.scanner.take()?;
                        self.node_unless(&ENDS, false, false)?;
                    } else {
                        self.empty()?;
                    }
                }
                _ => {
                    self.node(false, false)?;
                    self.empty()?;
                }
            }
        }
        self.scanner.take()?;
        Ok(self.builder.close()?)
    }
}
