package sdk_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/sdk"
)

var schema = sdk.Schema{
	{Name: "site_id", Kind: sdk.FieldString, Required: true, Doc: "the number of the site"},
	{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "from the dashboard"},
	{Name: "mode", Kind: sdk.FieldString, Enum: []string{"test", "live"}, Default: "test"},
	{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.example.com"},
	{Name: "timeout", Kind: sdk.FieldDuration, Default: "20s"},
	{Name: "payouts", Kind: sdk.FieldBool, Default: "true"},
	{Name: "page_size", Kind: sdk.FieldInt, Default: "50"},
	{Name: "peers", Kind: sdk.FieldList, Default: "10.0.0.1, 10.0.0.2"},
	{Name: "networks", Kind: sdk.FieldMap},
}

// with returns the smallest settings that are right, and the given ones.
func with(pairs map[string]any) map[string]any {
	raw := map[string]any{"site_id": "7", "api_key": "k"}
	for name, value := range pairs {
		raw[name] = value
	}
	return raw
}

func TestSettingsOfEveryKind(t *testing.T) {
	tests := map[string]struct {
		raw  map[string]any
		read func(sdk.Settings) any
		want any
	}{
		"text":                        {with(nil), func(s sdk.Settings) any { return s.Text("site_id") }, "7"},
		"text of an enum":             {with(map[string]any{"mode": "live"}), func(s sdk.Settings) any { return s.Text("mode") }, "live"},
		"text by default":             {with(nil), func(s sdk.Settings) any { return s.Text("mode") }, "test"},
		"empty text is the default":   {with(map[string]any{"mode": ""}), func(s sdk.Settings) any { return s.Text("mode") }, "test"},
		"null is the default":         {with(map[string]any{"mode": nil}), func(s sdk.Settings) any { return s.Text("mode") }, "test"},
		"secret":                      {with(nil), func(s sdk.Settings) any { return s.Secret("api_key").Reveal() }, "k"},
		"URL":                         {with(map[string]any{"base_url": "http://127.0.0.1:8080/v2"}), func(s sdk.Settings) any { return s.Text("base_url") }, "http://127.0.0.1:8080/v2"},
		"duration":                    {with(map[string]any{"timeout": "1m30s"}), func(s sdk.Settings) any { return s.Duration("timeout") }, 90 * time.Second},
		"duration by default":         {with(nil), func(s sdk.Settings) any { return s.Duration("timeout") }, 20 * time.Second},
		"bool":                        {with(map[string]any{"payouts": false}), func(s sdk.Settings) any { return s.Bool("payouts") }, false},
		"bool as text":                {with(map[string]any{"payouts": "false"}), func(s sdk.Settings) any { return s.Bool("payouts") }, false},
		"bool by default":             {with(nil), func(s sdk.Settings) any { return s.Bool("payouts") }, true},
		"int":                         {with(map[string]any{"page_size": 25}), func(s sdk.Settings) any { return s.Int("page_size") }, int64(25)},
		"int of 64 bits":              {with(map[string]any{"page_size": int64(9007199254740993)}), func(s sdk.Settings) any { return s.Int("page_size") }, int64(9007199254740993)},
		"int as text":                 {with(map[string]any{"page_size": "25"}), func(s sdk.Settings) any { return s.Int("page_size") }, int64(25)},
		"int below zero":              {with(map[string]any{"page_size": -1}), func(s sdk.Settings) any { return s.Int("page_size") }, int64(-1)},
		"int as JSON keeps it":        {with(map[string]any{"page_size": json.Number("25")}), func(s sdk.Settings) any { return s.Int("page_size") }, int64(25)},
		"int by default":              {with(nil), func(s sdk.Settings) any { return s.Int("page_size") }, int64(50)},
		"list":                        {with(map[string]any{"peers": []any{"a", "b"}}), func(s sdk.Settings) any { return s.List("peers") }, []string{"a", "b"}},
		"list of texts":               {with(map[string]any{"peers": []string{"a"}}), func(s sdk.Settings) any { return s.List("peers") }, []string{"a"}},
		"list as text":                {with(map[string]any{"peers": "a,b , c"}), func(s sdk.Settings) any { return s.List("peers") }, []string{"a", "b", "c"}},
		"list by default":             {with(nil), func(s sdk.Settings) any { return s.List("peers") }, []string{"10.0.0.1", "10.0.0.2"}},
		"an empty list has none":      {with(map[string]any{"peers": []any{}}), func(s sdk.Settings) any { return s.List("peers") }, []string(nil)},
		"map":                         {with(map[string]any{"networks": map[string]any{"OM": "ORANGE"}}), func(s sdk.Settings) any { return s.Map("networks") }, map[string]string{"OM": "ORANGE"}},
		"map of texts":                {with(map[string]any{"networks": map[string]string{"OM": "ORANGE"}}), func(s sdk.Settings) any { return s.Map("networks") }, map[string]string{"OM": "ORANGE"}},
		"map not set":                 {with(nil), func(s sdk.Settings) any { return s.Map("networks") }, map[string]string(nil)},
		"what the schema lacks":       {with(nil), func(s sdk.Settings) any { return s.Text("nothing") }, ""},
		"a bool asked as text":        {with(nil), func(s sdk.Settings) any { return s.Text("payouts") }, ""},
		"a text asked as a duration":  {with(nil), func(s sdk.Settings) any { return s.Duration("site_id") }, time.Duration(0)},
		"a text asked as a number":    {with(nil), func(s sdk.Settings) any { return s.Int("site_id") }, int64(0)},
		"a secret that was never set": {with(nil), func(s sdk.Settings) any { return s.Secret("nothing").Empty() }, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			settings, faults := schema.Parse(test.raw)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(test.want, test.read(settings)); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWrongSettingIsNamedWithTheCure(t *testing.T) {
	const (
		url      = "base_url: wrong value: must be an absolute http or https URL"
		duration = "timeout: wrong value: must be a positive duration with a unit, such as 20s"
		boolean  = "payouts: wrong value: must be true or false"
		number   = "page_size: wrong value: must be a whole number"
		list     = "peers: wrong value: must be a list of texts"
		pairs    = "networks: wrong value: must map texts to texts"
	)
	tests := map[string]struct {
		raw  map[string]any
		want string
	}{
		"missing":                        {map[string]any{"api_key": "k"}, "site_id: required: the number of the site"},
		"null where required":            {with(map[string]any{"site_id": nil}), "site_id: required: the number of the site"},
		"empty where required":           {with(map[string]any{"site_id": ""}), "site_id: required: the number of the site"},
		"unknown":                        {with(map[string]any{"site": "7"}), "site: unknown setting: known are site_id, api_key, mode, base_url, timeout, payouts, page_size, peers, networks"},
		"a number without quotes":        {with(map[string]any{"site_id": 7}), "site_id: wrong value: must be text; put it in quotes"},
		"outside the enum":               {with(map[string]any{"mode": "prod"}), "mode: wrong value: must be one of test, live"},
		"URL without a scheme":           {with(map[string]any{"base_url": "api.example.com"}), url},
		"URL of another scheme":          {with(map[string]any{"base_url": "ftp://api.example.com"}), url},
		"URL without a host":             {with(map[string]any{"base_url": "https:///v2"}), url},
		"URL that is none":               {with(map[string]any{"base_url": "https://%zz"}), url},
		"duration without a unit":        {with(map[string]any{"timeout": "20"}), duration},
		"duration as a number":           {with(map[string]any{"timeout": 20}), "timeout: wrong value: must be text; put it in quotes"},
		"duration of zero":               {with(map[string]any{"timeout": "0s"}), duration},
		"duration below zero":            {with(map[string]any{"timeout": "-20s"}), duration},
		"bool in other words":            {with(map[string]any{"payouts": "yes"}), boolean},
		"bool as a number":               {with(map[string]any{"payouts": 1}), boolean},
		"int with a fraction":            {with(map[string]any{"page_size": json.Number("25.5")}), number},
		"int in words":                   {with(map[string]any{"page_size": "many"}), number},
		"int that is a bool":             {with(map[string]any{"page_size": true}), number},
		"int that is a list":             {with(map[string]any{"page_size": []any{25}}), number},
		"int that nothing can write":     {with(map[string]any{"page_size": func() {}}), number},
		"int beyond 64 bits":             {with(map[string]any{"page_size": "9223372036854775808"}), number},
		"list of numbers":                {with(map[string]any{"peers": []any{"a", 2}}), list},
		"list that is a number":          {with(map[string]any{"peers": 2}), list},
		"map of numbers":                 {with(map[string]any{"networks": map[string]any{"OM": 1}}), pairs + "; see OM"},
		"map that is a list":             {with(map[string]any{"networks": []any{"OM"}}), pairs},
		"map as text":                    {with(map[string]any{"networks": "OM=ORANGE"}), pairs},
		"text that is a map":             {with(map[string]any{"site_id": map[string]any{}}), "site_id: wrong value: must be text; put it in quotes"},
		"text that is an incomparable":   {with(map[string]any{"payouts": []string{"true"}}), boolean},
		"a map where a default would do": {with(map[string]any{"mode": map[string]any{}}), "mode: wrong value: must be text; put it in quotes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, faults := schema.Parse(test.raw)
			if diff := cmp.Diff(test.want, faults.Error()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if !faults.Failed() {
				t.Error("the fault counts as a warning")
			}
		})
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	_, faults := schema.Parse(map[string]any{
		"zone": "CI", "mode": "prod", "api_key": "k", "payouts": 3, "agent": "x", "timeout": "soon",
	})
	want := sdk.Diagnostics{
		{Path: "site_id", Summary: "required"},
		{Path: "mode", Summary: "wrong value"},
		{Path: "timeout", Summary: "wrong value"},
		{Path: "payouts", Summary: "wrong value"},
		{Path: "agent", Summary: "unknown setting"},
		{Path: "zone", Summary: "unknown setting"},
	}
	if diff := cmp.Diff(want, faults, cmpopts.IgnoreFields(sdk.Diagnostic{}, "Detail")); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestAFaultRepeatsNoValue(t *testing.T) {
	const value = "hunter2"
	for _, kind := range []sdk.FieldKind{
		sdk.FieldURL, sdk.FieldDuration, sdk.FieldBool, sdk.FieldInt, sdk.FieldMap, "matrix",
	} {
		_, faults := sdk.Schema{{Name: "secret", Kind: kind, Secret: true}}.Parse(map[string]any{"secret": value})
		checkHidden(t, string(kind), faults.Error(), value)
		if len(faults) != 1 {
			t.Errorf("%s: %d faults, want 1", kind, len(faults))
		}
	}
	_, faults := sdk.Schema{{Name: "secret", Kind: sdk.FieldString, Enum: []string{"a"}}}.Parse(map[string]any{"secret": value})
	checkHidden(t, "enum", faults.Error(), value)
}

func TestAKindThatDoesNotExistIsAFaultOfTheSchema(t *testing.T) {
	_, faults := sdk.Schema{{Name: "size", Kind: "matrix"}}.Parse(map[string]any{"size": "3x3"})
	want := "size: wrong value: the schema names the kind matrix, which does not exist"
	if diff := cmp.Diff(want, faults.Error()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// The engine hands settings to a plugin's process, which parses them again.
func TestRawSettingsParseToTheSameAgain(t *testing.T) {
	first, faults := schema.Parse(with(map[string]any{
		"networks": map[string]any{"OM": "ORANGE"}, "payouts": false, "page_size": 1_000_000, "peers": "a,b",
	}))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	text, err := json.Marshal(first.Raw())
	if err != nil {
		t.Fatal(err)
	}
	var overTheWire map[string]any
	if err := json.Unmarshal(text, &overTheWire); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]map[string]any{"as they are": first.Raw(), "through JSON": overTheWire} {
		again, faults := schema.Parse(raw)
		if len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
		if diff := cmp.Diff(first.Raw(), again.Raw()); diff != "" {
			t.Errorf("%s (-first +again):\n%s", name, diff)
		}
	}
}

func TestSettingsThatWereNeverParsedAreEmpty(t *testing.T) {
	var settings sdk.Settings
	if settings.Raw() != nil || settings.Text("site_id") != "" || !settings.Secret("api_key").Empty() {
		t.Errorf("they hold %d values", len(settings.Raw()))
	}
}

func TestASchemaNamesItsSettingsAndItsSecrets(t *testing.T) {
	s := sdk.Schema{{Name: "user"}, {Name: "password", Secret: true}, {Name: "pin", Secret: true}}
	if diff := cmp.Diff([]string{"user", "password", "pin"}, s.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"password", "pin"}, s.Secrets()); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}

func TestDiagnosticsReadAsOneLine(t *testing.T) {
	warning := sdk.Diagnostic{Warning: true, Path: "mode", Summary: "is test"}
	fault := sdk.Diagnostic{Summary: "two settings exclude each other", Detail: "leave one out"}
	tests := map[string]struct {
		diagnostics sdk.Diagnostics
		text        string
		failed      bool
	}{
		"none":      {nil, "", false},
		"a warning": {sdk.Diagnostics{warning}, "mode: is test", false},
		"both":      {sdk.Diagnostics{warning, fault}, "mode: is test; two settings exclude each other: leave one out", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.text, test.diagnostics.Error()); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			if test.diagnostics.Failed() != test.failed {
				t.Errorf("Failed = %v", test.diagnostics.Failed())
			}
		})
	}
}
