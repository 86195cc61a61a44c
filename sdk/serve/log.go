package serve

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/sdk/wire"
)

const (
	// logFieldMax bounds one field and the message of a log line, in bytes.
	logFieldMax = 8 << 10
	// logLineMax bounds message and fields of a line together, as JSON. The engine
	// reads lines of at most 64 KiB; a longer one arrives in pieces and without level.
	logLineMax = 56 << 10
	// cut marks text that was longer.
	cut = "... (cut)"
)

func logLevel() hclog.Level {
	if level := hclog.LevelFromString(os.Getenv(wire.LogVariable)); level != hclog.NoLevel {
		return level
	}
	return hclog.Info
}

// logHandler writes slog records as JSON lines that the engine understands. Ids
// of the call come from the context, and secrets are hidden in every text.
type logHandler struct {
	out     hclog.Logger
	secrets *secrets
	// group is put before the names of later fields, with a dot at its end.
	group  string
	fields []slog.Attr
}

var _ slog.Handler = (*logHandler)(nil)

// Enabled reports whether level is logged.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return h.out.GetLevel() <= hclogLevel(level)
}

// Handle writes one line.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	line := logLine{secrets: h.secrets, left: logLineMax}
	message := line.text(record.Message)
	line.left -= jsonLen(message)
	call := wire.CallOf(ctx)
	if call.Transaction != "" {
		line.add(slog.String("transaction", call.Transaction))
		line.add(slog.String("attempt", call.Attempt))
	}
	for _, field := range h.fields {
		line.add(field)
	}
	record.Attrs(func(field slog.Attr) bool {
		for _, flat := range flatten(h.group, field) {
			line.add(flat)
		}
		return true
	})
	h.out.Log(hclogLevel(record.Level), message, line.pairs...)
	return nil
}

// WithAttrs returns a handler that adds fields to every line.
func (h *logHandler) WithAttrs(fields []slog.Attr) slog.Handler {
	with := *h
	with.fields = slices.Clone(h.fields)
	for _, field := range fields {
		with.fields = append(with.fields, flatten(h.group, field)...)
	}
	return &with
}

// WithGroup returns a handler that puts name before the names of later fields.
func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.group += name + "."
	return &with
}

// flatten resolves groups into fields with dotted names.
func flatten(group string, field slog.Attr) []slog.Attr {
	value := field.Value.Resolve()
	if value.Kind() != slog.KindGroup {
		if field.Key == "" {
			return nil
		}
		return []slog.Attr{{Key: group + field.Key, Value: value}}
	}
	if field.Key != "" {
		group += field.Key + "."
	}
	var flat []slog.Attr
	for _, inner := range value.Group() {
		flat = append(flat, flatten(group, inner)...)
	}
	return flat
}

// logLine gathers the fields of one line within its bounds.
type logLine struct {
	secrets *secrets
	pairs   []any
	left    int
}

func (l *logLine) add(field slog.Attr) {
	text := l.text(field.Value.String())
	size := len(field.Key) + jsonLen(text)
	if size > l.left {
		text, size = cut, len(field.Key)+len(cut)
	}
	l.left -= size
	if l.left < 0 {
		return
	}
	l.pairs = append(l.pairs, fieldName(field.Key), plain(field.Value, text))
}

// text returns text without secrets and within its bound.
func (l *logLine) text(text string) string {
	text = l.secrets.hide(text)
	if len(text) > logFieldMax {
		return strings.ToValidUTF8(text[:logFieldMax-len(cut)], "") + cut
	}
	return text
}

// plain keeps a number or truth as such, where nothing in it was hidden.
func plain(value slog.Value, text string) any {
	switch value.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		if value.String() == text {
			return value.Any()
		}
	}
	return text
}

// fieldName keeps names that mean something to hclog and go-plugin from being
// taken for it: a field "@level" that is no text would stop the engine's reader.
func fieldName(name string) string {
	if strings.HasPrefix(name, "@") || name == "timestamp" {
		return "field." + strings.TrimLeft(name, "@")
	}
	return name
}

func jsonLen(text string) int {
	encoded, err := json.Marshal(text)
	if err != nil {
		return len(text)
	}
	return len(encoded)
}

func hclogLevel(level slog.Level) hclog.Level {
	switch {
	case level < slog.LevelDebug:
		return hclog.Trace
	case level < slog.LevelInfo:
		return hclog.Debug
	case level < slog.LevelWarn:
		return hclog.Info
	case level < slog.LevelError:
		return hclog.Warn
	default:
		return hclog.Error
	}
}
