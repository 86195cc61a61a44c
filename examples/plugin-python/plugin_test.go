package pluginpython_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/paymux/paymux/sdk/conformance"
	providerv1 "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func TestThePluginKeepsEveryClauseOfTheContract(t *testing.T) {
	t.Parallel()
	needPython(t)
	file := filepath.Join(t.TempDir(), "settings.yaml")
	write(t, file, startSandbox(t).settings())
	var report conformance.Report
	text := run(t, engine(t).Engine, "plugin", "test", built(t), "--settings", file, "--json")
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", f.Clause, f.Verdict, f.Seen)
		}
	}
	if report.Plugin != "tamarind" || len(report.Findings) < 25 {
		t.Errorf("a report of %q with %d findings", report.Plugin, len(report.Findings))
	}
}

func TestTheRuntimeDoesWhatItSays(t *testing.T) {
	t.Parallel()
	needPython(t)
	run(t, python, "-B", "test_runtime.py")
}

func TestTheSameSourcesAreTheSameBytes(t *testing.T) {
	t.Parallel()
	needPython(t)
	one, err := os.ReadFile(built(t))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(built(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(one) == 0 || !bytes.Equal(one, other) {
		t.Errorf("%d and %d bytes differ", len(one), len(other))
	}
}

func TestTheDescriptorsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("paymux_plugin/provider.binpb")
	if err != nil {
		t.Fatal(err)
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	want := protodesc.ToFileDescriptorProto(providerv1.File_provider_v1_provider_proto)
	got := set.GetFile()[len(set.GetFile())-1] // What it depends on comes before it.
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("make gen writes it anew (-want +got):\n%s", diff)
	}
}
