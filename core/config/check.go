package config

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

// check reports what no single key shows, and completes the values.
func (c *Config) check() {
	c.checkServer()
	c.checkKeys()
	c.checkPlugins()
	c.checkProviders()
	c.checkPoll()
	c.Store.Path = c.source.absolute("store.path", c.Store.Path)
	c.Routing.File = c.source.absolute("routing.file", c.Routing.File)
}

func (c *Config) checkServer() {
	host, _, err := net.SplitHostPort(c.Server.Listen)
	if err == nil && !loopback(host) && len(c.Auth.Keys) == 0 {
		c.source.errorf("server.listen", "is reachable from outside, but auth.keys has no key: add one, or listen on 127.0.0.1")
	}
	if c.Mode != ModeLive {
		return
	}
	public, err := url.Parse(c.Server.PublicURL)
	if err == nil && (c.Server.PublicURL == "" || loopback(public.Hostname())) {
		c.source.warnf("server.public_url", "mode live without a public URL: no provider can notify this engine")
	}
}

// loopback reports whether only this machine can reach host. A name other than
// localhost may mean any address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (c *Config) checkKeys() {
	ids, checksums := map[string]bool{}, map[string]bool{}
	for i := range c.Auth.Keys {
		key := &c.Auth.Keys[i]
		path := "auth.keys[" + strconv.Itoa(i) + "]"
		c.require(path+".id", key.ID != "")
		c.require(path+".sha256", key.SHA256 != "")
		c.require(path+".scopes", len(key.Scopes) > 0)
		if key.Merchant == "" {
			key.Merchant = "default"
		}
		if key.ID != "" && ids[key.ID] {
			c.source.errorf(path+".id", yamlfile.Quote(key.ID)+" is the id of another key too")
		}
		if key.SHA256 != "" && checksums[key.SHA256] {
			c.source.errorf(path+".sha256", "is the checksum of another key too")
		}
		ids[key.ID], checksums[key.SHA256] = true, true
	}
}

// require reports a key that has no value, unless its value was reported already.
func (c *Config) require(path string, there bool) {
	if there || c.source.wrong(path) {
		return
	}
	c.source.errorf(path, "required")
}

// wrong reports whether an error about path, an element of it or what holds it
// was found before.
func (s *source) wrong(path string) bool {
	return slices.ContainsFunc(s.found, func(d core.Diagnostic) bool {
		about := d.Path == path || strings.HasPrefix(d.Path, path+"[") || d.Path != "" && strings.HasPrefix(path, d.Path+".")
		return about && !d.Warning
	})
}

func (c *Config) checkPlugins() {
	for _, name := range slices.Sorted(maps.Keys(c.Plugins)) {
		path, plugin := "plugins."+name, c.Plugins[name]
		c.require(path+".path", plugin.Path != "")
		switch {
		case plugin.Dev && c.Mode == ModeLive:
			c.source.errorf(path+".dev", "mode live starts no plugin without a checksum: set sha256 instead")
		case plugin.Dev && plugin.SHA256 != "":
			c.source.warnf(path+".dev", "has no effect beside sha256, which is checked: leave one of them out")
		case plugin.Dev:
			c.source.warnf(path+".dev", "the plugin is started whatever its checksum is")
		}
		if plugin.SHA256 == "" && !plugin.Dev && !c.source.wrong(path+".sha256") {
			c.source.errorf(path+".sha256", "required: engine plugin hash prints it (or dev: true, for development)")
		}
		if !c.uses(name) {
			c.source.warnf(path, "no provider uses this plugin")
		}
		plugin.Path = c.source.absolute(path+".path", plugin.Path)
		c.Plugins[name] = plugin
	}
}

func (c *Config) uses(plugin string) bool {
	for _, provider := range c.Providers {
		if provider.Plugin == plugin {
			return true
		}
	}
	return false
}

func (c *Config) checkProviders() {
	if len(c.Providers) == 0 && !core.Failed(c.source.found) {
		c.source.warnf("providers", "no provider is configured, so nothing can be paid")
	}
	known := slices.Sorted(maps.Keys(c.Plugins))
	for _, name := range slices.Sorted(maps.Keys(c.Providers)) {
		path, plugin := "providers."+name, c.Providers[name].Plugin
		c.require(path+".plugin", plugin != "")
		if _, ok := c.Plugins[plugin]; plugin != "" && !ok {
			c.source.errorf(path+".plugin", yamlfile.Quote(plugin)+" is not among plugins"+yamlfile.Hint(plugin, known))
		}
		c.checkFees(name, c.Providers[name].Fees)
		for _, setting := range c.loopbackURLs(c.source.settings[name]) {
			c.source.errorf(path+".settings."+setting, liveLoopback)
		}
	}
}

const liveLoopback = "mode live does not talk to this machine instead of a provider"

// loopbackURLs names the settings that mode live refuses: those that point to this machine.
func (c *Config) loopbackURLs(settings map[string]any) []string {
	if c.Mode != ModeLive {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		text, _ := settings[name].(string)
		u, err := url.Parse(text)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && loopback(u.Hostname()) {
			names = append(names, name)
		}
	}
	return names
}

func (c *Config) checkPoll() {
	const pollMax = 64
	if len(c.Reconcile.Poll) > pollMax {
		c.source.errorf("reconcile.poll", fmt.Sprintf("has %d ages, at most %d are read", len(c.Reconcile.Poll), pollMax))
	}
	for i := 1; i < len(c.Reconcile.Poll); i++ {
		if c.Reconcile.Poll[i] <= c.Reconcile.Poll[i-1] {
			c.source.errorf("reconcile.poll", "the ages must rise: they count from the create call")
			return
		}
	}
}
