//! Python as a child process: documents go in, canonical texts come out.

use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// What Python makes of a document: its canonical text in ASCII and in raw UTF-8; none if it is refused.
pub(crate) type Answer = Option<[String; 2]>;

/// A long-lived Python process. Documents are answered in the order in which they are asked.
pub(crate) struct Oracle {
    python: Child,
    questions: SyncSender<Vec<u8>>,
    /// Writes in a thread of its own, as Python stops reading while nobody reads its answers.
    writer: JoinHandle<()>,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    pub(crate) fn spawn() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/oracle.py");
        let mut python = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let mut stdin = python.stdin.take().unwrap();
        let stdout = python.stdout.take().unwrap();
        let (questions, batches) = sync_channel::<Vec<u8>>(2);
        let writer = std::thread::spawn(move || {
            for batch in batches {
                stdin.write_all(&batch).expect("Python reads on");
            }
        });
        Self {
            python,
            questions,
            writer,
            answers: BufReader::with_capacity(1 << 16, stdout),
        }
    }

    /// Hands over documents; their answers are read with [`answer`](Self::answer).
    pub(crate) fn ask(&self, documents: &[Vec<u8>]) {
        let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        let mut batch = number(documents.len()).to_vec();
        for document in documents {
            batch.extend_from_slice(&number(document.len()));
            batch.extend_from_slice(document);
        }
        self.questions.send(batch).expect("the writer lives");
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let mut accepted = [0];
        self.answers.read_exact(&mut accepted).expect("an answer");
        match accepted {
            [0] => None,
            [1] => Some([self.text(), self.text()]),
            [other] => panic!("Python answered {other}"),
        }
    }

    /// Waits for the process to end, and for it to end well.
    pub(crate) fn finish(mut self) {
        drop(self.questions);
        self.writer.join().expect("all was written");
        assert_eq!(self.answers.read(&mut [0]).unwrap(), 0, "no answer is left");
        assert!(self.python.wait().unwrap().success());
    }

    fn text(&mut self) -> String {
        let mut len = [0; 4];
        self.answers.read_exact(&mut len).unwrap();
        let mut text = vec![0; u32::from_le_bytes(len) as usize];
        self.answers.read_exact(&mut text).unwrap();
        String::from_utf8(text).expect("Python writes UTF-8")
    }
}
