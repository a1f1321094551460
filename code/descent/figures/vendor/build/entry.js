// What the editor (front/edit) takes from its libraries, and nothing else.
export { EditorState, StateEffect, StateField } from "@codemirror/state";
export { Decoration, EditorView, keymap, lineNumbers } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
export { HighlightStyle, LRLanguage, bracketMatching, indentService, indentUnit, syntaxHighlighting, syntaxTree } from "@codemirror/language";
export { tags } from "@lezer/highlight";
export { parser } from "@lezer/python";
