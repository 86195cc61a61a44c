// Package httpapi is the HTTP API and its OpenAPI document. It reads requests,
// knows who calls, and shows answers; no business rule lives here. Each resource
// is one small interface, which the engine satisfies.
//
// Routes are described once, for huma, which serves them and writes the document.
// What huma answers loosely is closed before it is reached: unknown routes and
// methods are problems too, bodies are read whole and strictly by package api, and
// huma validates nothing, so that it can repeat nothing of what was sent.
// Notifications and customers coming back are plain handlers.
package httpapi
