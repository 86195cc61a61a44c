package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

func inspect(ctx context.Context, path string, log hclog.Logger) (_ Inspection, err error) {
	if err := supported(); err != nil {
		return Inspection{}, err
	}
	dir, err := os.MkdirTemp("", socketDirPrefix)
	if err != nil {
		return Inspection{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copies, err := openCache(dir)
	if err != nil {
		return Inspection{}, err
	}
	name := loggable(filepath.Base(path))
	b, err := copies.take(name, path, "")
	if err != nil {
		return Inspection{}, err
	}
	defer b.close()
	c, err := newLauncher(Options{Logger: log}).launch(ctx, name, b)
	if err != nil {
		return Inspection{}, err
	}
	defer c.stop()
	return Inspection{Manifest: c.manifest, Checksum: b.checksum, Protocol: c.protocol}, nil
}

// loggable makes a file's name one that a copy and a logger can have.
func loggable(name string) string {
	name = strings.ToLower(name)
	if nameShape.MatchString(name) {
		return name
	}
	return "plugin"
}
