package host

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// supported reports that there are no process groups and no lifeline here.
func supported() error { return errors.New("plugin processes are not supported on windows") }

func ownGroup() *syscall.SysProcAttr { return nil }

func killGroup(int) error { return supported() }

func openNoFollow(path string) (*os.File, error) { return os.Open(path) }

func lockShared(*os.File) error { return supported() }

func lockAlone(*os.File) bool { return false }

func ownedByOther(fs.FileInfo) bool { return true }
