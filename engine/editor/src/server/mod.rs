//! The language server, over the Language Server Protocol 3.17.
//!
//! What it says of a release is what the release would be if every open text were saved.
//! It writes nothing: a change comes back to the editor as an edit.

mod cases;
mod complete;
mod definition;
mod hover;
mod meaning;
mod place;
mod problems;
mod workspace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use lsp_server::{Connection, ErrorCode, ExtractError, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification as _, PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{
    CodeLensRequest, Completion, ExecuteCommand, Formatting, GotoDefinition, HoverRequest,
    InlayHintRequest, Request as _,
};
use lsp_types::{
    CodeLens, CodeLensOptions, Command, CompletionOptions, CompletionResponse,
    ExecuteCommandOptions, GotoDefinitionResponse, Hover, HoverContents, HoverProviderCapability,
    InlayHint, InlayHintLabel, Location, MarkupContent, MarkupKind, MessageType, OneOf,
    PublishDiagnosticsParams, Range, ServerCapabilities, ShowMessageParams,
    TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind, TextEdit, Uri,
};
use serde_json::{Value as Json, json};

use self::workspace::Workspace;
use crate::format::{Language, format};

/// The command that runs a case; its argument is the case's URI.
pub const RUN_CASE: &str = "redress.runCase";

/// Why the server stopped before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The client broke the protocol.
    #[error("the client broke the protocol: {0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    /// The client went away.
    #[error("the client went away")]
    Gone,
}

impl ServeError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Protocol(_) => "client_protocol",
            Self::Gone => "client_gone",
        }
    }
}

