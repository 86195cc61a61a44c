package host

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/paymux/paymux/sdk"
)

const (
	// saidMax bounds a line of a process on its way to go-plugin, whose own
	// buffers have 64 KiB.
	saidMax = 60 << 10
	// briefMax bounds what is quoted of a process in an error, in bytes.
	briefMax = 500
)

// lineReader reads what a process writes, line by line, each made harmless and
// cut at saidMax bytes. What is cut off is read all the same, so that the
// process is never blocked.
type lineReader struct {
	from  io.ReadCloser
	lines *bufio.Reader
	clean func(line []byte) []byte
	cut   bool   // The end of a long line is yet to be skipped.
	ready []byte // Not yet read of the line at hand.
}

func newLineReader(from io.ReadCloser, clean func([]byte) []byte) *lineReader {
	return &lineReader{from: from, lines: bufio.NewReaderSize(from, saidMax), clean: clean}
}

// Read ends with the error of the process's stream.
func (r *lineReader) Read(p []byte) (int, error) {
	for len(r.ready) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// next makes the next line ready, or skips the rest of a long one.
func (r *lineReader) next() error {
	line, err := r.lines.ReadSlice('\n')
	if len(line) == 0 {
		return err // It comes again after the last line, which has no end.
	}
	if !r.cut {
		r.ready = append(head(r.clean(bytes.TrimRight(line, "\r\n")), saidMax), '\n')
	}
	r.cut = line[len(line)-1] != '\n'
	return nil
}

// Close closes the process's stream.
func (r *lineReader) Close() error { return r.from.Close() }

// plainLine returns a line as text: UTF-8 without control characters.
func plainLine(line []byte) []byte { return []byte(plain(string(line))) }

// logLine returns a line of a log as go-plugin can read it: a JSON object
// whose @message, @level and @timestamp are what they must be, or else text that
// is no object. Nobody knows what a plugin writes, so that no number in it is left
// that is long enough for a phone, and no e-mail address.
func logLine(line []byte) []byte {
	var fields map[string]any
	if json.Unmarshal(line, &fields) != nil || fields == nil {
		return []byte(impersonal(string(line)))
	}
	if written := logEntry(fields); written != nil {
		return written
	}
	return []byte("not a log entry: " + impersonal(string(line)))
}

// logEntry writes a log entry anew, nil where it is none or too long.
func logEntry(fields map[string]any) []byte {
	clean := make(map[string]any, len(fields))
	for name, value := range fields {
		clean[impersonal(name)] = value
	}
	for _, name := range []string{"@message", "@level"} {
		value, ok := clean[name]
		if _, isText := value.(string); ok && !isText {
			return nil
		}
	}
	for name, value := range clean {
		if name != "@timestamp" {
			clean[name] = impersonalValue(value)
		}
	}
	if value, ok := clean["@timestamp"]; ok && !timestamp(value) {
		return nil
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(clean) != nil || written.Len() > saidMax {
		return nil
	}
	return plainLine(bytes.TrimRight(written.Bytes(), "\n"))
}

// impersonal returns text as one line without what is about a person.
func impersonal(text string) string { return sdk.ReadableText(plain(text)) }

// impersonalValue returns a value of a log entry so, as text where anything had to go.
func impersonalValue(value any) any {
	if text, isText := value.(string); isText {
		return impersonal(text)
	}
	written, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	if shown := impersonal(string(written)); shown != string(written) {
		return shown
	}
	return value
}

// timestamp reports whether a value is a time as go-plugin reads it.
func timestamp(value any) bool {
	text, ok := value.(string)
	_, err := time.Parse("2006-01-02T15:04:05.000000Z07:00", text)
	return ok && err == nil
}

// plain returns text as one line of UTF-8. Control characters could forge
// lines of the engine's own log.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case unicode.IsControl(r):
			return ' '
		}
		return r // The replacement character for what is not UTF-8.
	}, text)
}

// brief returns the beginning of text for people.
func brief(text string) string {
	if len(text) <= briefMax {
		return text
	}
	return head(text, briefMax) + "..."
}

// head returns at most the first bytes of text, cut between characters.
func head[T ~string | ~[]byte](text T, most int) T {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
