package paymux_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build builds a command of this module into dir and returns its path.
func build(t *testing.T, dir, command string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.Base(command))
	output, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./"+command).CombinedOutput()
	if err != nil {
		t.Fatalf("go build ./%s: %v\n%s", command, err, output)
	}
	return path
}

// shop is a folder with the configuration of the README, and a sandbox.
type shop struct {
	dir     string
	sandbox *sandbox.Server
	// variables are the environment that leads the configuration to the sandbox.
	variables map[string]string
}

func openShop(t *testing.T) shop {
	t.Helper()
	readFolders(t)
	s := shop{dir: t.TempDir(), sandbox: sandbox.New(sandbox.Options{CompletionDelay: -1})}
	if err := s.sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.sandbox.Close(); err != nil {
			t.Error(err)
		}
	})
	build(t, filepath.Join(s.dir, "bin", "plugins"), "plugins/cinetpay")
	for i, name := range []string{"paymux.yaml", "routes.yaml"} {
		text := readPages(t)[0].code("yaml")[i].text
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.variables = map[string]string{
		"CINETPAY_API_KEY": sandbox.APIKey, "CINETPAY_SECRET_KEY": sandbox.SecretKey,
		"CINETPAY_TRANSFER_PASSWORD":                                 sandbox.TransferPassword,
		"PAYMUX_PROVIDERS__CINETPAY_CI__SETTINGS__BASE_URL":          s.sandbox.URL(),
		"PAYMUX_PROVIDERS__CINETPAY_CI__SETTINGS__TRANSFER_BASE_URL": s.sandbox.URL(),
		"PAYMUX_SERVER__LISTEN":                                      "127.0.0.1:0",
	}
	return s
}

// command is one of the README's, run in the shop's folder.
func (s shop) command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = s.dir, os.Environ()
	for name, value := range s.variables {
		command.Env = append(command.Env, name+"="+value)
	}
	return command
}

// serve runs the engine until stop, and returns where it listens. stop returns
// how the process ended after SIGTERM.
func (s shop) serve(t *testing.T, engine string) (address string, stop func() error) {
	t.Helper()
	command := s.command(t, engine, "serve", "-c", "paymux.yaml")
	log, err := os.Create(filepath.Join(s.dir, "engine.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	command.Stderr = log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, found, ok := strings.Cut(lines.Text(), "listening on "); ok {
			address = found
			break
		}
	}
	stop = func() error {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, out); err != nil {
			return err
		}
		return command.Wait()
	}
	if address == "" {
		ended := stop()
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("engine serve: %v\n%s", ended, said)
	}
	return address, stop
}

