package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Config says what is tried against what. Plugin or Path must be there.
type Config struct {
	// Plugin is the implementation. It is called through gRPC in this process.
	Plugin sdk.Plugin
	// Path is the plugin's binary, in whatever language. Without one the clauses
	// about processes do not apply; without a Plugin every clause starts it.
	Path string
	// Env are entries "NAME=value" for its process, which sees nothing else of
	// this one's environment but PATH.
	Env []string
	// Settings are those of an account at the sandbox, as an operator writes them.
	Settings map[string]any
	// Sandbox is the root URL of the sandbox. Default: that of the first setting of
	// BaseURL.
	Sandbox string
	// BaseURL names the settings that hold the provider's address. The run puts its
	// proxy there. Default: those of kind url whose name ends with "base_url".
	BaseURL []string
}

// plan is a Config that can be run.
type plan struct {
	Config
	manifest sdk.Manifest
	desk     *desk
	script   sandboxkit.Script
}

// ErrConfig says that the Config cannot be tried: no plugin, no sandbox, or settings
// that the plugin does not have, needs or takes.
var ErrConfig = errors.New("wrong configuration")

// configError is an ErrConfig that says no more than what is wrong.
type configError struct{ error }

func (configError) Is(target error) bool { return target == ErrConfig }
func (e configError) Unwrap() error      { return e.error }

// prepare asks the plugin what it is, whether it takes the settings, and the sandbox
// what to order.
func prepare(ctx context.Context, config Config) (*plan, error) {
	p := &plan{Config: config}
	if err := p.meet(ctx); err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	p.desk = newDesk(p.Sandbox)
	script, err := p.desk.script(ctx)
	if err != nil {
		return nil, fmt.Errorf("conformance: no sandbox at %s: %w", p.Sandbox, err)
	}
	p.script = script
	return p, nil
}

// meet reads the manifest, and opens the account once, so that settings that are
// wrong are told once and not by every clause.
func (p *plan) meet(ctx context.Context) (err error) {
	if p.Plugin == nil && p.Path == "" {
		return configError{errors.New("nothing to try: give Plugin or Path")}
	}
	s, err := p.start(p.Plugin == nil, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if p.manifest, err = s.Describe(ctx); err != nil {
		return err
	}
	if err := p.locate(); err != nil {
		return configError{err}
	}
	_, err = (&bench{plan: p, subject: s}).open(ctx, p.Sandbox)
	return err
}

// locate finds the settings that hold an address, and the sandbox's address in them.
func (p *plan) locate() error {
	if len(p.BaseURL) == 0 {
		for _, field := range p.manifest.Settings {
			if field.Kind == sdk.FieldURL && strings.HasSuffix(field.Name, "base_url") {
				p.BaseURL = append(p.BaseURL, field.Name)
			}
		}
	}
	for _, name := range p.BaseURL {
		if !slices.ContainsFunc(p.manifest.Settings, func(f sdk.Field) bool { return f.Name == name }) {
			return fmt.Errorf("the plugin has no setting %s that could hold the provider's address", name)
		}
	}
	if len(p.BaseURL) == 0 {
		return errors.New("no setting is known to hold the provider's address: name it in BaseURL")
	}
	if p.Sandbox == "" {
		p.Sandbox, _ = p.Settings[p.BaseURL[0]].(string)
	}
	root, err := url.Parse(p.Sandbox)
	if err != nil || root.Host == "" {
		return fmt.Errorf("no sandbox: give its URL, or let the setting %s hold it", p.BaseURL[0])
	}
	p.Sandbox = root.Scheme + "://" + root.Host
	return nil
}

// settingsAt are the settings with the provider's address at another root. A path
// that an address has behind the sandbox's root stays.
func (p *plan) settingsAt(root string) map[string]any {
	raw := maps.Clone(p.Settings)
	if raw == nil {
		raw = map[string]any{}
	}
	for _, name := range p.BaseURL {
		text, _ := raw[name].(string)
		rest, _ := strings.CutPrefix(text, p.Sandbox)
		if rest == text {
			rest = ""
		}
		raw[name] = root + rest
	}
	return raw
}
