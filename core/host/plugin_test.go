package host_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/serve"
	"github.com/paymux/paymux/sdk/wire"
)

// The variables that say what this binary is to be when a test starts it.
const (
	startVariable  = "HOST_TEST_START"  // How a plugin starts.
	engineVariable = "HOST_TEST_ENGINE" // The folder of an engine that is going to be killed.
	ledgerVariable = "HOST_TEST_LEDGER" // The file in which a provider notes what it did.
)

// TestMain runs the tests, or is a plugin, a plugin's child or an engine that
// one of them started.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(startVariable) == "grandchild":
		time.Sleep(time.Minute)
	case os.Getenv(engineVariable) != "":
		beEngine(os.Getenv(engineVariable))
	case os.Getenv(wire.Handshake.MagicCookieKey) != "":
		bePlugin(os.Getenv(startVariable))
	case len(os.Args) == 2 && os.Args[1] == "-debug":
		serve.Main(paper{})
	default:
		goleak.VerifyTestMain(m)
	}
}

// bePlugin starts as a test wants it.
func bePlugin(start string) {
	switch start {
	case "exit":
		fmt.Fprintln(os.Stderr, "no reason to live")
		os.Exit(3)
	case "noise":
		_, _ = syscall.Write(1, []byte("hello, world\n"))
	case "slow":
		time.Sleep(300 * time.Millisecond)
	case "frozen":
		path := os.Getenv("PLUGIN_UNIX_SOCKET_DIR") + "/frozen"
		if _, err := net.Listen("unix", path); err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintf(os.NewFile(1, "stdout"), "1|1|unix|%s|grpc\n", path)
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "log":
		writeBadLog()
	case "broker":
		serveBroker()
	default:
		shakeHandsBadly(start)
	}
	serve.Main(paper{})
}

// paper is a provider whose description of a payment says what goes wrong.
type paper struct{}

func (paper) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "paper", Version: "1.2.3",
		Settings: sdk.Schema{
			{Name: "site", Kind: sdk.FieldString},
			{Name: "key", Kind: sdk.FieldString, Secret: true},
		},
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {Idempotency: sdk.IdempotencyKey}},
	}
}

func (paper) Open(settings sdk.Settings) (sdk.Provider, error) {
	if settings.Text("site") == "wrong" {
		return nil, sdk.Diagnostics{{Path: "site", Summary: "unknown site", Detail: "see the provider's portal"}}
	}
	return paperAccount{settings.Text("site"), settings.Secret("key").Reveal()}, nil
}

type paperAccount struct{ site, key string }

func (a paperAccount) Capabilities() sdk.Capabilities { return sdk.Capabilities{Identity: a.site} }

// alive is what a call answers where nothing goes wrong: the process id.
func alive() sdk.Result {
	return sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: strconv.Itoa(os.Getpid())}
}

// CreatePayment does what the description says; the return URL is a file to
// make when it begins.
func (a paperAccount) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	mark(req.ReturnURL)
	result := alive()
	switch req.Description {
	case "wait":
		<-ctx.Done()
		return sdk.Result{}, ctx.Err()
	case "work":
		time.Sleep(300 * time.Millisecond)
	case "work long":
		time.Sleep(1500 * time.Millisecond)
	case "book":
		return result, book(req)
	case "site":
		time.Sleep(100 * time.Millisecond)
		result.Message = a.site
	case "exit":
		os.Exit(3)
	case "exit well":
		os.Exit(0)
	case "leak":
		leak()
	case "open":
		result.Message = descriptors()
	case "limits":
		text, err := os.ReadFile("/proc/self/limits")
		result.Message = string(text)
		return result, err
	case "shout":
		fmt.Fprintln(os.Stderr, "the key is "+a.key)
		fmt.Println("the key is " + a.key)
	case "shout and die":
		fmt.Fprintln(os.Stderr, "the key is "+a.key)
		panicBeside("the key is " + a.key)
	case "exit once":
		dieOnce(req.ProviderRef)
	case "freeze":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		<-ctx.Done() // The signal may reach another thread first.
		return sdk.Result{}, ctx.Err()
	case "panic":
		panic("the provider's code is wrong")
	case "panic beside":
		panicBeside("the provider's goroutine is wrong")
	case "print":
		fmt.Println("printed to stdout")
	case "environment":
		result.Message = strings.Join(os.Environ(), "\n")
	case "deadline":
		deadline, _ := ctx.Deadline()
		result.Message = time.Until(deadline).String()
	case "flood":
		floodStdout()
	case "child":
		return result, startGrandchild(false)
	case "daemon":
		return result, startGrandchild(true)
	}
	return result, nil
}

