// Package serve is the main of every plugin that is written with the sdk:
//
//	func main() { serve.Main(cinetpay.New()) }
//
// Main serves the plugin to the engine that started it, and guards both:
//
//   - A panic in a call is a fault, and the process lives.
//   - What the plugin prints on stdout before it is served goes to stderr, so
//     that it cannot break the handshake. An init function that runs before this
//     package's cannot be caught.
//   - SIGINT and SIGTERM are ignored until the engine says Shutdown: a stop of
//     the whole service ends no payment in the middle. The process ends when the
//     engine does, because the pipe in PAYMUX_PLUGIN_LIFELINE then ends.
//   - A creating call whose send_by has passed is refused, provably not sent.
//   - The context of a call ends a second before the engine's deadline, of a short
//     call after three quarters of its time, so that what the plugin knows by then
//     still arrives.
//   - The values of settings that the schema calls secret are replaced in every
//     log line, fault, message, alert, diagnostic and exchange.
//
// Plugins log with the default logger of log/slog, with the context of the call,
// which adds the ids of transaction and attempt. PAYMUX_PLUGIN_LOG sets the
// level: trace, debug, info, warn or error.
//
// Started with -debug by a developer, the plugin serves an engine that runs
// already and prints the variable that tells the engine where.
package serve
