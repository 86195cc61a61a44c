// Package webhook hears: it lets the plugin verify a provider's notification,
// keeps it, and answers. What it kept is due work at once; the provider is asked
// before anything is believed, and that is reconcile's part.
package webhook
