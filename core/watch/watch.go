// Package watch says that the content of files has changed. It is the only importer
// of fsnotify.
//
// What counts is the content: the files are read every two seconds, in any case. The
// file system's word that something happened in their folders only makes that
// earlier; it may be missing, as it is for a file that a symlink leads to elsewhere.
// So a file that is renamed over, removed and written again, or swapped with the
// folder that a symlink leads to, is found as any other.
package watch

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/hashicorp/go-hclog"
)

const (
	// Every is how often the files are read.
	Every = 2 * time.Second
	// Settled is how long a content must stay the same before it is one: an editor
	// that writes in place leaves half a file for a moment.
	Settled = 100 * time.Millisecond
	// settledMax bounds how long that is waited for.
	settledMax = 5 * time.Second
	// readMax is how much of a file is read; what is behind it is too large for any reader.
	readMax = 8 << 20
)

// Options are what Run needs; all but Logger are required.
type Options struct {
	// Files returns what to watch. It is asked before each look.
	Files func() []string
	// Changed is called when the content is another one than it was called for before,
	// and once at the beginning. The next look is after it.
	Changed func(context.Context)
	Logger  hclog.Logger

	hints <-chan struct{} // In place of the file system's, in tests.
}

// Run watches until ctx is done.
func Run(ctx context.Context, options Options) {
	if options.Logger == nil {
		options.Logger = hclog.NewNullLogger()
	}
	var folders *folders
	if options.hints == nil {
		folders = watchFolders(ctx, options.Logger)
		defer folders.close()
		options.hints = folders.hints
	}
	ticker := time.NewTicker(Every)
	defer ticker.Stop()
	var last content
	for {
		folders.follow(options.Files())
		if now := read(options.Files()); now != last {
			last = settle(ctx, now, options.Files)
			options.Changed(ctx)
		}
		select {
		case <-ticker.C:
		case <-options.hints:
		case <-ctx.Done():
			return
		}
	}
}

// content stands for what is in all files.
type content [sha256.Size]byte

// settle returns the content once it stays as it is now.
func settle(ctx context.Context, now content, files func() []string) content {
	for began := time.Now(); time.Since(began) < settledMax; {
		if !sleep(ctx, Settled) {
			return now
		}
		was := now
		if now = read(files()); now == was {
			return now
		}
	}
	return now
}

func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// read hashes all files; one that cannot be read has a content of its own.
func read(files []string) content {
	all := sha256.New()
	for _, name := range files {
		one := sha256.New()
		if err := readInto(one, name); err != nil {
			all.Write([]byte("unreadable"))
		}
		all.Write(one.Sum(nil))
	}
	return content(all.Sum(nil))
}

// readInto never opens what is no file: a pipe would wait for its writer.
func readInto(w io.Writer, name string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return os.ErrNotExist
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // It was only read.
	_, err = io.Copy(w, io.LimitReader(file, readMax))
	return err
}

// folders hints at changes in the folders of files. Nil hints at nothing.
type folders struct {
	watcher *fsnotify.Watcher
	hints   chan struct{}
	names   chan []string
	ended   chan struct{}
	log     hclog.Logger
}

func watchFolders(ctx context.Context, log hclog.Logger) *folders {
	f := &folders{hints: make(chan struct{}, 1), names: make(chan []string, 1), ended: make(chan struct{}), log: log}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("changes of files are found by reading them", "every", Every.String(), "error", err)
		close(f.ended)
		return f
	}
	f.watcher = watcher
	go f.hear(ctx)
	return f
}

func (f *folders) close() {
	if f != nil && f.watcher != nil {
		_ = f.watcher.Close() // Nothing was written.
		<-f.ended
	}
}

// follow watches the folders of files. A folder that was made anew is watched again.
func (f *folders) follow(files []string) {
	if f == nil || f.watcher == nil {
		return
	}
	for _, name := range files {
		if err := f.watcher.Add(filepath.Dir(name)); err != nil {
			f.log.Debug("folder not watched", "folder", filepath.Dir(name), "error", err)
		}
	}
	select {
	case <-f.names:
	default:
	}
	f.names <- files
}

// hear hints at each event that may be about the files. Others in the same folder,
// such as those of a store, are none of ours.
func (f *folders) hear(ctx context.Context) {
	defer close(f.ended)
	var files []string
	for {
		select {
		case files = <-f.names:
		case event, ok := <-f.watcher.Events:
			if !ok {
				return
			}
			if about(event.Name, files) {
				f.hint()
			}
		case err, ok := <-f.watcher.Errors:
			if !ok {
				return
			}
			f.log.Debug("word of the file system lost", "error", err)
			f.hint()
		case <-ctx.Done():
			return
		}
	}
}

func (f *folders) hint() {
	select {
	case f.hints <- struct{}{}:
	default:
	}
}

// swapped is the symlink that Kubernetes swaps when a mounted configuration changes.
const swapped = "..data"

// about reports whether an event's name may be that of one of the files.
func about(name string, files []string) bool {
	base := filepath.Base(name)
	return base == swapped || slices.ContainsFunc(files, func(file string) bool { return filepath.Base(file) == base })
}
