package local

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "github.com/paymux/paymux/"

// Programs are the built programs.
type Programs struct {
	// Engine, CinetPay and Sandbox are paths: the engine's command, the plugin, and
	// the command that starts the providers' sandboxes.
	Engine, CinetPay, Sandbox string
}

// Build builds the programs into dir, as make build does: the engine, the
// sandboxes, CinetPay's plugin, and those that are named besides. It returns what
// the compiler said where it refuses.
func Build(ctx context.Context, dir string, plugins ...string) (Programs, error) {
	args := []string{"build", "-buildvcs=false", "-o", dir + string(filepath.Separator)}
	args = append(args, module+"cmd/engine", module+"examples/sandbox", module+"plugins/"+CinetPay)
	for _, plugin := range plugins {
		args = append(args, module+"plugins/"+plugin)
	}
	build := exec.CommandContext(ctx, "go", args...)
	if said, err := build.CombinedOutput(); err != nil {
		return Programs{}, fmt.Errorf("go build: %w\n%s", err, said)
	}
	return Programs{
		Engine:   filepath.Join(dir, "engine"),
		CinetPay: filepath.Join(dir, CinetPay),
		Sandbox:  filepath.Join(dir, "sandbox"),
	}, nil
}

// plugin is the path of a plugin that was built.
func (p Programs) plugin(name string) string { return filepath.Join(filepath.Dir(p.CinetPay), name) }

// Key is a key of the API: what a client shows, and what the configuration holds.
type Key struct {
	Secret string `json:"key"`
	SHA256 string `json:"sha256"`
}

// NewKey asks the engine's command for a key.
func (p Programs) NewKey(ctx context.Context) (Key, error) {
	var key Key
	text, err := p.engine(ctx, "keys", "new", "--json")
	if err != nil {
		return key, err
	}
	if err := json.Unmarshal([]byte(text), &key); err != nil {
		return key, fmt.Errorf("engine keys new: %w", err)
	}
	return key, nil
}

// pluginLine asks the engine's command for the line that admits a binary.
func (p Programs) pluginLine(ctx context.Context, path string) (string, error) {
	line, err := p.engine(ctx, "plugin", "hash", path)
	return strings.TrimSpace(line), err
}

// CheckStore walks every record of a stopped engine's store against the invariants.
func (p Programs) CheckStore(ctx context.Context, path string) error {
	_, err := p.engine(ctx, "store", "check", path)
	return err
}

// engine runs a command of the engine that ends by itself, and returns what it printed.
func (p Programs) engine(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Engine, args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("engine %s: %w\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return string(text), nil
}
