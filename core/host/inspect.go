package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/sdk"
)

// Inspection is what a binary says of itself.
type Inspection struct {
	Manifest sdk.Manifest
	Checksum string
	Protocol int
}

// Inspect starts the plugin at path, has it describe itself and ends it. Nothing
// is configured and no provider is asked. It returns an error if the binary is
// refused as Checksum does, or is no plugin.
func Inspect(ctx context.Context, path string, log hclog.Logger) (Inspection, error) {
	found, err := inspect(ctx, path, log)
	if err != nil {
		return Inspection{}, fmt.Errorf("host: inspect %s: %w", path, err)
	}
	return found, nil
}

func inspect(ctx context.Context, path string, log hclog.Logger) (Inspection, error) {
	var found Inspection
	err := ask(ctx, Plugin{Path: path}, log, func(c *child) error {
		found = Inspection{Manifest: c.manifest, Checksum: c.checksum, Protocol: c.protocol}
		return nil
	})
	return found, err
}

// Trial is what came of opening an account to see whether it can be.
type Trial struct {
	// Wrong is what the plugin says of the settings; without a failure among it the account opened.
	Wrong sdk.Diagnostics
	// Capabilities are what the account could do.
	Capabilities sdk.Capabilities
}

// Try starts a plugin whatever its checksum is, opens each account in it with the settings given,
// and ends it. No payment is made, but a plugin may ask its provider whether the
// credentials hold. It returns an error as Inspect does, and where the plugin
// gives no answer.
func Try(ctx context.Context, p Plugin, accounts map[string]sdk.Settings, log hclog.Logger) (map[string]Trial, error) {
	trials := map[string]Trial{}
	err := ask(ctx, p, log, func(c *child) error {
		for _, name := range slices.Sorted(maps.Keys(accounts)) {
			trial, err := c.try(ctx, name, accounts[name])
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			trials[name] = trial
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("host: try %s: %w", p.Path, err)
	}
	return trials, nil
}

// try opens one account. The process ends afterwards, so that it need not be closed.
func (c *child) try(ctx context.Context, name string, settings sdk.Settings) (Trial, error) {
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	c.secrets.Learn(c.manifest.Settings, settings.Raw())
	wrong, err := c.rpc.ValidateSettings(ctx, settings)
	wrong, err = c.hiddenDiagnostics(wrong), c.hiddenError(err)
	if err != nil || wrong.Failed() {
		return Trial{Wrong: wrong}, err
	}
	can, err := c.rpc.Configure(ctx, name, settings)
	err = c.hiddenError(err)
	var refused sdk.Diagnostics
	if errors.As(err, &refused) {
		return Trial{Wrong: append(wrong, refused...)}, nil
	}
	return Trial{Wrong: wrong, Capabilities: can}, err
}

// ask starts a plugin from a copy of its own, lets use talk to it, and ends it.
func ask(ctx context.Context, p Plugin, log hclog.Logger, use func(*child) error) (err error) {
	if err := supported(runtime.GOOS); err != nil {
		return err
	}
	dir, err := newFolder(os.TempDir())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.remove()) }()
	copies, err := openCache(dir.path)
	if err != nil {
		return err
	}
	name := loggable(filepath.Base(p.Path))
	b, err := copies.take(ctx, name, p.Path, "", false)
	if err != nil {
		return err
	}
	defer b.close()
	c, err := newLauncher(Options{Logger: log}).launch(ctx, name, b, p.Environment...)
	if err != nil {
		return err
	}
	defer c.stop()
	return use(c)
}

// loggable makes a file's name one that a copy and a logger can have.
func loggable(name string) string {
	name = strings.ToLower(name)
	if nameShape.MatchString(name) {
		return name
	}
	return "plugin"
}