/// Serves a client until it says goodbye.
///
/// # Errors
/// [`ServeError`] when the client breaks the protocol or goes away.
pub fn serve(connection: &Connection) -> Result<(), ServeError> {
    connection.initialize(json!(capabilities()))?;
    let mut server = Server {
        connection,
        workspace: Workspace::new(),
        stale: BTreeSet::new(),
    };
    loop {
        // What is wrong is told once the author pauses: a text that has changed again is
        // not looked at.
        let message = match connection.receiver.try_recv() {
            Ok(message) => message,
            Err(_) => {
                server.tell_problems()?;
                match connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Err(ServeError::Gone),
                }
            }
        };
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                let response = server.answer(request);
                server.send(Message::Response(response))?;
            }
            Message::Notification(notification) => server.take(notification),
            Message::Response(_) => {}
        }
    }
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec![".".into(), "\"".into()]),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        code_lens_provider: Some(CodeLensOptions {
            resolve_provider: Some(false),
        }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![RUN_CASE.into()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

struct Server<'c> {
    connection: &'c Connection,
    workspace: Workspace,
    /// Files of releases that have changed since what is wrong with them was told.
    stale: BTreeSet<PathBuf>,
}

impl Server<'_> {
    fn send(&self, message: Message) -> Result<(), ServeError> {
        self.connection
            .sender
            .send(message)
            .map_err(|_| ServeError::Gone)
    }

    fn notify(&self, method: &str, params: Json) -> Result<(), ServeError> {
        let notification = Notification::new(method.to_owned(), params);
        self.send(Message::Notification(notification))
    }

    /// Takes in what the client tells. What cannot be read is left alone, as the protocol asks.
    fn take(&mut self, notification: Notification) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Ok(params) = notification
                    .extract::<lsp_types::DidOpenTextDocumentParams>(DidOpenTextDocument::METHOD)
                {
                    self.set(params.text_document.uri, params.text_document.text);
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Ok(params) = notification.extract::<lsp_types::DidChangeTextDocumentParams>(
                    DidChangeTextDocument::METHOD,
                ) && let Some(change) = params.content_changes.into_iter().next_back()
                {
                    self.set(params.text_document.uri, change.text);
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Ok(params) = notification
                    .extract::<lsp_types::DidCloseTextDocumentParams>(DidCloseTextDocument::METHOD)
                    && let Some(file) = path(&params.text_document.uri)
                {
                    self.workspace.close(&file);
                    self.stale.insert(file);
                }
            }
            DidSaveTextDocument::METHOD => {
                if let Ok(params) = notification
                    .extract::<lsp_types::DidSaveTextDocumentParams>(DidSaveTextDocument::METHOD)
                {
                    self.changed(&params.text_document.uri);
                }
            }
            DidChangeWatchedFiles::METHOD => {
                if let Ok(params) = notification.extract::<lsp_types::DidChangeWatchedFilesParams>(
                    DidChangeWatchedFiles::METHOD,
                ) {
                    for change in params.changes {
                        self.changed(&change.uri);
                    }
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, uri: Uri, text: String) {
        if let Some(file) = path(&uri) {
            self.stale.insert(file.clone());
            self.workspace.set(uri, file, text);
        }
    }

    fn changed(&mut self, uri: &Uri) {
        if let Some(file) = path(uri) {
            self.workspace.forget(&file);
            self.stale.insert(file);
        }
    }

    /// Tells what is wrong with the releases that have changed, and what no longer is.
    fn tell_problems(&mut self) -> Result<(), ServeError> {
        let stale = std::mem::take(&mut self.stale);
        let roots: BTreeSet<PathBuf> = stale
            .iter()
            .filter_map(|file| crate::release_of(file))
            .collect();
        for root in roots {
            let Some(view) = self.workspace.view(&root.join("release.toml")) else {
                continue;
            };
            let found = problems::of(view);
            let now = found.keys().cloned().collect();
            let before = self.workspace.told.insert(root, now).unwrap_or_default();
            let gone = before.into_iter().filter(|file| !found.contains_key(file));
            let gone: Vec<_> = gone.map(|file| (file, Vec::new())).collect();
            for (file, diagnostics) in found.into_iter().chain(gone) {
                let open = self.workspace.open(&file).map(|open| open.uri.clone());
                let Some(uri) = open.or_else(|| uri(&file)) else {
                    continue;
                };
                let params = PublishDiagnosticsParams::new(uri, diagnostics, None);
                self.notify(PublishDiagnostics::METHOD, json!(params))?;
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: Request) -> Response {
        let id = request.id.clone();
        let answered = match request.method.as_str() {
            HoverRequest::METHOD => with(request, |params: lsp_types::HoverParams| {
                json!(self.hover(&params.text_document_position_params))
            }),
            Completion::METHOD => with(request, |params: lsp_types::CompletionParams| {
                json!(self.complete(&params.text_document_position))
            }),
            GotoDefinition::METHOD => with(request, |params: lsp_types::GotoDefinitionParams| {
                json!(self.define(&params.text_document_position_params))
            }),
            Formatting::METHOD => with(request, |params: lsp_types::DocumentFormattingParams| {
                json!(self.format(&params.text_document.uri))
            }),
            CodeLensRequest::METHOD => with(request, |params: lsp_types::CodeLensParams| {
                json!(self.lenses(&params.text_document.uri))
            }),
            InlayHintRequest::METHOD => with(request, |params: lsp_types::InlayHintParams| {
                json!(self.hints(&params.text_document.uri))
            }),
            ExecuteCommand::METHOD => with(request, |params: lsp_types::ExecuteCommandParams| {
                self.run_command(&params)
            }),
            method => {
                let message = format!("{method} is not offered");
                Err((ErrorCode::MethodNotFound, message))
            }
        };
        match answered {
            Ok(answer) => Response::new_ok(id, answer),
            #[expect(
                clippy::as_conversions,
                reason = "an error code of the protocol is its number"
            )]
            Err((code, message)) => Response::new_err(id, code as i32, message),
        }
    }

    /// The meaning of the word at a place, with where it stands.
    fn meaning(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Option<(meaning::Meaning, Range, PathBuf)> {
        let file = path(&at.text_document.uri)?;
        let source = self.workspace.source(&file)?;
        let view = self.workspace.view(&file)?;
        let name = view.name(&file)?;
        let text = view.text(&name)?;
        let offset = place::offset(text, at.position);
        let (meaning, bytes) = meaning::at(&name, text, offset, &source)?;
        Some((meaning, place::range(text, bytes), file))
    }

    fn hover(&mut self, at: &TextDocumentPositionParams) -> Option<Hover> {
        let (meaning, range, file) = self.meaning(at)?;
        let source = self.workspace.source(&file)?;
        let value = hover::text(&meaning, &source)?;
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value,
            }),
            range: Some(range),
        })
    }

    fn complete(&mut self, at: &TextDocumentPositionParams) -> Option<CompletionResponse> {
        let file = path(&at.text_document.uri)?;
        let source = self.workspace.source(&file)?;
        let view = self.workspace.view(&file)?;
        let name = view.name(&file)?;
        let text = view.text(&name)?;
        let offset = place::offset(text, at.position);
        Some(CompletionResponse::Array(complete::at(
            &name, text, offset, &source,
        )))
    }

    fn define(&mut self, at: &TextDocumentPositionParams) -> Option<GotoDefinitionResponse> {
        let (meaning, _, file) = self.meaning(at)?;
        let view = self.workspace.view(&file)?;
        let (name, bytes) = definition::of(&meaning, view)?;
        let range = place::range(view.text(&name)?, bytes);
        let location = Location::new(uri(&view.root.join(name))?, range);
        Some(GotoDefinitionResponse::Scalar(location))
    }

    /// The edit that formats a text; none where it cannot be read or is as it should be.
    fn format(&mut self, uri: &Uri) -> Option<Vec<TextEdit>> {
        let file = path(uri)?;
        let language = Language::of(&file)?;
        let text = &self.workspace.open(&file)?.text;
        let formatted = format(language, text).ok()?;
        Some(match formatted == *text {
            true => Vec::new(),
            false => vec![TextEdit::new(place::whole(text), formatted)],
        })
    }

    fn lenses(&mut self, uri: &Uri) -> Vec<CodeLens> {
        let is_case = path(uri).is_some_and(|file| is_case(&file));
        let lens = is_case.then(|| CodeLens {
            range: Range::default(),
            command: Some(Command::new(
                "Run this case".into(),
                RUN_CASE.into(),
                Some(vec![json!(uri)]),
            )),
            data: None,
        });
        lens.into_iter().collect()
    }

    /// What an open case comes to, at the end of its first line.
    fn hints(&mut self, uri: &Uri) -> Option<Vec<InlayHint>> {
        let file = path(uri).filter(|file| is_case(file))?;
        let went = cases::run(&mut self.workspace, &file).ok()?;
        let text = &self.workspace.open(&file)?.text;
        let first = text.lines().next().unwrap_or_default();
        let hint = InlayHint {
            position: place::position(text, first.len()),
            label: InlayHintLabel::String(format!("→ {}", went.decided)),
            kind: None,
            text_edits: None,
            tooltip: Some(lsp_types::InlayHintTooltip::String(went.text())),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        };
        Some(vec![hint])
    }

    fn run_command(&mut self, params: &lsp_types::ExecuteCommandParams) -> Json {
        let argument = params.arguments.first().and_then(Json::as_str);
        let file = argument.and_then(|text| path(&Uri::from_str(text).ok()?));
        let went = match file {
            Some(file) if params.command == RUN_CASE => cases::run(&mut self.workspace, &file),
            _ => Err(format!("`{}` needs the URI of a case", params.command)),
        };
        let (typ, message) = match &went {
            Ok(went) if went.passed => (MessageType::INFO, went.text()),
            Ok(went) => (MessageType::WARNING, went.text()),
            Err(problem) => (MessageType::ERROR, problem.clone()),
        };
        let shown = json!(ShowMessageParams {
            typ,
            message: message.clone()
        });
        // Where the client is gone, the next message ends the server.
        drop(self.notify(ShowMessage::METHOD, shown));
        json!({ "passed": went.is_ok_and(|went| went.passed), "message": message })
    }
}

