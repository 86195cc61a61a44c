package host_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core/host"
)

// A frozen plugin is killed with its group and takes a moment to end: it is not a
// process that it left behind.
func TestOnlyWhoLeftTheGroupWasLeftBehind(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ ofAnotherGroup, found bool }{
		"the plugin itself":              {false, false},
		"a process in a group elsewhere": {true, true},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			cmd := exec.Command("sleep", "60")
			cmd.Env = append(os.Environ(), "TMPDIR="+folder)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			group := cmd.Process.Pid
			if test.ofAnotherGroup {
				group = os.Getpid()
			}
			found, err := host.KillStrays(folder, group, 5*time.Second)
			if err != nil || found != test.found {
				t.Errorf("found %t (%v), want %t", found, err, test.found)
			}
			<-ended // Killed in any case.
		})
	}
}
