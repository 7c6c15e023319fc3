//! Finds paths in the tokens of macro calls, macro rules and attributes, which are not parsed before they are expanded.

use crate::source::Names;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

/// A path in tokens, and whether it names everything inside.
#[derive(Debug, PartialEq)]
pub struct TokenPath {
    pub names: Names,
    pub is_glob: bool,
}

/// All paths in the tokens, those of nested groups too. A path that begins with `::` names another crate and is left out.
pub fn read_paths(tokens: TokenStream) -> Vec<TokenPath> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => {
                found.extend(read_paths(group.stream()));
                at += 1;
            }
            TokenTree::Ident(_) => {
                let begins = begins_path(&tokens, at);
                let mut read = Vec::new();
                at = read_path(&tokens, at, &[], &mut read);
                if begins {
                    found.append(&mut read);
                }
            }
            _ => at += 1,
        }
    }
    found
}

/// Whether a name begins a path, and is not a field, a method, a lifetime, a macro variable or the rest of a path.
fn begins_path(tokens: &[TokenTree], at: usize) -> bool {
    let is_before = |distance: usize, mark: char| at >= distance && is_mark(tokens, at - distance, mark);
    let is_crate = matches!(&tokens[at], TokenTree::Ident(name) if name == "crate");
    let is_field = is_before(1, '.') && !is_before(2, '.');
    let is_variable = is_before(1, '$') && !is_crate;
    let is_rest = is_before(1, ':') && is_before(2, ':');
    !(is_field || is_variable || is_rest || is_before(1, '\''))
}

/// Reads the path that begins at a token, with the list in braces that may end it. Returns where it ends.
fn read_path(tokens: &[TokenTree], start: usize, prefix: &[String], found: &mut Vec<TokenPath>) -> usize {
    let mut names = prefix.to_vec();
    let mut at = start;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(name)) => names.push(name.unraw().to_string()),
            Some(TokenTree::Group(list)) if list.delimiter() == Delimiter::Brace && !names.is_empty() => {
                let list: Vec<TokenTree> = list.stream().into_iter().collect();
                for part in
                    list.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','))
                {
                    if !part.is_empty() {
                        read_path(part, 0, &names, found);
                    }
                }
                return at + 1;
            }
            Some(TokenTree::Punct(mark)) if mark.as_char() == '*' && !names.is_empty() => {
                found.push(TokenPath { names, is_glob: true });
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        if !(is_mark(tokens, at, ':') && is_mark(tokens, at + 1, ':')) {
            break;
        }
        at += 2;
    }
    if !names.is_empty() {
        found.push(TokenPath { names, is_glob: false });
    }
    at
}

fn is_mark(tokens: &[TokenTree], at: usize, mark: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(found)) if found.as_char() == mark)
}

#[test]
fn paths_are_read_from_tokens() {
    let read = |text: &str| {
        let show = |path: TokenPath| path.names.join("::") + if path.is_glob { "::*" } else { "" };
        read_paths(text.parse().unwrap()).into_iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(read("a::b(c.d.e, 1..f)"), ["a::b", "c", "f"]);
    assert_eq!(read("crate::{a::{self, b as c}, d::*}"), ["crate::a::self", "crate::a::b", "crate::d::*"]);
    assert_eq!(read("$crate::a::b!($c, &'d str)"), ["crate::a::b", "str"]);
    assert_eq!(read("Vec::<a::B>::new(::c::d)"), ["Vec", "a::B"]);
    assert_eq!(read("\"a::b\" /* a::b */ // a::b"), [""; 0]);
}
