package config

// doc is what a schema says of a key besides what it reads.
type doc struct {
	about string
	// pattern is the form of a text where reading alone knows more.
	pattern string
	// required says that the key must be there.
	required bool
}

const (
	patternChecksum = "^[0-9a-fA-F]{64}$"
	patternAmount   = `^[0-9]{1,15}(\.[0-9]{1,6})?$`
	patternPath     = `^[^$]|^\$[^{]`
)

// documented says in words what each key is for. Keys of this build only; that
// none is missing and none is left over is tested.
func documented() map[string]doc {
	name := namePattern.String()
	return map[string]doc{
		"mode":                   {about: "live refuses what is only fit for trying out."},
		"server":                 {about: "Where the engine listens."},
		"server.listen":          {about: "Host and port; port 0 takes a free one. Without auth.keys it must be loopback.", pattern: `:[0-9]{1,5}$`},
		"server.public_url":      {about: "Where providers and customers reach the engine; its own loopback address where left out.", pattern: `^$|^https?://[^?#]+$`},
		"server.trusted_proxies": {about: "How many proxies in front add to X-Forwarded-For."},

		"store":        {about: "Where transactions are kept."},
		"store.driver": {about: "bolt: one file for one engine.", pattern: "^bolt$"},
		"store.path":   {about: "The store's file. A relative path is relative to this file.", pattern: patternPath},

		"log":        {about: "What is logged and how."},
		"log.level":  {about: "The least serious lines that are logged."},
		"log.format": {about: "json for machines, text for people."},

		"auth":                 {about: "Who may call the API."},
		"auth.keys":            {about: "The API keys; engine keys new prints one of these."},
		"auth.keys.*.id":       {about: "Its name, in the history and the audit.", pattern: name, required: true},
		"auth.keys.*.sha256":   {about: "The checksum of the key, which itself stands nowhere.", pattern: patternChecksum, required: true},
		"auth.keys.*.merchant": {about: "Whose transactions it makes and sees; default where left out.", pattern: name},
		"auth.keys.*.rate":     {about: "Requests in a time, such as 50/s; more are refused with 429 rate_limited. No bound where left out.", pattern: `^\+?[0-9]{1,8}/[smh]$`},
		"auth.keys.*.scopes":   {about: "What it may do.", required: true},

		"plugins":               {about: "The plugin binaries by name."},
		"plugins.*.path":        {about: "The binary. A relative path is relative to this file.", pattern: patternPath, required: true},
		"plugins.*.sha256":      {about: "Its checksum; engine plugin hash prints this line. Required unless dev is true.", pattern: patternChecksum},
		"plugins.*.dev":         {about: "Start it whatever its checksum is. For development; mode live refuses it."},
		"plugins.*.environment": {about: "Variables of the engine that it sees besides PATH, TZ, SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY and NO_PROXY. Not for secrets."},

		"providers":                      {about: "The accounts at providers by name; routes.yaml names them."},
		"providers.*.plugin":             {about: "The name of its plugin.", pattern: name, required: true},
		"providers.*.settings":           {about: "What its plugin needs; engine plugin inspect tells. Secrets are references such as ${env:NAME}, ${file:/run/secrets/x} and ${exec:command}."},
		"providers.*.limits":             {about: "Bounds of its calls."},
		"providers.*.limits.concurrency": {about: "How many calls run at a time."},
		"providers.*.limits.rate":        {about: "How many calls are made in a second, minute or hour, such as 100/m; no limit where left out.", pattern: `^\+?[0-9]{1,8}/[smh]$`},
		"providers.*.limits.timeout":     {about: "How long one call may take, from 100ms to 5m."},
		"providers.*.fees":               {about: "What an attempt costs, for rules with cheapest: one fee, or a list with a currency each."},
		"providers.*.fees.*.currency":    {about: "The currency the fee is for; all that have none of their own where left out.", pattern: "^[A-Z]{3}$"},
		"providers.*.fees.*.percent":     {about: "Per cent of the amount, with at most 4 decimals, in quotes.", pattern: percentPattern.String()},
		"providers.*.fees.*.fixed":       {about: "A fixed part in major units, in quotes; it needs a currency.", pattern: amountPattern.String()},
		"providers.*.enabled":            {about: "false: no new attempts; questions and notifications go on."},
		"providers.*.required":           {about: "true: the engine is not ready while this account is not."},
		"providers.*.isolation":          {about: "process: an own plugin process for this account."},

		"routing":      {about: "Who is asked."},
		"routing.file": {about: "The file with the routing rules. A relative path is relative to this file.", pattern: patternPath},

		"payments":              {about: "Bounds of what one request does."},
		"payments.deadline":     {about: "How long all attempts of a request may take together, from 100ms to 5m."},
		"payments.open_max":     {about: "How many transactions of a merchant may be open at once; one more is refused with 429 too_many_open."},
		"payments.max_attempts": {about: "How many accounts are tried for one request."},

		"reconcile":      {about: "When providers are asked."},
		"reconcile.poll": {about: "Ages from the create call, rising, that override every schedule: for tests and demos."},

		"payouts":                  {about: "What our own policy does with payouts."},
		"payouts.approval":         {about: "Which payouts wait until somebody approves them."},
		"payouts.approval.default": {about: "For currencies that above does not name."},
		"payouts.approval.above":   {about: "Amounts by currency: a payout of more waits."},
		"payouts.approval.above.*": {about: "An amount in major units, in quotes.", pattern: patternAmount},

		"retention":                  {about: "How long finished work is kept."},
		"retention.idempotency_keys": {about: "How long a repeated request is known, from 24h to 8760h."},
		"retention.inbox":            {about: "How long notifications are kept, from 1h to 8760h."},
	}
}