/// The answer to a request's parameters.
fn with<P: serde::de::DeserializeOwned>(
    request: Request,
    answer: impl FnOnce(P) -> Json,
) -> Result<Json, (ErrorCode, String)> {
    let method = request.method.clone();
    match request.extract::<P>(&method) {
        Ok((_, params)) => Ok(answer(params)),
        Err(ExtractError::JsonError { error, .. }) => {
            Err((ErrorCode::InvalidParams, error.to_string()))
        }
        Err(ExtractError::MethodMismatch(_)) => Err((ErrorCode::InvalidRequest, method)),
    }
}

fn is_case(file: &Path) -> bool {
    let folder = file.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| folder == "cases")
        && file.extension().is_some_and(|end| end == "toml")
}

/// The path of a `file:` URI.
fn path(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().is_some_and(|scheme| scheme.as_str() == "file");
    let decoded = uri.path().as_estr().decode().into_string().ok()?;
    is_file.then(|| PathBuf::from(decoded.into_owned()))
}

/// The `file:` URI of a path. Bytes that a URI keeps for itself are written as `%` and two
/// hexadecimal digits (RFC 3986).
fn uri(path: &Path) -> Option<Uri> {
    let mut text = String::from("file://");
    for byte in path.to_str()?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri::from_str(&text).ok()
}
