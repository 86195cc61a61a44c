package wire

import (
	"encoding/json"
	"fmt"
	"net"

	"github.com/hashicorp/go-plugin"
)

// ReattachVariable is the environment variable with which a developer tells the
// engine about plugins that run already, by plugin name.
const ReattachVariable = "ENGINE_REATTACH_PLUGINS"

// reattach is a running plugin as it is written in ReattachVariable.
type reattach struct {
	Protocol        string
	ProtocolVersion int
	Pid             int
	Test            bool
	Addr            reattachAddress
}

type reattachAddress struct {
	Network string
	String  string
}

// FormatReattach returns the value of ReattachVariable for one running plugin.
func FormatReattach(name string, running *plugin.ReattachConfig) (string, error) {
	text, err := json.Marshal(map[string]reattach{name: {
		Protocol:        string(running.Protocol),
		ProtocolVersion: running.ProtocolVersion,
		Pid:             running.Pid,
		Test:            running.Test,
		Addr:            reattachAddress{Network: running.Addr.Network(), String: running.Addr.String()},
	}})
	if err != nil {
		return "", fmt.Errorf("wire: reattach: %w", err)
	}
	return string(text), nil
}

// ParseReattach reads the value of ReattachVariable. The plugin set to use is
// ClientSets()[config.ProtocolVersion]. It returns an error for what
// FormatReattach does not write.
func ParseReattach(text string) (map[string]*plugin.ReattachConfig, error) {
	var written map[string]reattach
	if err := json.Unmarshal([]byte(text), &written); err != nil {
		return nil, fmt.Errorf("wire: %s: %w", ReattachVariable, err)
	}
	running := make(map[string]*plugin.ReattachConfig, len(written))
	for name, w := range written {
		addr, err := w.Addr.resolve()
		if err != nil {
			return nil, fmt.Errorf("wire: %s: %s: %w", ReattachVariable, name, err)
		}
		running[name] = &plugin.ReattachConfig{
			Protocol:        plugin.Protocol(w.Protocol),
			ProtocolVersion: w.ProtocolVersion,
			Pid:             w.Pid,
			Test:            w.Test,
			Addr:            addr,
		}
	}
	return running, nil
}

func (a reattachAddress) resolve() (net.Addr, error) {
	switch a.Network {
	case "unix":
		return net.ResolveUnixAddr(a.Network, a.String)
	case "tcp":
		return net.ResolveTCPAddr(a.Network, a.String)
	default:
		return nil, fmt.Errorf("%q is not a network: use unix or tcp", a.Network)
	}
}