// book writes the attempt into the ledger and takes
// a while to answer, as a provider does.
func book(req sdk.PaymentRequest) error {
	ledger, err := os.OpenFile(os.Getenv(ledgerVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = ledger.WriteString(req.Ref + "\n")
	time.Sleep(5 * time.Millisecond)
	return errors.Join(err, ledger.Close())
}

// panicBeside ends the process as no guard of a call can keep it from.
func panicBeside(words string) {
	go func() { panic(words) }()
	select {}
}

// leak takes memory until the system gives no more.
func leak() {
	var held [][]byte
	for {
		held = append(held, make([]byte, 32<<20))
		for last := held[len(held)-1]; len(last) > 0; last = last[min(len(last), os.Getpagesize()):] {
			last[0] = 1
		}
	}
}

// descriptors lists what the process has open, a line each.
func descriptors() string {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, entry := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil {
			lines = append(lines, entry.Name()+" "+to)
		}
	}
	return strings.Join(lines, "\n")
}

// dieOnce ends the process unless the file at path was made by an earlier call.
func dieOnce(path string) {
	if mark(path) {
		os.Exit(3)
	}
}

func (paperAccount) CreatePayout(_ context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	dieOnce(req.ProviderRef)
	return alive(), nil
}

func (paperAccount) CreateRefund(_ context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	dieOnce(req.ProviderRef)
	return alive(), nil
}

func (paperAccount) Cancel(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	dieOnce(attempt.ProviderRef)
	return sdk.VerdictResult{}, nil
}

func (paperAccount) ApprovePayout(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	dieOnce(attempt.ProviderRef)
	return sdk.VerdictResult{}, nil
}

func (paperAccount) RejectPayout(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	dieOnce(attempt.ProviderRef)
	return sdk.VerdictResult{}, nil
}

func (paperAccount) QueryStatus(_ context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	dieOnce(attempt.ProviderRef)
	return alive(), nil
}

func (paperAccount) ListTransactions(_ context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	dieOnce(req.Cursor)
	return sdk.ListPage{}, nil
}

func (paperAccount) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	dieOnce(req.Query)
	return sdk.Notification{}, nil
}

func (paperAccount) LookupCustomer(_ context.Context, phone string) (sdk.Customer, error) {
	dieOnce(phone)
	return sdk.Customer{}, nil
}

// GetBalance dies the first time where the site is a path. Without one it is the
// smallest answer, for the benchmark.
func (a paperAccount) GetBalance(context.Context) ([]sdk.Balance, error) {
	dieOnce(a.site)
	return []sdk.Balance{{Available: money.Of(1500, money.XOF)}}, nil
}

// mark makes a file and reports whether it was not there before.
func mark(path string) bool {
	if path == "" {
		return false
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	return file.Close() == nil
}

// startGrandchild starts a process that holds stderr and outlives this one, if
// it is free outside of this one's group.
func startGrandchild(free bool) error {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{startVariable + "=grandchild", "TMPDIR=" + os.Getenv("TMPDIR")}
	cmd.Stderr = os.NewFile(2, "stderr")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: free}
	if err := cmd.Start(); err != nil {
		return errors.New("no grandchild: " + err.Error())
	}
	return nil
}
