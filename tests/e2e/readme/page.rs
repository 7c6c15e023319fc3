//! The documents, and the code blocks in them.

use std::fs;
use std::path::{Path, PathBuf};

/// What a code block is, by the words after its fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `sh`: run. `sh refused`: run, and the API may refuse it.
    Shell,
    /// `sh setup`: commands that install or deploy, whose form alone is checked.
    Setup,
    /// `<format> output`: what the shell block before it prints. `csv output 12` shows twelve lines.
    Output,
    /// `json`: one or more JSON values.
    Json,
    /// `sql`: statements for the database of the system.
    Sql,
    /// `python`: a program that runs by itself.
    Python,
    /// A text for people or for another program.
    Text,
}

/// A code block.
#[derive(Debug)]
pub struct Block {
    /// The words after the fence.
    pub words: Vec<String>,
    /// What is between the fences.
    pub text: String,
    /// The line of its first fence.
    pub line: usize,
}

impl Block {
    /// What it is; `None` for words that are not known here.
    pub fn kind(&self) -> Option<Kind> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["sh"] | ["sh", "refused"] => Some(Kind::Shell),
            ["sh", "setup"] => Some(Kind::Setup),
            ["json" | "csv" | "text", "output"] | ["csv", "output", _] => Some(Kind::Output),
            ["json"] => Some(Kind::Json),
            ["sql"] => Some(Kind::Sql),
            ["python"] => Some(Kind::Python),
            ["text" | "powershell" | "powerquery" | "csv"] | ["sql" | "python", "elsewhere"] => {
                Some(Kind::Text)
            }
            _ => None,
        }
    }
}

/// A document.
pub struct Page {
    /// Its path from the top of the repository.
    pub path: String,
    /// Its code blocks.
    pub blocks: Vec<Block>,
    text: String,
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Page {
    /// The README and all pages of `docs/`.
    pub fn all() -> Vec<Self> {
        let (mut paths, mut folders) = (vec!["README.md".to_owned()], vec!["docs".to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(top().join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(path);
                } else if Path::new(&path).extension().is_some_and(|extension| extension == "md") {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        paths.into_iter().map(|path| Self::new(path.clone(), read(&path))).collect()
    }

    fn new(path: String, text: String) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (index, line) in text.lines().enumerate() {
            match line.strip_prefix("```") {
                Some(words) if !open => {
                    let words = words.split_whitespace().map(str::to_owned).collect();
                    blocks.push(Block { words, text: String::new(), line: index + 1 });
                    open = true;
                }
                Some(_) => open = false,
                None if open => blocks.last_mut().unwrap().text.extend([line, "\n"]),
                None => {}
            }
        }
        Self { path, blocks, text }
    }

    /// The blocks to run: their places, their texts, and whether the API may refuse them.
    pub fn shell_blocks(&self) -> Vec<(usize, &str, bool)> {
        let shell = self.blocks.iter().enumerate().filter(|(_, block)| block.kind() == Some(Kind::Shell));
        shell.map(|(index, block)| (index, block.text.as_str(), block.words.len() > 1)).collect()
    }

    /// The block that shows the answer of a shell block: the next one, if it is an output.
    pub fn output_of(&self, index: usize) -> Option<usize> {
        let next = self.blocks.get(index + 1)?;
        (next.kind() == Some(Kind::Output)).then_some(index + 1)
    }

    /// Writes blocks anew.
    pub fn replace(&self, fresh: &[(usize, String)]) {
        if fresh.is_empty() {
            return;
        }
        let (mut text, mut block, mut open) = (String::new(), 0, false);
        for line in self.text.lines() {
            let replaced = fresh.iter().find(|(index, _)| open && *index + 1 == block);
            if line.starts_with("```") {
                open = !open;
                block += usize::from(open);
                text.extend([line, "\n"]);
                if let Some((_, fresh)) = fresh.iter().find(|(index, _)| open && *index + 1 == block) {
                    text += fresh;
                }
            } else if replaced.is_none() {
                text.extend([line, "\n"]);
            }
        }
        fs::write(top().join(&self.path), text).unwrap();
    }
}