// TestTheMoneyOfTheReadmeMoves does what the README says, word for word, but
// for the ports.
func TestTheMoneyOfTheReadmeMoves(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	engine := build(t, s.dir, "cmd/engine")
	if output, err := s.command(t, engine, "validate", "-c", "paymux.yaml", "--plugins").CombinedOutput(); err != nil {
		t.Fatalf("engine validate: %v\n%s", err, output)
	}
	address, stop := s.serve(t, engine)
	calls := curls(t)
	answer := post(t, address, calls["/v1/payments"], nil)
	var want map[string]any
	if err := json.Unmarshal([]byte(readPages(t)[0].code("json")[0].text), &want); err != nil {
		t.Fatal(err)
	}
	for _, fault := range missing("answer", want, answer) {
		t.Error(fault)
	}
	ref := answer["attempts"].([]any)[0].(map[string]any)["ref"].(string)
	if err := s.sandbox.Decide(ref, sandbox.Decision{Action: sandbox.Pay}); err != nil {
		t.Error(err)
	}
	awaitSucceeded(t, address, answer["id"].(string))
	givesBack(t, address, calls, answer)
	paysOut(t, address, calls, s.sandbox)
	if err := stop(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if output, err := s.command(t, engine, "store", "check", "data/paymux.db").CombinedOutput(); err != nil {
		t.Errorf("engine store check: %v\n%s", err, output)
	}
}

// givesBack records the README's refund of the payment.
func givesBack(t *testing.T, address string, calls map[string][]string, payment map[string]any) {
	t.Helper()
	refund := post(t, address, calls["/v1/payments/ID/refunds"], payment)
	if refund["state"] != "succeeded" || refund["payment"] != payment["id"] || refund["amount"] != "2000" {
		t.Errorf("the refund is %v", refund)
	}
}

// paysOut makes the README's payout, which waits, and approves it.
func paysOut(t *testing.T, address string, calls map[string][]string, at *sandbox.Server) {
	t.Helper()
	payout := post(t, address, calls["/v1/payouts"], nil)
	if payout["state"] != "awaiting_approval" || len(payout["attempts"].([]any)) > 0 {
		t.Fatalf("the payout is %v", payout)
	}
	approved := post(t, address, calls["/v1/payouts/ID/approve"], payout)
	attempts := approved["attempts"].([]any)
	if len(attempts) != 1 {
		t.Fatalf("the approved payout is %v", approved)
	}
	ref := attempts[0].(map[string]any)["ref"].(string)
	if err := at.Decide(ref, sandbox.Decision{Action: sandbox.Pay}); err != nil {
		t.Error(err)
	}
	awaitSucceeded(t, address, payout["id"].(string))
}

var exampleID = regexp.MustCompile(`(pay|out)_[0-9A-Z]{26}`)

// curls are the curl commands of the README that have a body, as their words, by
// the path that they call. There an id is ID.
func curls(t *testing.T) map[string][]string {
	t.Helper()
	calls := map[string][]string{}
	for _, block := range readPages(t)[0].code("sh") {
		for _, words := range shellWords(block.text) {
			if words[0] == "curl" && slices.Contains(words, "-d") {
				calls[exampleID.ReplaceAllString(pathOf(words), "ID")] = words
			}
		}
	}
	return calls
}

func pathOf(words []string) string {
	url := words[slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, "http://") })]
	_, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	return "/" + path
}

// post does a curl command of the README at address, about the transaction about
// in place of the one that it names.
func post(t *testing.T, address string, words []string, about map[string]any) map[string]any {
	t.Helper()
	if words == nil {
		t.Fatal("the README has no such call")
	}
	path, status := pathOf(words), http.StatusCreated
	if id, ok := about["id"].(string); ok {
		path = exampleID.ReplaceAllString(path, id)
	}
	if strings.HasSuffix(path, "/approve") {
		status = http.StatusOK
	}
	body := words[slices.Index(words, "-d")+1]
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i, word := range words {
		if word == "-H" {
			name, value, _ := strings.Cut(words[i+1], ": ")
			req.Header.Set(name, value)
		}
	}
	return do(t, req, status)
}

func awaitSucceeded(t *testing.T, address, id string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	state := ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/v1/transactions/"+id+"?expand=history", nil)
		if err != nil {
			t.Fatal(err)
		}
		tx := do(t, req, http.StatusOK)
		if tx["history"] == nil {
			t.Fatal("the history is not shown")
		}
		if state = tx["state"].(string); state == "succeeded" {
			return
		}
	}
	t.Errorf("%s is %s, want succeeded", id, state)
}

func do(t *testing.T, req *http.Request, want int) map[string]any {
	t.Helper()
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		t.Fatalf("%s %s: %s, %v\n%s", req.Method, req.URL.Path, resp.Status, err, text)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// missing names what an answer lacks of the one that the README shows, and the
// words in which it differs. Ids and addresses are others each time.
func missing(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		var faults []string
		for name, value := range want {
			if object[name] == nil {
				faults = append(faults, path+"."+name+" is missing")
				continue
			}
			if !slices.Contains([]string{"id", "ref", "url"}, name) {
				faults = append(faults, missing(path+"."+name, value, object[name])...)
			}
		}
		return faults
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			return []string{path + " has another length"}
		}
		return missing(path+"[0]", want[0], list[0])
	default:
		if want != got {
			return []string{path + " differs"}
		}
		return nil
	}
}
