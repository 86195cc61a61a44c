package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// SettingsHash returns the name of one configuration of an account: SHA-256 of
// the settings in canonical form, in hexadecimal. Equal settings have equal
// hashes, in every process and version. It does not reveal a secret, but a short
// secret could be guessed with it: keep it out of what others can read.
func SettingsHash(settings sdk.Settings) string {
	// Marshal sorts by name and writes text, numbers and truth differently. It
	// cannot fail for the five types that settings are made of.
	canonical, err := json.Marshal(withoutEmpty(settings.Raw()))
	if err != nil {
		canonical = nil
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// withoutEmpty drops empty lists and maps, which mean the same as absent ones.
func withoutEmpty(raw map[string]any) map[string]any {
	kept := make(map[string]any, len(raw))
	for name, value := range raw {
		switch v := value.(type) {
		case []string:
			if len(v) == 0 {
				continue
			}
		case map[string]string:
			if len(v) == 0 {
				continue
			}
		}
		kept[name] = value
	}
	return kept
}

func settingsToProto(settings sdk.Settings) *pb.Settings {
	values := make(map[string]*pb.SettingValue)
	for name, value := range settings.Raw() {
		values[name] = settingToProto(value)
	}
	return &pb.Settings{Values: values}
}

func settingToProto(value any) *pb.SettingValue {
	switch v := value.(type) {
	case string:
		return &pb.SettingValue{Value: &pb.SettingValue_Text{Text: v}}
	case bool:
		return &pb.SettingValue{Value: &pb.SettingValue_Flag{Flag: v}}
	case int64:
		return &pb.SettingValue{Value: &pb.SettingValue_Number{Number: v}}
	case []string:
		return &pb.SettingValue{Value: &pb.SettingValue_List{List: &pb.TextList{Texts: v}}}
	case map[string]string:
		return &pb.SettingValue{Value: &pb.SettingValue_Map{Map: &pb.TextMap{Texts: v}}}
	default:
		return &pb.SettingValue{}
	}
}

// rawFromProto returns settings as Schema.Parse reads them. A value of a type
// that this version does not know is kept as one that no field accepts, so that
// Parse names it.
func rawFromProto(settings *pb.Settings) map[string]any {
	raw := make(map[string]any, len(settings.GetValues()))
	for name, value := range settings.GetValues() {
		raw[name] = settingFromProto(value)
	}
	return raw
}

func settingFromProto(value *pb.SettingValue) any {
	switch v := value.GetValue().(type) {
	case *pb.SettingValue_Text:
		return v.Text
	case *pb.SettingValue_Flag:
		return v.Flag
	case *pb.SettingValue_Number:
		return v.Number
	case *pb.SettingValue_List:
		return v.List.GetTexts()
	case *pb.SettingValue_Map:
		return v.Map.GetTexts()
	default:
		return struct{}{}
	}
}

func diagnosticToProto(d sdk.Diagnostic) *pb.Diagnostic {
	severity := pb.Severity_SEVERITY_UNSPECIFIED
	if d.Warning {
		severity = pb.Severity_SEVERITY_WARNING
	}
	return &pb.Diagnostic{Severity: severity, Path: d.Path, Summary: d.Summary, Detail: d.Detail}
}

func diagnosticFromProto(p *pb.Diagnostic) sdk.Diagnostic {
	return sdk.Diagnostic{
		Warning: p.GetSeverity() == pb.Severity_SEVERITY_WARNING,
		Path:    p.GetPath(),
		Summary: p.GetSummary(),
		Detail:  p.GetDetail(),
	}
}
