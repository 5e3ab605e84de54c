//! Names that are identifiers in Rust and in C++.

/// Words that one of the two languages keeps for itself, sorted.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "alignas", "alignof", "and", "and_eq", "as", "asm", "async", "auto", "await", "become",
    "bitand", "bitor", "bool", "box", "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class",
    "co_await", "co_return", "co_yield", "compl", "concept", "const", "const_cast", "consteval", "constexpr",
    "constinit", "continue", "crate", "decltype", "default", "delete", "do", "double", "dyn", "dynamic_cast", "else",
    "enum", "explicit", "export", "extern", "false", "final", "float", "fn", "for", "friend", "gen", "goto", "if",
    "impl", "in", "inline", "int", "let", "long", "loop", "macro", "main", "match", "mod", "move", "mut", "mutable",
    "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "override", "priv",
    "private", "protected", "pub", "public", "ref", "register", "reinterpret_cast", "requires", "return", "self",
    "short", "signed", "sizeof", "static", "static_assert", "static_cast", "std", "struct", "super", "switch",
    "template", "this", "thread_local", "throw", "trait", "true", "try", "type", "typedef", "typeid", "typename",
    "typeof", "union", "unsafe", "unsigned", "unsized", "use", "using", "virtual", "void", "volatile", "wchar_t",
    "where", "while", "xor", "xor_eq", "yield",
];

/// Whether `name` is an identifier in Rust and in C++.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.contains("__")
        && name != "_"
        && KEYWORDS.binary_search(&name).is_err()
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, is_identifier};

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn identifiers_are_those_of_both_languages() {
        for name in ["x", "_x", "fc1", "JetTagger", "relu"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["", "_", "1x", "a-b", "a__b", "ä", "double", "match", "../x"] {
            assert!(!is_identifier(name), "{name}");
        }
    }
}
