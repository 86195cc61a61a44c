package conformance_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/conformance"
)

func ExampleReport_Write() {
	report := conformance.Report{Plugin: "acmepay", Version: "0.1.0", Findings: []conformance.Finding{
		{Clause: "describe is stable", Verdict: conformance.Pass, Seen: "the same three times", TookMS: 40},
		{Clause: "declined is not a fault", Verdict: conformance.DoesNotApply, Seen: "payment: the script declines nothing"},
		{
			Clause: "one charge a reference", Verdict: conformance.Fail, Seen: "payment: 2 charges", TookMS: 70,
			Demands: "One charge.", Mend: "Send Attempt.Ref unchanged.",
		},
	}}
	_ = report.Write(os.Stdout)
	// Output:
	// CLAUSE                   VERDICT         SEEN
	// describe is stable       pass            the same three times
	// declined is not a fault  does not apply  payment: the script declines nothing
	// one charge a reference   FAIL            payment: 2 charges
	//
	// FAIL one charge a reference
	//   demands  One charge.
	//   seen     payment: 2 charges
	//   mend     Send Attempt.Ref unchanged.
	//
	// acmepay 0.1.0: 1 passed, 1 failed, 1 do not apply, in 100ms
}

func TestWhatCannotBeTriedIsAnError(t *testing.T) {
	settings := func(url string) map[string]any {
		return map[string]any{"base_url": url, "api_key": apiKey, "api_secret": apiSecret}
	}
	for name, c := range map[string]struct {
		config conformance.Config
		want   string
	}{
		"nothing":                    {conformance.Config{}, "give Plugin or Path"},
		"no binary":                  {conformance.Config{Path: "/nowhere/plugin"}, "/nowhere/plugin"},
		"no address":                 {conformance.Config{Plugin: newTally("")}, "let the setting base_url hold it"},
		"an address without sandbox": {conformance.Config{Plugin: newTally(""), Settings: settings("http://127.0.0.1:1")}, "no sandbox at http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conformance.Check(t.Context(), c.config)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q, got %v", c.want, err)
			}
		})
	}
}

func TestWithoutABinaryTheClausesAboutProcessesDoNotApply(t *testing.T) {
	sandbox := startTallySandbox(t, sdk.KindPayment)
	report, err := conformance.Check(t.Context(), conformance.Config{
		Plugin: newTally("", sdk.KindPayment), Sandbox: sandbox.URL(),
		Settings: map[string]any{"api_key": apiKey, "api_secret": apiSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	var moot []string
	for _, f := range report.Findings {
		if f.Verdict == conformance.DoesNotApply {
			moot = append(moot, f.Clause)
		}
	}
	want := []string{
		"SIGTERM during a call does not lose it", "the end of the lifeline ends the process", "noise on stdout is harmless",
	}
	if diff := cmp.Diff(want, moot); diff != "" || len(report.Failed()) > 0 {
		t.Errorf("failed %v, do not apply (-want +got):\n%s", report.Failed(), diff)
	}
}
