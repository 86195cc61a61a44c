// Package config reads paymux.yaml, what the operator wants, into a [Config].
// It is the only importer of koanf.
//
// Values come from four places, a later one going before an earlier one:
// defaults, the file, the environment, flags. Of the environment only names
// that begin with PAYMUX_ and hold a double underscore are configuration:
// PAYMUX_SERVER__LISTEN is server.listen, and PAYMUX_PROVIDERS__ACME_CI__ENABLED
// is providers.acme-ci.enabled. They change an entry of plugins or providers
// that the file has; they make no new one, and cannot set auth.keys.
//
// Reading is strict. An unknown key, a wrong type, a value out of its bounds, a
// duration without a unit and a key that has no effect in this build are errors,
// and all of them are reported at once with their line. No message repeats a
// setting of a provider or a key's checksum.
//
// # Paths
//
// A relative path in the file is relative to the file's folder, so that a
// configuration works from any working directory. One from the environment or
// from a flag is relative to the working directory, as shells complete it. The
// same holds in references.
//
// # Secrets
//
// Settings of providers may hold references: ${env:NAME}, ${file:/run/secrets/x}
// and ${exec:vault kv get -field=k secret/x}. They are resolved by
// [Config.ResolveSettings] when an account is opened, and never before. A
// command is run without a shell, its words split at white space, with 10 s to
// answer. Of a file and of an answer the last line break is dropped. $${ stands
// for a ${ that is no reference.
package config
