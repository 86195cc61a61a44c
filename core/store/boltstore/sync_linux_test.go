package boltstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
)

// roleOneByOne writes one after the other until the first failure, and tells what
// came of each.
const roleOneByOne = "onebyone"

func writeOneByOne(s *boltstore.Store) int {
	s.InterceptCommits(func(commit func() error) error {
		onOneThread()
		return commit()
	})
	for n := range syncedCommits {
		err := s.Apply(context.Background(), create(n))
		if err == nil {
			fmt.Println("ack", n)
			continue
		}
		fmt.Println("failed", n)
		if errors.Is(err, core.ErrPoisoned) {
			fmt.Println("poisoned", n)
		}
		if s.Apply(context.Background(), create(n+1)) == nil {
			fmt.Println("ack", n+1)
		}
		return 0
	}
	return 0
}

// told is what a process said of its writes.
type told struct{ acked, failed, poisoned []int }

// withFailingSyncs runs a role while the kernel refuses the n-th sync of the
// thread that commits; each commit syncs its pages and then its meta page.
func withFailingSyncs(t *testing.T, strace, role, path, which string) told {
	t.Helper()
	inject := "inject=fdatasync:error=EIO:when=" + which
	out, err := command(t, role, path, strace, "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "-e", inject).Output()
	if err != nil {
		t.Fatalf("sync %s: %v\n%s", which, err, out)
	}
	said := func(word string) []int { return numbers(t, bytes.NewReader(out), word) }
	return told{said("ack"), said("failed"), said("poisoned")}
}

// wrongAfter counts the writes that were acknowledged after one had failed.
func (s told) wrongAfter() (wrong int) {
	for _, n := range s.acked {
		if len(s.failed) > 0 && n > s.failed[0] {
			wrong++
		}
	}
	return wrong
}

// tracer returns the path of a strace that works here.
func tracer(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		absent(t, "strace", err)
	}
	if out, err := exec.CommandContext(t.Context(), strace, "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		absent(t, "strace "+string(out), err)
	}
	return strace
}

func TestAFailedSyncPoisonsTheStore(t *testing.T) {
	t.Parallel()
	places := 12
	if chaos() {
		places = 200
	}
	strace := tracer(t)
	poisoned, wrong, gone, stayed := 0, 0, 0, 0
	for place := 1; place <= places; place++ {
		path := filled(t, 0)
		// All later ones fail too, as on a disk that is gone.
		said := withFailingSyncs(t, strace, roleOneByOne, path, strconv.Itoa(place)+"+")
		if want := (place - 1) / 2; len(said.failed) != 1 || said.failed[0] != want {
			t.Fatalf("sync %d: the payments %v failed, want %d", place, said.failed, want)
		}
		poisoned += len(said.poisoned)
		wrong += said.wrongAfter()
		gone += lost(t, path, said.acked)
		stayed += len(said.failed) - lost(t, path, said.failed)
	}
	if poisoned != places || wrong > 0 || gone > 0 {
		t.Errorf("poisoned at %d of %d places, %d acknowledged afterwards, %d acknowledged are lost", poisoned, places, wrong, gone)
	}
	control := withFailingSyncs(t, strace, rolePlain, newPath(t), "9")
	t.Logf("chaos 4: fdatasync failed at %d of %d places, both syncs of a commit: poisoned every time, %d wrong acknowledgements, "+
		"%d lost, %d failed commits found when read again; control without poisoning: %d acknowledgements after the failure",
		poisoned, places, wrong, gone, stayed, control.wrongAfter())
	if control.wrongAfter() == 0 {
		t.Error("the control stops by itself: the test shows nothing")
	}
}
