// Package scaffold writes a new provider plugin: a module that builds, keeps the
// contract of plugins and takes a payment in a demo engine, all before its author
// changed a line.
//
// Its templates are plugins themselves. Each folder below that is named like a
// Flavour is the whole plugin of an invented provider, Acme, with its sandbox and
// its tests, and is built, linted and held against the contract like any other
// code here, so that no template can rot. Render puts another name in the place of
// Acme's. What is no Go stands in the folder module, as text templates.
package scaffold
