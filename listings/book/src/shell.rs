//! Commands as a reader types them into a shell.

/// One command of a pipeline or list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// The line it starts in, counted from that of the text's first line.
    pub(crate) line: usize,
    /// `NAME=value` in front.
    pub(crate) variables: Vec<(String, String)>,
    /// The program and its arguments, without quotes.
    pub(crate) words: Vec<String>,
}

impl Command {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.variables.is_empty()
    }

    fn push(&mut self, word: String) {
        match assignment(&word) {
            Some((name, value)) if self.words.is_empty() => {
                self.variables.push((name.to_owned(), value.to_owned()));
            }
            _ => self.words.push(word),
        }
    }
}

/// `NAME` and `value` of `NAME=value`.
pub(crate) fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
    let starts = name.starts_with(is_part);
    let goes_on = name.chars().all(|c| is_part(c) || c.is_ascii_digit());
    (starts && goes_on).then_some((name, value))
}

/// The commands of a text, or the line of what this little shell does not
/// know: an open quote, a redirection, a loop.
pub(crate) fn commands(line: usize, text: &str) -> Result<Vec<Command>, usize> {
    let mut reader = Reader {
        line,
        ..Reader::default()
    };
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        reader.take(letter, letters.peek().copied());
        if reader.is_lost {
            return Err(reader.line);
        }
    }
    reader.end_command();
    let is_open = reader.quote.is_some() || reader.depth > 0;
    (!is_open).then_some(reader.commands).ok_or(reader.line)
}

#[derive(Default)]
struct Reader {
    line: usize,
    commands: Vec<Command>,
    command: Command,
    word: Option<String>,
    quote: Option<char>,
    /// Of `$(…)`, which stays as it is.
    depth: usize,
    is_escaped: bool,
    is_comment: bool,
    is_lost: bool,
}

impl Reader {
    fn take(&mut self, letter: char, next: Option<char>) {
        let was_escaped = std::mem::take(&mut self.is_escaped);
        match letter {
            '\n' if was_escaped => self.line += 1,
            _ if was_escaped => self.add(letter),
            '\n' if self.is_comment || self.is_plain() => {
                self.end_command();
                self.line += 1;
            }
            _ if self.is_comment => {}
            '\\' if self.quote != Some('\'') => self.is_escaped = true,
            '$' if next == Some('(') && self.quote != Some('\'') => {
                self.depth += 1;
                self.add(letter);
            }
            ')' if self.depth > 0 => {
                self.depth -= 1;
                self.add(letter);
            }
            _ if self.depth > 0 => self.add(letter),
            '\'' | '"' if self.quote == Some(letter) => self.quote = None,
            '\'' | '"' if self.quote.is_none() => {
                self.quote = Some(letter);
                self.word.get_or_insert_default();
            }
            _ if self.quote.is_some() => {
                self.line += usize::from(letter == '\n');
                self.add(letter);
            }
            _ => self.outside(letter),
        }
    }

    /// A letter outside of quotes.
    fn outside(&mut self, letter: char) {
        match letter {
            '#' if self.word.is_none() => self.is_comment = true,
            '|' | '&' | ';' => self.end_command(),
            '<' | '>' | '(' | ')' | '`' => self.is_lost = true,
            _ if letter.is_whitespace() => self.end_word(),
            _ => self.add(letter),
        }
    }

    fn is_plain(&self) -> bool {
        self.quote.is_none() && self.depth == 0
    }

    fn add(&mut self, letter: char) {
        if self.command.is_empty() && self.word.is_none() {
            self.command.line = self.line;
        }
        self.word.get_or_insert_default().push(letter);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.command.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_comment = false;
        let command = std::mem::take(&mut self.command);
        if !command.is_empty() {
            self.commands.push(command);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn words(text: &str) -> Vec<(usize, Vec<String>)> {
        let commands = commands(1, text).unwrap();
        let parts = commands.into_iter().map(|command| {
            let names =
                command.variables.into_iter().map(|(n, v)| n + "=" + &v);
            (command.line, names.chain(command.words).collect())
        });
        parts.collect()
    }

    #[test]
    fn words_and_quotes() {
        let found = words("A=1 b 'c  d' \"e f\"g \\\n  h # i\n\nj | k && l");
        let expected = [
            (1, vec!["A=1", "b", "c  d", "e fg", "h"]),
            (4, vec!["j"]),
            (4, vec!["k"]),
            (4, vec!["l"]),
        ];
        let expected = expected.map(|(line, words)| {
            (
                line,
                words.into_iter().map(str::to_owned).collect::<Vec<_>>(),
            )
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_substitution_stays_in_its_word() {
        let found = words("a \"k: $(uuid gen)\" b");
        assert_eq!(found[0].1, ["a", "k: $(uuid gen)", "b"]);
    }

    #[test]
    fn a_text_over_lines_counts_them() {
        assert_eq!(words("a '{\n}'\nb")[1].0, 3);
    }

    #[test]
    fn what_it_does_not_know() {
        assert_eq!(commands(1, "a\nb > c"), Err(2));
        assert_eq!(commands(1, "a 'b"), Err(1));
    }
}
