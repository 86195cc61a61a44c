package api

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/paymux/paymux/core"
)

// Reload is the body of POST /v1/reload. It may be left out.
type Reload struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why; kept with the generation and in the audit"`
}

// Rollback is the body of POST /v1/routing/rollback. It may be left out.
type Rollback struct {
	To     uint64 `json:"to,omitempty" minimum:"1" doc:"The generation whose rules to go back to; where absent the newest one before the live one that had others"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why; kept with the generation and in the audit"`
}

// Generation is one configuration with its routing rules, as it was live.
type Generation struct {
	Number       uint64    `json:"number" doc:"Counts on over restarts; rules_generation of a transaction"`
	Live         bool      `json:"live" doc:"It is the one by which requests are served now"`
	LoadedAt     time.Time `json:"loaded_at"`
	By           string    `json:"by" doc:"The id of an API key, SIGHUP, file or start"`
	Why          string    `json:"why"`
	ConfigSHA256 string    `json:"config_sha256" doc:"Checksum of paymux.yaml"`
	RulesSHA256  string    `json:"rules_sha256" doc:"Checksum of routes.yaml"`
	Diff         string    `json:"diff" doc:"Unified diff of both files against the generation before, without values of settings; empty for the oldest that is kept"`
}

// Generations are the last generations, the newest first, and how the last reload ended.
type Generations struct {
	Data        []Generation  `json:"data" nullable:"false"`
	NextCursor  *string       `json:"next_cursor" doc:"Always null: there are at most ten"`
	SucceededAt time.Time     `json:"last_success" doc:"When a reload last left the engine with what the files say; the start counts as one"`
	Failed      *FailedReload `json:"last_error" doc:"The last reload if it was refused: the files are not what is live. Null otherwise"`
}

// FailedReload is a reload that was refused.
type FailedReload struct {
	At     time.Time    `json:"at"`
	By     string       `json:"by"`
	Why    string       `json:"why"`
	Errors []FieldError `json:"errors" nullable:"false" doc:"Everything that is wrong, with file and line"`
}

// Reloaded is what a reload or a rollback came to.
type Reloaded struct {
	Generation Generation   `json:"generation" doc:"The live one"`
	Changed    bool         `json:"changed" doc:"False where the files are what was live: nothing happened"`
	Warnings   []FieldError `json:"warnings" nullable:"false" doc:"What refuses nothing, with file and line"`
}

// Reload reads the body of a reload. It returns a core.ErrInvalidRequest that names
// every wrong field.
func (b Body) Reload() (Reload, error) {
	f := fieldsOf(b)
	reload := Reload{Reason: f.text("reason", descriptionMax)}
	f.rest()
	return reload, f.problem()
}

// Rollback reads the body of a rollback. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Rollback() (Rollback, error) {
	f := fieldsOf(b)
	rollback := Rollback{To: f.generation("to"), Reason: f.text("reason", descriptionMax)}
	f.rest()
	return rollback, f.problem()
}

// generation reads the number of a generation, zero where it is absent.
func (f *fields) generation(name string) uint64 {
	value := f.take(name)
	if value == nil || value == "" {
		return 0
	}
	number, ok := value.(json.Number)
	n, err := strconv.ParseUint(number.String(), 10, 64)
	if !ok || err != nil || n == 0 {
		f.refuse(name, "must be the number of a generation, from 1")
		return 0
	}
	return n
}

// GenerationsOf returns what operators may see of generations, the newest first.
func GenerationsOf(list []core.Generation, status core.ReloadStatus) Generations {
	shown := Generations{Data: make([]Generation, 0, len(list)), SucceededAt: status.SucceededAt}
	for _, g := range list {
		shown.Data = append(shown.Data, generationOf(g, g.Number == status.Live.Number))
	}
	if failed := status.Failed; failed != nil {
		shown.Failed = &FailedReload{At: failed.At, By: failed.By, Why: failed.Why, Errors: placed(failed.Faults)}
	}
	return shown
}

// ReloadedOf returns what operators may see of a reload.
func ReloadedOf(r core.Reloaded) Reloaded {
	return Reloaded{Generation: generationOf(r.Generation, true), Changed: r.Changed, Warnings: placed(r.Warnings)}
}

func generationOf(g core.Generation, live bool) Generation {
	return Generation{
		Number: g.Number, Live: live, LoadedAt: g.At, By: g.By, Why: g.Why,
		ConfigSHA256: g.ConfigSHA256, RulesSHA256: g.RulesSHA256, Diff: g.Diff,
	}
}

// placed are diagnostics as fields: where, such as "routes.yaml:14: rules[2]", and what.
func placed(list []core.Diagnostic) []FieldError {
	all := make([]FieldError, 0, len(list))
	for _, d := range list {
		where := core.Diagnostic{File: d.File, Line: d.Line, Path: d.Path}
		all = append(all, FieldError{Location: where.String(), Message: d.Message})
	}
	return all
}
