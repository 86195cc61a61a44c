package config

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
)

const (
	// secretMax bounds what a file or a command may hold, in bytes.
	secretMax = 64 << 10
	// commandTimeout bounds one command.
	commandTimeout = 10 * time.Second
	// commandGrace is how long a killed command may keep its output open.
	commandGrace = time.Second
)

// opening finds a reference, or $${ for a ${ that is none.
const opening, escaped = "${", "$${"

var referencePattern = regexp.MustCompile(`^\$\{(env|file|exec):([^{}]+)\}`)

// part is a piece of a setting: text as it is, or a reference.
type part struct{ text, scheme, body string }

// parts takes a text apart. It returns what is wrong with it, without repeating
// any of it: what looks like a broken reference may be a password.
func parts(text string) (list []part, wrong string) {
	const help = "holds a ${ that is no reference: write ${env:NAME}, ${file:/path} or ${exec:command words}, and $${ for a plain ${"
	for text != "" {
		at := strings.Index(text, opening)
		if at < 0 {
			return append(list, part{text: text}), ""
		}
		if at > 0 && strings.HasPrefix(text[at-1:], escaped) {
			list = append(list, part{text: text[:at-1] + opening})
			text = text[at+len(opening):]
			continue
		}
		found := referencePattern.FindStringSubmatch(text[at:])
		if found == nil || strings.TrimSpace(found[2]) == "" {
			return nil, help
		}
		list = append(list, part{text: text[:at]}, part{scheme: found[1], body: found[2]})
		text = text[at+len(found[0]):]
	}
	return list, ""
}

// checkReferences returns what is wrong with the references in text, "" if nothing.
func checkReferences(text string) string {
	_, wrong := parts(text)
	return wrong
}

// refers reports whether a setting holds a reference, itself or below.
func refers(value any) bool {
	switch v := value.(type) {
	case string:
		list, _ := parts(v)
		for _, p := range list {
			if p.scheme != "" {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if refers(item) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if refers(item) {
				return true
			}
		}
	}
	return false
}

// resolver replaces references by what they stand for.
type resolver struct {
	ctx    context.Context
	source *source
	found  []core.Diagnostic
}

func (r *resolver) value(path string, value any) any {
	switch v := value.(type) {
	case string:
		return r.text(path, v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = r.value(path+"["+strconv.Itoa(i)+"]", item)
		}
		return list
	case map[string]any:
		return r.entries(path, v)
	default:
		return value
	}
}

func (r *resolver) entries(path string, values map[string]any) map[string]any {
	resolved := make(map[string]any, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		resolved[name] = r.value(path+"."+name, values[name])
	}
	return resolved
}

func (r *resolver) text(path, text string) string {
	list, _ := parts(text)
	var whole strings.Builder
	for _, p := range list {
		whole.WriteString(p.text)
		if p.scheme == "" {
			continue
		}
		secret, wrong := r.fetch(path, p)
		if wrong != "" {
			r.found = append(r.found, r.source.diagnostic(path, "${"+p.scheme+":"+p.body+"}: "+wrong, false))
		}
		whole.WriteString(secret)
	}
	return whole.String()
}

// fetch returns what a reference stands for, or what is wrong with it.
func (r *resolver) fetch(path string, p part) (secret, wrong string) {
	switch p.scheme {
	case "env":
		secret = r.source.environ[p.body]
	case "file":
		secret, wrong = r.file(path, p.body)
	case "exec":
		secret, wrong = r.command(p.body)
	}
	if wrong == "" && secret == "" {
		wrong = "has no value"
	}
	return secret, wrong
}

func (r *resolver) file(path, name string) (secret, wrong string) {
	text, err := readFile(r.source.absolute(path, name), secretMax+1)
	if err != nil {
		return "", "cannot be read: " + cause(err)
	}
	if len(text) > secretMax {
		return "", "is too large for a secret"
	}
	return trimBreak(string(text)), ""
}

// command runs words without a shell. What it writes to its error output may
// repeat a secret, so that only its exit status is told.
func (r *resolver) command(words string) (secret, wrong string) {
	ctx, cancel := context.WithTimeout(r.ctx, commandTimeout)
	defer cancel()
	list := strings.Fields(words)
	command := exec.CommandContext(ctx, list[0], list[1:]...)
	command.Dir = filepath.Dir(r.source.file)
	command.WaitDelay = commandGrace
	command.Env = []string{} // Nil would hand on the process's own.
	for name, value := range r.source.environ {
		command.Env = append(command.Env, name+"="+value)
	}
	var output capped
	command.Stdout = &output
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", "gave no answer in time"
	case output.full:
		return "", "is too large for a secret"
	case errors.As(err, &exit):
		return "", "failed: " + exit.Error()
	case errors.Is(err, exec.ErrNotFound):
		return "", "there is no such command"
	case err != nil:
		return "", "cannot be run: " + cause(err)
	}
	return trimBreak(output.String()), ""
}

// capped is an output that ends at secretMax, so that no command fills the memory.
type capped struct {
	strings.Builder
	full bool
}

// Write fails when the output is too large, which ends the command.
func (c *capped) Write(text []byte) (int, error) {
	if c.Len()+len(text) > secretMax {
		c.full = true
		return 0, os.ErrInvalid
	}
	return c.Builder.Write(text)
}

func trimBreak(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}
