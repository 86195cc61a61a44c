package boltstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
)

// Roles of the test binary when a test starts it as another process.
const (
	roleVariable = "PAYMUX_BOLTSTORE_ROLE"
	pathVariable = "PAYMUX_BOLTSTORE_PATH"

	roleWriter   = "writer"   // Writes until it is killed, and tells each payment once it is durable.
	roleHasty    = "hasty"    // The control: tells each payment before it is written.
	rolePlain    = "plain"    // Another: writes with bbolt alone, which goes on after a failure.
	roleUnsynced = "unsynced" // Another control: syncs nothing.
)

func child(role string) int {
	if role == rolePlain {
		return writePlainly(os.Getenv(pathVariable))
	}
	s, err := boltstore.Open(os.Getenv(pathVariable))
	if err != nil {
		fmt.Println("open", err)
		return 1
	}
	switch role {
	case roleWriter, roleUnsynced:
		if role == roleUnsynced {
			s.SyncNothing()
		}
		writeForEver(func(c core.Commit, n int) {
			if s.Apply(context.Background(), c) == nil {
				fmt.Println("ack", n)
			}
		})
	case roleHasty:
		writeForEver(func(c core.Commit, n int) {
			fmt.Println("ack", n)
			_ = s.Apply(context.Background(), c)
		})
	default:
		return childOfSystem(role, s)
	}
	return 0
}

// writeForEver lets 16 callers write payments of their own numbers.
func writeForEver(write func(core.Commit, int)) {
	const callers = 16
	for caller := range callers {
		go func() {
			for n := caller; ; n += callers {
				write(create(n), n)
			}
		}()
	}
	select {}
}

func command(t *testing.T, role, path string, before ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	all := append(before, self)
	cmd := exec.CommandContext(t.Context(), all[0], all[1:]...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// killedAfter runs a writer, kills it after a time and returns the payments it told of.
func killedAfter(t *testing.T, role, path string, life time.Duration) []int {
	t.Helper()
	cmd := command(t, role, path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killer := time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
	defer killer.Stop()
	acked := numbers(t, out, "ack")
	_ = cmd.Wait() // It was killed.
	return acked
}

// numbers reads the lines that begin with word; a last line may be cut.
func numbers(t *testing.T, out io.Reader, word string) []int {
	t.Helper()
	var all []int
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return all
		}
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != word {
			continue
		}
		n, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
}

// chaos reports whether tests shall run as many rounds as it takes to believe them.
func chaos() bool { return os.Getenv("PAYMUX_CHAOS") == "1" }

// lost returns how many of the payments are not in the file.
func lost(t *testing.T, path string, acked []int) int {
	t.Helper()
	mustBeWhole(t, path)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	gone := 0
	for _, n := range acked {
		if _, err := s.Transaction(t.Context(), payment(n).ID); err != nil {
			gone++
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return gone
}

// missing is lost for a store that may not be whole.
func missing(path string, acked []int) (gone int) {
	s, err := boltstore.OpenReadOnly(path)
	if err != nil {
		return len(acked)
	}
	defer func() { _ = s.Close() }()
	for _, n := range acked {
		if _, err := s.Transaction(context.Background(), payment(n).ID); err != nil {
			gone++
		}
	}
	return gone
}

func life() time.Duration { return time.Duration(50+rand.IntN(250)) * time.Millisecond }

func TestAKilledProcessLosesNothingThatItTold(t *testing.T) {
	const kills = 8
	path := newPath(t)
	total := 0
	for range kills {
		acked := killedAfter(t, roleWriter, path, life())
		total += len(acked)
		if gone := lost(t, path, acked); gone > 0 {
			t.Errorf("%d of %d acknowledged payments are lost", gone, len(acked))
		}
		path = newPath(t)
	}
	if total == 0 {
		t.Error("nothing was acknowledged: the test shows nothing")
	}
	t.Logf("%d kills, %d acknowledged, 0 lost", kills, total)
}

// TestAHastyProcessLosesSome is the control: the test above can fail.
func TestAHastyProcessLosesSome(t *testing.T) {
	total, gone := 0, 0
	for range 20 {
		path := newPath(t)
		acked := killedAfter(t, roleHasty, path, life())
		total += len(acked)
		if _, err := os.Stat(path); err == nil {
			gone += lost(t, path, acked)
		}
		if gone > 0 {
			break
		}
	}
	if gone == 0 {
		t.Errorf("none of %d payments told too early is lost: the crash test cannot see a loss", total)
	}
	t.Logf("%d told too early, %d lost", total, gone)
}
